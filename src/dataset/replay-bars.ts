import type { ReplayFrame, ReplayPrices } from '../baseline/replay-frame.ts';

/** Replay bars sorted by symbol and open time (stable), and where their prices stand in the file. */
export type ReplayBars = {
  readonly symbols: readonly string[];
  /** (nSymbols + 1) symbol s has the bars segments[s] .. segments[s+1]-1 */
  readonly segments: Int32Array;
  /** (nBars) row of the file */
  readonly fileRows: Int32Array;
  readonly openTimesMs: Float64Array;
};

export type PricedBars = ReplayBars & ReplayPrices;

/** Bars without a symbol take no part; bars without a time stand last in their symbol, as missing values sort. */
export function sortBars(replay: Pick<ReplayFrame, 'symbols' | 'openTimesMs'>): ReplayBars {
  const { symbols, openTimesMs } = replay;
  const nSymbols = symbols.pool.count;
  const counts = new Int32Array(nSymbols + 1);
  for (const code of symbols.codes) if (code >= 0) counts[code + 1]! += 1;
  for (let s = 0; s < nSymbols; s += 1) counts[s + 1]! += counts[s]!;
  const segments = counts.slice();
  const order = new Int32Array(segments[nSymbols]!);
  const next = segments.slice();
  symbols.codes.forEach((code, row) => {
    if (code >= 0) order[next[code]!++] = row;
  });
  for (let s = 0; s < nSymbols; s += 1) {
    const rows = order.subarray(segments[s]!, segments[s + 1]!);
    if (!isAscending(rows, openTimesMs)) rows.sort((a, b) => compareTimes(openTimesMs[a]!, openTimesMs[b]!) || a - b);
  }
  return { symbols: symbols.pool.texts(), segments, fileRows: order, openTimesMs: gather(openTimesMs, order) };
}

/** @param prices as the file has them */
export function withPrices(bars: ReplayBars, { high, low, close }: ReplayPrices): PricedBars {
  const { fileRows } = bars;
  return { ...bars, high: gather(high, fileRows), low: gather(low, fileRows), close: gather(close, fileRows) };
}

function gather(values: Float64Array, rows: Int32Array): Float64Array {
  // Sorted files, as most are, need no copy.
  if (rows.length === values.length && rows.every((row, i) => row === i)) return values;
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]!]!;
  return out;
}

/** Ascending, NaN last. */
function compareTimes(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a - b;
}

function isAscending(rows: Int32Array, times: Float64Array): boolean {
  for (let i = 1; i < rows.length; i += 1) if (!(times[rows[i - 1]!]! <= times[rows[i]!]!)) return false;
  return true;
}
