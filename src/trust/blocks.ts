import { DAYS_OF_LONG_SPLIT, LIGHT_DAY, MAX_CELLS } from './constants.ts';
import { medianOf } from './median.ts';

/** How a split's UTC days make blocks: what every statement of its noise rests on. */
export type Blocks = {
  /** block of each day, ascending from 0 */
  readonly ofDay: Int32Array;
  /** number of blocks */
  readonly q: number;
  /** number of days when light ones have joined their neighbours */
  readonly days: number;
};

/**
 * Blocks of a split from its bars per UTC day, ascending. A day with less than a quarter of the median day's bars joins
 * the day before it (leading ones join the next), since a block of a few minutes would count as much as a whole day. D
 * days remain: each is a block below 20 days, else ⌊D/⌊D/10⌋⌋ blocks of several days, block(i) = ⌊i·q/D⌋, which buys
 * robustness to autocorrelation between days.
 *
 * Source: Ibragimov and Müller 2010, t-statistic based correlation and heterogeneity robust inference, few groups.
 */
export function blocksOfDays(bars: readonly number[]): Blocks {
  const joined = joinLightDays(bars);
  const days = joined.length === 0 ? 0 : joined[joined.length - 1]! + 1;
  const q = days < DAYS_OF_LONG_SPLIT ? days : Math.floor(days / Math.floor(days / 10));
  return { ofDay: joined.map((day) => Math.floor((day * q) / days)), q, days };
}

/**
 * Cells of the pair matrix of an AUC: a day each up to 64 days, else min(days, ⌊64/q⌋) equal parts of each block's days.
 * A cell never spans two blocks.
 *
 * @param blockOfDay block of each day, ascending from 0
 */
export function cellsOfDays(blockOfDay: Int32Array): Int32Array {
  const n = blockOfDay.length;
  if (n <= MAX_CELLS) return Int32Array.from({ length: n }, (_, day) => day);
  const q = blockOfDay[n - 1]! + 1;
  const cells = new Int32Array(n);
  let first = 0;
  for (let start = 0; start < n; ) {
    let end = start;
    while (end < n && blockOfDay[end] === blockOfDay[start]) end += 1;
    const parts = Math.min(end - start, Math.floor(MAX_CELLS / q));
    for (let day = start; day < end; day += 1) cells[day] = first + Math.floor(((day - start) * parts) / (end - start));
    first += parts;
    start = end;
  }
  return cells;
}

/** Sums of daily values by block. */
export function sumByBlock(values: ArrayLike<number>, blockOfDay: ArrayLike<number>, q: number): Float64Array {
  const sums = new Float64Array(q);
  for (let day = 0; day < values.length; day += 1) sums[blockOfDay[day]!]! += values[day]!;
  return sums;
}

/** The joined day of each day. */
function joinLightDays(bars: readonly number[]): Int32Array {
  const n = bars.length;
  const limit = LIGHT_DAY * medianOf(bars);
  let lead = 0;
  while (lead < n - 1 && bars[lead]! < limit) lead += 1;
  const joined = new Int32Array(n);
  let last = 0;
  for (let day = 0; day < n; day += 1) {
    if (day > lead && !(bars[day]! < limit)) last += 1;
    joined[day] = last;
  }
  return joined;
}
