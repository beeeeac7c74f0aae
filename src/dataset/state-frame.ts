import { NULL_TIME } from '../baseline/null-time.ts';
import { RUN_FILES } from '../baseline/run-files.ts';
import { ALL_SPLITS } from '../baseline/splits.ts';
import { countOf, wordFor } from '../counts.ts';
import { UserError } from '../user-error.ts';
import type { StateRows } from './state-rows.ts';

export type BarGaps = 'keep' | 'drop';

/** Which state rows a dataset is made of. */
export type FrameSelection = {
  /** ascending, no duplicates */
  readonly agesMinutes: readonly number[];
  /** 0: all */
  readonly maxRowsPerSplit: number;
  readonly barGaps: BarGaps;
};

/** One row per position and age: a selection of state rows, in the seed's order. */
export type StateFrame = FrameSelection & {
  readonly rows: StateRows;
  /** (rowCount) numbers of state rows, in frame order */
  readonly order: Int32Array;
  readonly rowCount: number;
  /** rows of all ages, before the cap, whose window spans a gap between bars: kept or left out, as `barGaps` says */
  readonly rowsSpanningGap: number;
  /** Row counts by split and by side, most first, as the seed's manifest has them. */
  readonly splitCounts: Readonly<Record<string, number>>;
  readonly sideCounts: Readonly<Record<string, number>>;
};

/**
 * Composes a state frame: ages ascending, each in the order of the entry labels. With a cap, rows are sorted by event
 * time (stable) and the last `maxRowsPerSplit` of each split kept, splits in order of their first row in time.
 *
 * @throws UserError when no row is left
 */
export function composeStateFrame(rows: StateRows, selection: FrameSelection): StateFrame {
  const { agesMinutes, maxRowsPerSplit, barGaps } = selection;
  let capacity = 0;
  for (const age of agesMinutes) capacity += rangeOf(rows, age)[1] - rangeOf(rows, age)[0];
  const all = new Int32Array(capacity);
  let count = 0;
  let rowsSpanningGap = 0;
  for (const age of agesMinutes) {
    const [first, end] = rangeOf(rows, age);
    for (let row = first; row < end; row += 1) {
      rowsSpanningGap += rows.spansGap[row]!;
      if (barGaps === 'keep' || rows.spansGap[row] === 0) all[count++] = row;
    }
  }
  if (count === 0) {
    throw new UserError(
      `ages ${agesMinutes.join(',')}: the state frame has no rows. ${whyNone(rows, barGaps, rowsSpanningGap)}`,
    );
  }
  const uncapped = all.subarray(0, count);
  const order = maxRowsPerSplit > 0 ? capPerSplit(rows, uncapped, maxRowsPerSplit) : uncapped.slice();
  return { ...selection, rows, order, rowCount: order.length, rowsSpanningGap, ...countRows(rows, order) };
}

/** What left no row: gaps that are dropped, features without values, or ages that no bar is old enough for. */
function whyNone({ run, marketFeatures }: StateRows, barGaps: BarGaps, rowsSpanningGap: number): string {
  if (barGaps === 'drop' && rowsSpanningGap > 0) {
    return `All ${countOf(rowsSpanningGap, 'row')} ${wordFor(rowsSpanningGap, 'spans', 'span')} a gap and ${wordFor(rowsSpanningGap, 'was', 'were')} dropped: keep them with --bar-gaps keep.`;
  }
  const { featureOrder, rowCount } = run.features;
  const width = featureOrder.length;
  const isEmpty = (j: number): boolean => {
    for (let row = 0; row < rowCount; row += 1) if (Number.isFinite(marketFeatures[row * width + j]!)) return false;
    return true;
  };
  const empty = featureOrder.filter((_, j) => isEmpty(j));
  if (empty.length > 0) {
    const names = empty.slice(0, 4).join(', ') + (empty.length > 4 ? ` and ${empty.length - 4} more` : '');
    return (
      `Rows with a missing feature take no part, and ${names} is null or infinite in every row of ${RUN_FILES.featureFrame}: ` +
      'fill it, or leave it out of the feature order and of the models.'
    );
  }
  return 'Choose ages for which entry time + age is still a bar with features and a whole label window.';
}

/** Numbers of feature rows' event times in ascending order; equal times share a number, missing ones stand last. */
function timeRanks(times: BigInt64Array): Int32Array {
  const rows = Int32Array.from(times, (_, row) => row);
  const key = (row: number): bigint => (times[row] === NULL_TIME ? 2n ** 63n - 1n : times[row]!);
  rows.sort((a, b) => {
    const left = key(a);
    const right = key(b);
    return left < right ? -1 : left > right ? 1 : a - b;
  });
  const ranks = new Int32Array(times.length);
  let rank = -1;
  rows.forEach((row, i) => {
    if (i === 0 || key(row) !== key(rows[i - 1]!)) rank += 1;
    ranks[row] = rank;
  });
  return ranks;
}

function capPerSplit(rows: StateRows, order: Int32Array, cap: number): Int32Array {
  const ranks = timeRanks(rows.run.features.eventTimesNs);
  // A counting sort: stable, and linear in the rows.
  const starts = new Int32Array(ranks.length + 1);
  for (const row of order) starts[ranks[rows.featureRow[row]!]! + 1]! += 1;
  for (let i = 0; i < ranks.length; i += 1) starts[i + 1]! += starts[i]!;
  const sorted = new Int32Array(order.length);
  for (const row of order) sorted[starts[ranks[rows.featureRow[row]!]!]!++] = row;
  const bySplit = new Map<number, number[]>();
  for (const row of sorted) {
    const split = splitOf(rows, row);
    const list = bySplit.get(split);
    if (list === undefined) bySplit.set(split, [row]);
    else list.push(row);
  }
  return Int32Array.from([...bySplit.values()].flatMap((list) => list.slice(-cap)));
}

/** Split of a state row: that of the feature row that is "now". */
function splitOf(rows: StateRows, row: number): number {
  return rows.run.features.splits[rows.featureRow[row]!]!;
}

function rangeOf(rows: StateRows, age: number): readonly [number, number] {
  const range = rows.ranges.get(age);
  if (range === undefined) throw new Error(`age ${age} was not built`);
  return range;
}

function countRows(rows: StateRows, order: Int32Array) {
  const splits = new Array<number>(ALL_SPLITS.length).fill(0);
  const sides = [0, 0];
  for (let i = 0; i < order.length; i += 1) {
    const row = order[i]!;
    splits[splitOf(rows, row)]! += 1;
    sides[rows.side[row]!]! += 1;
  }
  return {
    splitCounts: descending(ALL_SPLITS.map((split, i) => [split, splits[i]!])),
    sideCounts: descending([
      ['LONG', sides[0]!],
      ['SHORT', sides[1]!],
    ]),
  };
}

function descending(entries: [string, number][]): Record<string, number> {
  return Object.fromEntries(entries.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a));
}
