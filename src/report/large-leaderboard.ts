import { countOf, countText } from '../counts.ts';
import type {
  RankedFacts,
  RankedOutcomes,
  RankedVerdict,
  StoredCondition,
  SweepView,
} from '../store/ranked-outcomes.ts';
import { UserError } from '../user-error.ts';
import { axisSummary, inOrder } from './axis-summary.ts';
import {
  figuresOf,
  foldsOf,
  isSearched,
  type Leaderboard,
  type LeaderboardRequest,
  type LeaderboardRow,
  lockedSplitsOf,
  placesOf,
  warningsOf,
  wordOf,
} from './leaderboard.ts';
import type { WarnedOutcomes } from './outcome-warnings.ts';
import { VERDICT_WORDS, verdictOf } from './verdict-words.ts';
import { type Condition, unmetNumbers, unmetTexts } from './where.ts';

/** More rows than these are not brought here to be shown. */
const MOST_ROWS = 100_000;

/** A field with more different values than these is not listed, and what a condition says of it is asked of each value. */
const MOST_VALUES = 10_000;
/** Of more texts than that these on each side of one that is none of them are named. */
const MOST_BESIDE = 2;

/**
 * The leaderboard of a sweep with too many outcomes to be read: the same as `assembleLeaderboard` makes of all of them, of
 * which the database gives those alone that are shown, and counts.
 *
 * @param mostValues for tests: what takes very many values otherwise
 * @throws UserError when more rows are to be shown than can be
 */
export async function largeLeaderboard(
  ranked: RankedOutcomes,
  query: SweepView,
  request: LeaderboardRequest,
  mostValues = MOST_VALUES,
): Promise<Omit<Leaderboard, 'shortIdLength'>> {
  const facts = await ranked.facts(query);
  const bound = await inTurn(request.conditions, (condition) => boundIn(ranked, query, condition, mostValues));
  const conditions = bound.flatMap(({ stored }) => stored ?? []);
  const meeting =
    conditions.length === 0
      ? { judged: facts.judgedCount, failed: facts.failedCount }
      : await ranked.count(query, conditions);
  const { status, top } = request;
  const ofStatus: StoredCondition[] =
    status === null ? conditions : [...conditions, { value: WORD, test: { kind: 'among', values: [wordOf(status)] } }];
  const rowCount = status === null ? meeting.judged : (await ranked.count(query, ofStatus)).judged;
  const listedCount = rowCount + (status === 'error' ? meeting.failed : 0);
  if (Math.min(top, listedCount) > MOST_ROWS) {
    throw new UserError(
      `${countOf(listedCount, 'configuration')} are to be listed; of a database ${countText(MOST_ROWS)} can be at once. ` +
        'Take --top N, or `sweep export`, which writes all of them as CSV, page by page',
    );
  }
  const at = placesOf(request);
  const folds = await firstFolds(ranked, query, request, { conditions: ofStatus, rowCount, at });
  const rows = folds.flatMap((fold) => fold.rows);
  const bestPass = await firstPass(ranked, query, conditions, request.sort === null && status === null ? rows : []);
  const failures = status === 'error' ? await ranked.failures(query, conditions, top) : [];
  const warned = warnedFacts(facts);
  const parameters = [...(await ranked.parameters(query, conditions))];
  const varying = parameters.filter(([, values]) => values.length > 1);
  return {
    sweep: query.sweep,
    baselineRunIds: facts.judgedCount + facts.failedCount > 0 ? [facts.baselineRunId] : [],
    sort: request.sort,
    conditions: request.conditions.map(({ text }) => text),
    status,
    show: request.show,
    wanted: request.wanted,
    at,
    counts: countsOf(facts),
    matchingCount: listedCount,
    rows,
    folds,
    bestPass,
    failures: failures.map((outcome) => ({ outcome, rank: null, sweeps: [query.sweep], unconverged: [] })),
    errorReasons: await ranked.reasons(query, conditions),
    varying: varying.map(([axis]) => axis),
    constant: parameters.flatMap(([axis, [first, ...others]]) =>
      first === undefined || others.length > 0 ? [] : [{ axis, value: first.value }],
    ),
    axes: inOrder(
      varying.map(([axis, values]) =>
        axisSummary(
          axis,
          values.flatMap(({ value, ratios }) => (ratios === null ? [] : [{ value, ...ratios }])),
        ),
      ),
    ),
    lockedSplits: lockedSplitsOf(warned),
    warnings: [...bound.flatMap(({ unmet }) => unmet ?? []), ...warningsOf(warned, request)],
    isSearched: isSearched(request),
    trust: null,
  };
}

const WORD = { of: 'word', words: VERDICT_WORDS } as const;
const IS_PASS: StoredCondition = { value: WORD, test: { kind: 'among', values: [VERDICT_WORDS.passed] } };

type Bound = {
  /** Null where everything meets it. */
  readonly stored: StoredCondition | null;
  readonly unmet: string | null;
};

/** A condition for the database, by the values that there are, where they can be listed. */
async function boundIn(
  ranked: RankedOutcomes,
  query: SweepView,
  condition: Condition,
  mostValues: number,
): Promise<Bound> {
  const { field } = condition;
  const values = await ranked.values(query, field.stored, mostValues);
  if (values !== null) {
    const { met, unmet } = condition.amongValues(new Set(values));
    const isAll = met.size === values.length;
    return { stored: isAll ? null : { value: field.stored, test: { kind: 'among', values: [...met] } }, unmet };
  }
  const { number, wanted } = condition;
  if (wanted !== null) {
    const stored: StoredCondition = { value: field.stored, test: condition.beyond(false) };
    const isUnmet = isNone(await ranked.count(query, [stored]));
    if (!isUnmet) return { stored, unmet: null };
    const beside = await ranked.textsBeside(query, field.stored, wanted, MOST_BESIDE);
    return { stored, unmet: unmetTexts(condition, mostValues, beside) };
  }
  const { least, greatest, has } = await ranked.numbersOf(query, field.stored, number);
  const stored: StoredCondition = { value: field.stored, test: condition.beyond(has) };
  const isUnmet = least !== null && greatest !== null && isNone(await ranked.count(query, [stored]));
  return { stored, unmet: isUnmet ? unmetNumbers(condition, { least, greatest }) : null };
}

/** @param best the rows that are shown, where these are the first ones by rank of those that meet the conditions */
async function firstPass(
  ranked: RankedOutcomes,
  query: SweepView,
  conditions: readonly StoredCondition[],
  best: readonly LeaderboardRow[],
): Promise<LeaderboardRow | null> {
  const shown = best.find(({ outcome, unconverged }) => verdictOf(outcome, unconverged) === VERDICT_WORDS.passed);
  if (shown !== undefined) return shown;
  const [first] = await ranked.first(query, { conditions: [...conditions, IS_PASS], sort: null, count: 1 });
  return first === undefined ? null : rowOf(first, query);
}

function isNone({ judged, failed }: { readonly judged: number; readonly failed: number }): boolean {
  return judged + failed === 0;
}

/** The rows that a table is made of: what they meet, how many they are, and where their columns stand. */
type Listed = {
  readonly conditions: readonly StoredCondition[];
  readonly rowCount: number;
  readonly at: Leaderboard['at'];
};

/** Rows enough for as many folds as are wanted: what reads the same as the last one brought may go on behind it. */
async function firstFolds(
  ranked: RankedOutcomes,
  query: SweepView,
  request: LeaderboardRequest,
  { conditions, rowCount, at }: Listed,
): Promise<Leaderboard['folds']> {
  const { top, fold, sort } = request;
  const sorted = sort === null ? null : { value: sort.field.stored, descending: sort.descending };
  for (let count = fold ? ROWS_PER_FOLD * top : top; ; count *= ROWS_PER_FOLD) {
    const verdicts =
      rowCount === 0 ? [] : await ranked.first(query, { conditions, sort: sorted, count: Math.min(count, MOST_ROWS) });
    const rows = verdicts.map((verdict) => rowOf(verdict, query));
    const isAll = !fold || rows.length >= rowCount;
    const whole = isAll ? rows : withoutLast(rows, request, at);
    const folds = foldsOf(whole, request, at);
    if (isAll || folds.length >= top) return folds;
    if (count >= MOST_ROWS) {
      throw new UserError(
        `the first ${countOf(top, 'row')} would fold more than ${countText(MOST_ROWS)} configurations that read the same; ` +
          'of a database no more can be shown at once. Take --no-fold, or a smaller --top',
      );
    }
  }
}

const ROWS_PER_FOLD = 8;

/** Without the last ones that read the same. */
function withoutLast(
  rows: readonly LeaderboardRow[],
  request: LeaderboardRequest,
  at: Leaderboard['at'],
): readonly LeaderboardRow[] {
  const figures = figuresOf(request, at);
  const last = rows.at(-1);
  const end = last === undefined ? -1 : rows.findLastIndex((row) => figures(row) !== figures(last));
  return rows.slice(0, end + 1);
}

function rowOf({ outcome, rank }: RankedVerdict, { sweep }: SweepView): LeaderboardRow {
  return { outcome, rank, sweeps: [sweep], unconverged: outcome.unconverged };
}

function warnedFacts(facts: RankedFacts): WarnedOutcomes {
  const [codes, baselines] = facts.judgedCount === 0 ? [[], []] : [[facts.codeHash], [facts.baselineRunId]];
  return { ...facts, codeHashes: new Set(codes), baselineRunIds: new Set(baselines) };
}

function countsOf(facts: RankedFacts): Leaderboard['counts'] {
  const { judgedCount, passedCount, unconvergedCount, sealedCount, failedCount, pendingCount } = facts;
  return {
    judged: judgedCount,
    pass: passedCount,
    unconverged: unconvergedCount,
    sealed: sealedCount,
    error: failedCount,
    notReady: judgedCount - passedCount - unconvergedCount - sealedCount,
    pending: pendingCount,
  };
}

/** One connection has one question at a time. */
async function inTurn<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const made: U[] = [];
  for (const item of items) made.push(await work(item));
  return made;
}
