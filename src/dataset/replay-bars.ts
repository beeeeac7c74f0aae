import type { ReplayFrame } from '../baseline/baseline-run.ts';

/** Replay bars sorted by symbol and open time (stable), as arrays side by side. */
export type ReplayBars = {
  readonly symbols: readonly string[];
  /** (nSymbols + 1) symbol s has the bars segments[s] .. segments[s+1]-1 */
  readonly segments: Int32Array;
  readonly openTimesMs: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
};

/** Bars without a symbol take no part; bars without a time stand last in their symbol, as missing values sort. */
export function sortBars(replay: ReplayFrame): ReplayBars {
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
  const pick = (values: Float64Array): Float64Array => {
    const out = new Float64Array(order.length);
    for (let i = 0; i < order.length; i += 1) out[i] = values[order[i]!]!;
    return out;
  };
  return {
    symbols: symbols.pool.texts(),
    segments,
    openTimesMs: pick(openTimesMs),
    high: pick(replay.high),
    low: pick(replay.low),
    close: pick(replay.close),
  };
}

/** Ascending, NaN last. */
export function compareTimes(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a - b;
}

function isAscending(rows: Int32Array, times: Float64Array): boolean {
  for (let i = 1; i < rows.length; i += 1) if (!(times[rows[i - 1]!]! <= times[rows[i]!]!)) return false;
  return true;
}
