import type { MetricColumn, MetricValue } from '../store/metric-columns.ts';
import type { FailedConfiguration, JudgedConfiguration, OutcomeSet } from '../store/records.ts';
import type { UnconvergedFit } from '../store/unconverged-fits.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { AxisName } from '../sweep/axis-effects.ts';
import { UserError } from '../user-error.ts';
import { type AxisConstant, constantAxes, varyingAxes } from './axes.ts';
import { type AxisSummary, summarizeAxes } from './axis-summary.ts';
import { type ColumnPlaces, type Field, fieldNamed, type Outcome } from './fields.ts';
import { countOf } from './number-text.ts';
import { compareMissingLast, compareText, orderByTune } from './rank.ts';
import { type Condition, parseCondition } from './where.ts';

export const STATUSES = ['pass', 'fail', 'error'] as const;
/** `fail` was judged and is not ready; `error` could not be judged. */
export type Status = (typeof STATUSES)[number];

/** As a command line gives it. */
export type LeaderboardQuery = {
  /** Only this sweep; without it the whole store. */
  readonly sweep?: string | undefined;
  /** How many rows; without it all. */
  readonly top?: number | undefined;
  /** A field, or `FIELD:asc`, `FIELD:desc`. By rank when left out. */
  readonly sort?: string | undefined;
  /** All of them must hold. */
  readonly where?: readonly string[] | undefined;
  readonly status?: Status | undefined;
};

/** A query that was checked. */
export type LeaderboardRequest = {
  readonly sweep: string | null;
  readonly top: number;
  readonly sort: Sort | null;
  readonly conditions: readonly Condition[];
  readonly status: Status | null;
  /** What has to be read beside the summaries. */
  readonly columns: readonly MetricColumn[];
};

export type Sort = { readonly field: Field; readonly descending: boolean };

export type Leaderboard = {
  readonly sweep: string | null;
  readonly sort: Sort | null;
  readonly conditions: readonly string[];
  readonly status: Status | null;
  /** Of the whole sweep or store, whatever was asked to be shown. */
  readonly counts: {
    readonly judged: number;
    readonly passed: number;
    readonly notReady: number;
    readonly failed: number;
    readonly pending: number;
  };
  /** How many meet the conditions and status; `rows` or `failures` are the first of them. */
  readonly matchingCount: number;
  readonly rows: readonly LeaderboardRow[];
  /** Those to show: all that match with status `error`, else none. */
  readonly failures: readonly FailedConfiguration[];
  /** The reasons of all failures that meet the conditions, the most frequent first. */
  readonly failureReasons: readonly { readonly reason: string; readonly count: number }[];
  /** The parameters that vary, in the order of a definition's axes. */
  readonly varying: readonly AxisName[];
  /** Those that do not, and their one value. */
  readonly constant: readonly AxisConstant[];
  /** Of all verdicts that meet the conditions, whatever their status. */
  readonly axes: readonly AxisSummary[];
  readonly lockedSplits: readonly { readonly baselineRunId: string; readonly configurationCount: number }[];
  /** What to bear in mind when reading it; one sentence each. */
  readonly warnings: readonly string[];
  /** How many characters of an id tell those shown from all others of the store. */
  readonly shortIdLength: number;
};

export type LeaderboardRow = {
  /** By tune among all verdicts of the sweep or store, 1 the best; whatever is shown, and in which order. */
  readonly rank: number;
  readonly judged: JudgedConfiguration;
  /** Of the field that it is sorted by. */
  readonly sortValue: MetricValue;
  /** The fits that did not converge. */
  readonly unconverged: readonly UnconvergedFit[];
};

/** @throws UserError when a field, condition or number makes no sense */
export function parseLeaderboardQuery(query: LeaderboardQuery): LeaderboardRequest {
  const { top = Infinity } = query;
  if (top !== Infinity && !(Number.isInteger(top) && top >= 1)) {
    throw new UserError(`top: expected a whole number ≥ 1, got ${top}`);
  }
  const sort = query.sort === undefined ? null : parseSort(query.sort);
  const conditions = (query.where ?? []).map(parseCondition);
  const fields = [...(sort === null ? [] : [sort.field]), ...conditions.map((condition) => condition.field)];
  return {
    sweep: query.sweep ?? null,
    top,
    sort,
    conditions,
    status: query.status ?? null,
    columns: [...new Set(fields.flatMap((field) => field.columns))],
  };
}

/** Reads and assembles. */
export async function readLeaderboard(store: VerdictStore, query: LeaderboardQuery): Promise<Leaderboard> {
  const request = parseLeaderboardQuery(query);
  const outcomes = await store.outcomes({ sweep: query.sweep, metrics: request.columns });
  const leaderboard = assembleLeaderboard(outcomes, request);
  const shown = [...leaderboard.rows.map((row) => row.judged), ...leaderboard.failures].slice(0, MOST_SHORTENED);
  const unconverged = await store.unconvergedFits(leaderboard.rows.map((row) => row.judged));
  const rows = leaderboard.rows.map((row, i) => ({ ...row, unconverged: unconverged[i] ?? [] }));
  return {
    ...leaderboard,
    rows,
    shortIdLength: await store.shortIdLength(shown.map((outcome) => outcome.configurationId)),
  };
}

// Each costs two lookups; longer lists are for programs, which read whole ids.
const MOST_SHORTENED = 10_000;

/**
 * Ranks, filters, sorts and summarises. For the rank see `orderByTune`. Which fits did not converge is asked of the store
 * afterwards, for the rows that are shown.
 *
 * @param outcomes read with the request's columns
 */
export function assembleLeaderboard(
  outcomes: OutcomeSet,
  request: LeaderboardRequest,
): Omit<Leaderboard, 'shortIdLength'> {
  const at: ColumnPlaces = new Map(request.columns.map((column, i) => [column, i]));
  const meetsConditions = (outcome: Outcome) => request.conditions.every((condition) => condition.holds(outcome, at));
  const considered = outcomes.judged.filter(meetsConditions);
  const rows = rowsOf(outcomes.judged, request, at, meetsConditions);
  const failures = outcomes.failed
    .filter(meetsConditions)
    .sort((a, b) => compareText(a.configurationId, b.configurationId));
  const all = [...outcomes.judged, ...outcomes.failed];
  const varying = varyingAxes(all);
  const shownFailures = request.status === 'error' ? failures : [];
  const passed = outcomes.judged.filter((judged) => judged.passed).length;
  return {
    sweep: request.sweep,
    sort: request.sort,
    conditions: request.conditions.map((condition) => condition.text),
    status: request.status,
    counts: {
      judged: outcomes.judged.length,
      passed,
      notReady: outcomes.judged.length - passed,
      failed: outcomes.failed.length,
      pending: outcomes.pendingCount,
    },
    matchingCount: rows.length + shownFailures.length,
    rows: rows.slice(0, request.top),
    failures: shownFailures.slice(0, request.top),
    failureReasons: countReasons(failures),
    varying,
    constant: constantAxes(all, varying),
    axes: summarizeAxes(considered),
    lockedSplits: lockedSplitsOf(outcomes),
    warnings: warningsOf(outcomes, request),
  };
}

function parseSort(text: string): Sort {
  const match = /^(.*?)(?::(asc|desc))?$/s.exec(text);
  const field = fieldNamed(match?.[1] ?? text);
  return { field, descending: match?.[2] === undefined ? field.descendsByDefault : match[2] === 'desc' };
}

/** All that match, in the order in which they are shown. */
function rowsOf(
  judged: readonly JudgedConfiguration[],
  { sort, status }: LeaderboardRequest,
  at: ColumnPlaces,
  meetsConditions: (outcome: Outcome) => boolean,
): LeaderboardRow[] {
  const rows: LeaderboardRow[] = [];
  let rank = 0;
  for (const i of orderByTune(judged)) {
    const verdict = judged[i]!;
    rank += 1;
    if (!meetsConditions(verdict) || !hasStatus(verdict, status)) continue;
    rows.push({
      rank,
      judged: verdict,
      sortValue: sort === null ? null : sort.field.valueOf(verdict, at),
      unconverged: [],
    });
  }
  if (sort !== null) rows.sort((a, b) => compareMissingLast(a.sortValue, b.sortValue, sort.descending));
  return rows;
}

function hasStatus(judged: JudgedConfiguration, status: Status | null): boolean {
  return status === null || (status === 'pass' && judged.passed) || (status === 'fail' && !judged.passed);
}

function countReasons(failures: readonly FailedConfiguration[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { error } of failures) {
    const reason = `${error.name}: ${error.message}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

function lockedSplitsOf(outcomes: OutcomeSet): Leaderboard['lockedSplits'] {
  const baselineRunIds = new Set(outcomes.judged.map((judged) => judged.dataset.baselineRunId));
  return [...outcomes.lockedSplitCounts]
    .filter(([baselineRunId]) => baselineRunIds.has(baselineRunId))
    .map(([baselineRunId, configurationCount]) => ({ baselineRunId, configurationCount }));
}

function warningsOf(outcomes: OutcomeSet, { sort, conditions, status }: LeaderboardRequest): string[] {
  const warnings: string[] = [];
  if (sort?.field.spendsLockedSplit) warnings.push('sorted by a locked split: selecting on it spends it');
  const spending = conditions
    .filter((condition) => condition.field.spendsLockedSplit)
    .map((condition) => condition.text);
  if (status === 'pass') spending.push('status pass');
  if (spending.length > 0)
    warnings.push(`filtered by a locked split (${spending.join(', ')}): selecting on it spends it`);
  const codeVersions = new Set(outcomes.judged.map((judged) => judged.codeVersion));
  if (codeVersions.size > 1)
    warnings.push(`verdicts by ${countOf(codeVersions.size, 'code version')}: ${[...codeVersions].join(', ')}`);
  const baselines = new Set(outcomes.judged.map((judged) => judged.dataset.baselineRunId));
  if (baselines.size > 1) {
    warnings.push(
      `verdicts on ${countOf(baselines.size, 'baseline run')} (${[...baselines].join(', ')}): their figures do not compare`,
    );
  }
  return warnings;
}
