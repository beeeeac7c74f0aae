import { compareText } from '../compare-text.ts';
import type { MetricColumn } from '../store/metric-columns.ts';
import type { FailedConfiguration, JudgedConfiguration, Looks, OutcomeSet } from '../store/records.ts';
import type { AxisName } from '../sweep/axis-effects.ts';
import type { SweepTrust } from '../trust/trust-of-sweep.ts';
import type { TrustRow } from '../trust/trust-row.ts';
import { UserError } from '../user-error.ts';
import { type AxisConstant, constantAxes, varyingAxes } from './axes.ts';
import { type AxisSummary, summarizeAxes } from './axis-summary.ts';
import { type ColumnPlaces, type Entry, FIGURE_FIELDS, type Field, fieldNamed, PARAMETER_FIELDS } from './fields.ts';
import { type Fold, foldRows, unfolded } from './fold.ts';
import { outcomeWarnings, type WarnedOutcomes, warnedOutcomes } from './outcome-warnings.ts';
import { compareMissingLast, orderByTune, rounded } from './rank.ts';
import type { SweepLooks } from './sweep-budget.ts';
import { type VerdictWord, verdictOf } from './verdict-words.ts';
import { type Condition, parseCondition } from './where.ts';

export const STATUSES = ['pass', 'not-ready', 'unconverged', 'sealed', 'error'] as const;
/** A verdict's word, as an option has it. */
export type Status = (typeof STATUSES)[number];

/** As a command line gives it. */
export type LeaderboardQuery = {
  /** How many rows; without it all. */
  readonly top?: number | undefined;
  /** A field, or `FIELD:asc`, `FIELD:desc`. By rank when left out. */
  readonly sort?: string | undefined;
  /** All of them must hold. */
  readonly where?: readonly string[] | undefined;
  readonly status?: Status | undefined;
  /** Fields to show beside the usual ones. */
  readonly show?: readonly string[] | undefined;
  /** Shown where there is room, and so to be read. */
  readonly wanted?: readonly Field[] | undefined;
  /** Whether rows that read the same become one; `top` counts what is left. */
  readonly fold?: boolean | undefined;
};

/** A query that was checked. */
export type LeaderboardRequest = {
  readonly top: number;
  readonly sort: Sort | null;
  readonly conditions: readonly Condition[];
  readonly status: Status | null;
  /** To be shown in any case: those asked for, and what it is sorted by. */
  readonly show: readonly Field[];
  /** To be shown where there is room. */
  readonly wanted: readonly Field[];
  readonly fold: boolean;
  /** What has to be read beside the summaries. */
  readonly columns: readonly MetricColumn[];
};

export type Sort = { readonly field: Field; readonly descending: boolean };

export type Leaderboard = {
  readonly sweep: string | null;
  readonly baselineRunIds: readonly string[];
  /** The data that it is on, where another one stands beside it on the same baseline run. */
  readonly dataHash?: string;
  readonly sort: Sort | null;
  readonly conditions: readonly string[];
  readonly status: Status | null;
  readonly show: readonly Field[];
  readonly wanted: readonly Field[];
  /** Where the columns of these fields stand. */
  readonly at: ColumnPlaces;
  /** Of the whole sweep or store, whatever was asked to be shown. */
  readonly counts: {
    readonly judged: number;
    readonly pass: number;
    readonly notReady: number;
    readonly unconverged: number;
    /** Gates nobody was shown yet. */
    readonly sealed: number;
    readonly error: number;
    readonly pending: number;
  };
  /** How many configurations meet the conditions and status; `rows` or `failures` are the first of them. */
  readonly matchingCount: number;
  readonly rows: readonly LeaderboardRow[];
  /** The same rows as a table has them. */
  readonly folds: readonly Fold<LeaderboardRow>[];
  /** The best that passes among those that match, wherever it stands; null where none does. */
  readonly bestPass: LeaderboardRow | null;
  /** Those to show: all that match with status `error`, else none. */
  readonly failures: readonly FailedEntry[];
  /** The reasons of all failures that meet the conditions, the most frequent first. */
  readonly errorReasons: readonly { readonly reason: string; readonly count: number }[];
  /** The parameters that vary, in the order of a definition's axes. */
  readonly varying: readonly AxisName[];
  /** Those that do not, and their one value. */
  readonly constant: readonly AxisConstant[];
  /** Of all verdicts that meet the conditions, whatever their status. */
  readonly axes: readonly AxisSummary[];
  readonly lockedSplits: readonly Looks[];
  /** What to bear in mind when reading it; one sentence each. */
  readonly warnings: readonly string[];
  /** Whether rows were picked or put in order by what they did on a locked split. */
  readonly isSearched: boolean;
  /** What chance and choice may have made of it; null where that was not asked for. */
  readonly trust: LeaderboardTrust | null;
  /** How many characters of an id tell those shown from all others of the store. */
  readonly shortIdLength: number;
};

/** What may be believed of a sweep, and of its rows that are shown, by configuration. */
export type LeaderboardTrust = {
  /** Null where nothing is known, for a reason. */
  readonly statement: SweepTrust | null;
  readonly whyNone: string | null;
  readonly rows: ReadonlyMap<string, TrustRow>;
  /** How often everybody looked at the locked splits; null where that is not known, or the sweep alone did. */
  readonly looks: SweepLooks | null;
};

export type FailedEntry = Entry & { readonly outcome: FailedConfiguration };

export type LeaderboardRow = Entry & {
  readonly outcome: JudgedConfiguration;
  /** By tune among all verdicts of the leaderboard, 1 the best; whatever is shown, and in which order. */
  readonly rank: number;
};

/** @throws UserError when a field, condition or number makes no sense */
export function parseLeaderboardQuery(query: LeaderboardQuery): LeaderboardRequest {
  const { top = Infinity, wanted = [] } = query;
  if (top !== Infinity && !(Number.isInteger(top) && top >= 1)) {
    throw new UserError(`top: expected a whole number ≥ 1, got ${top}`);
  }
  const sort = query.sort === undefined ? null : parseSort(query.sort);
  const conditions = (query.where ?? []).map(parseCondition);
  const asked = [...(query.show ?? []).map(fieldNamed), ...(sort === null ? [] : [sort.field])];
  const show = [...new Map(asked.map((field) => [field.name, field])).values()];
  const fields = [...show, ...wanted, ...conditions.map((condition) => condition.field)];
  return {
    top,
    sort,
    conditions,
    status: query.status ?? null,
    show,
    fold: query.fold ?? false,
    wanted: wanted.filter((field) => !show.some(({ name }) => name === field.name)),
    columns: [...new Set(fields.flatMap((field) => field.columns))],
  };
}

/** What an `OutcomeSet` says beside its outcomes. */
export type LeaderboardFacts = {
  readonly sweep: string | null;
  readonly sweepsOf?: ((outcome: Entry['outcome']) => readonly string[]) | undefined;
};

/**
 * Ranks, filters, sorts and summarises. For the rank see `orderByTune`.
 *
 * @param outcomes read with the request's columns
 */
export function assembleLeaderboard(
  outcomes: OutcomeSet,
  request: LeaderboardRequest,
  facts: LeaderboardFacts = { sweep: null },
): Omit<Leaderboard, 'shortIdLength'> {
  const { conditions, sort, status } = request;
  const at = placesOf(request);
  const ranked = rankedEntries(outcomes.judged, facts);
  const errors = errorEntries(outcomes.failed, facts);
  const bound = conditions.map((condition) => condition.among([...ranked, ...errors], at));
  const meetsConditions = (entry: Entry) => bound.every((condition) => condition.holds(entry));
  const considered = ranked.filter(meetsConditions);
  const failing = errors.filter(meetsConditions);
  const rows = considered.filter((entry) => status === null || wordOf(status) === verdictWord(entry));
  if (sort !== null) sortEntries(rows, sort, at);
  const all = [...outcomes.judged, ...outcomes.failed];
  const warned = warnedOutcomes(outcomes);
  const varying = varyingAxes(all);
  const failures = status === 'error' ? failing : [];
  const folds = foldsOf(rows, request, at);
  return {
    sweep: facts.sweep,
    baselineRunIds: [...new Set(all.map(({ dataset }) => dataset.baselineRunId))],
    sort,
    conditions: conditions.map((condition) => condition.text),
    status,
    show: request.show,
    wanted: request.wanted,
    at,
    counts: countsOf(ranked, outcomes),
    matchingCount: rows.length + failures.length,
    rows: folds.flatMap((fold) => fold.rows),
    folds,
    bestPass: considered.find((entry) => verdictWord(entry) === 'pass') ?? null,
    failures: failures.slice(0, request.top),
    errorReasons: countReasons(failing),
    varying,
    constant: constantAxes(all, varying),
    // In the order of the store, which makes summing quicker.
    axes: summarizeAxes(conditions.length === 0 ? outcomes.judged : considered.map(({ outcome }) => outcome)),
    lockedSplits: lockedSplitsOf(warned),
    warnings: [...bound.flatMap(({ unmet }) => unmet ?? []), ...warningsOf(warned, request)],
    isSearched: isSearched(request),
    trust: null,
  };
}

/** Where an outcome that is read with the request's columns has them. */
export function placesOf({ columns }: LeaderboardRequest): ColumnPlaces {
  return new Map(columns.map((column, i) => [column, i]));
}

function parseSort(text: string): Sort {
  const match = /^(.*?)(?::(asc|desc))?$/s.exec(text);
  const field = fieldNamed(match?.[1] ?? text);
  return { field, descending: match?.[2] === undefined ? field.descendsByDefault : match[2] === 'desc' };
}

/** The best first. */
function rankedEntries(judged: readonly JudgedConfiguration[], facts: LeaderboardFacts): LeaderboardRow[] {
  const { sweep, sweepsOf } = facts;
  const own = sweep === null ? [] : [sweep];
  // A plain loop: Array.from over a typed array takes several times as long.
  const entries: LeaderboardRow[] = [];
  for (const i of orderByTune(judged)) {
    const outcome = judged[i]!;
    const sweeps = sweepsOf?.(outcome) ?? own;
    entries.push({ outcome, rank: entries.length + 1, sweeps, unconverged: outcome.unconverged });
  }
  return entries;
}

function errorEntries(failed: readonly FailedConfiguration[], { sweep, sweepsOf }: LeaderboardFacts): FailedEntry[] {
  const own = sweep === null ? [] : [sweep];
  return failed
    .toSorted((a, b) => compareText(a.configurationId, b.configurationId))
    .map((outcome) => ({ outcome, rank: null, sweeps: sweepsOf?.(outcome) ?? own, unconverged: [] }));
}

/** The rows that a table has: the first so many, each by itself or what reads the same in one. */
export function foldsOf(rows: readonly LeaderboardRow[], request: LeaderboardRequest, at: ColumnPlaces) {
  const { top, fold } = request;
  if (!fold) return unfolded(rows.slice(0, top), PARAMETER_FIELDS);
  return foldRows(rows, PARAMETER_FIELDS, figuresOf(request, at)).take(top).toArray();
}

/** What rows have to have in common to be folded, as it is shown. */
export function figuresOf({ show }: LeaderboardRequest, at: ColumnPlaces): (row: LeaderboardRow) => string {
  const shown = [...FIGURE_FIELDS, ...show];
  const texts = shown.map((field) => field.textOf([]));
  return (row) => shown.map((field, i) => texts[i]!(field.read(row, at))).join(' ');
}

function sortEntries(rows: LeaderboardRow[], { field, descending }: Sort, at: ColumnPlaces): void {
  const values = new Map(rows.map((row) => [row, rounded(field.read(row, at))]));
  rows.sort((a, b) => compareMissingLast(values.get(a)!, values.get(b)!, descending));
}

function verdictWord({ outcome, unconverged }: Entry): VerdictWord {
  return verdictOf(outcome, unconverged);
}

export function wordOf(status: Status): VerdictWord {
  return status === 'not-ready' ? 'not ready' : status;
}

function countsOf(ranked: readonly LeaderboardRow[], outcomes: OutcomeSet): Leaderboard['counts'] {
  const counts = { pass: 0, 'not ready': 0, unconverged: 0, sealed: 0, error: outcomes.failed.length };
  for (const row of ranked) counts[verdictWord(row)] += 1;
  const { 'not ready': notReady, ...others } = counts;
  return { judged: ranked.length, ...others, notReady, pending: outcomes.pendingCount };
}

function countReasons(failures: readonly FailedEntry[]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { outcome } of failures) {
    const { error } = outcome;
    const reason = `${error.name}: ${error.message}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

/** Of the baseline runs that verdicts are on. */
export function lockedSplitsOf({
  baselineRunIds,
  looks,
}: Pick<WarnedOutcomes, 'baselineRunIds' | 'looks'>): Leaderboard['lockedSplits'] {
  return looks.filter(({ baselineRunId }) => baselineRunIds.has(baselineRunId));
}

/** See `Leaderboard.isSearched`. */
export function isSearched(request: LeaderboardRequest): boolean {
  return request.sort?.field.spendsLockedSplit === true || spendingConditions(request).length > 0;
}

/** What to bear in mind of these outcomes, and of how they were picked. */
export function warningsOf(outcomes: WarnedOutcomes, request: LeaderboardRequest): string[] {
  const spent: string[] = [];
  if (request.sort?.field.spendsLockedSplit) spent.push('sorted by a locked split: selecting on it spends it');
  const spending = spendingConditions(request);
  if (spending.length > 0) spent.push(`filtered by a locked split (${spending.join(', ')}): selecting on it spends it`);
  return outcomeWarnings(outcomes, spent);
}

/** What picks rows by a locked split. */
function spendingConditions({ conditions, status }: LeaderboardRequest): string[] {
  const spending = conditions.filter(({ field }) => field.spendsLockedSplit).map(({ text }) => text);
  return status === 'pass' ? [...spending, 'status pass'] : spending;
}
