import { MINUTE_MS } from '../time-units.ts';
import type { PricedBars, ReplayBars } from './replay-bars.ts';
import { rollingMax, rollingMin } from './rolling.ts';

/**
 * What happens to a position held from the close of bar i over the next `horizon` rows, i+1 .. i+horizon, of its symbol.
 * Bars without a whole window have NaN throughout and `hasWindow` 0. Windows count rows, not minutes.
 */
export type PathStatistics = {
  /** (nBars) 1 where horizon more rows follow */
  readonly hasWindow: Uint8Array;
  /** (nBars) 1 where those rows are not the next `horizon` minutes */
  readonly spansGap: Uint8Array;
  /** (nBars) LONG (exit/entry − 1)·1e4, bps */
  readonly longReturnBps: Float64Array;
  /** (nBars) SHORT (entry/exit − 1)·1e4, bps */
  readonly shortReturnBps: Float64Array;
  /** (nBars) max((maxHigh/entry − 1)·1e4, 0): a long's best and a short's worst, bps */
  readonly upBps: Float64Array;
  /** (nBars) max((entry/minLow − 1)·1e4, 0): a short's best and a long's worst, bps */
  readonly downBps: Float64Array;
};

const BPS = 1e4;
export function pathStatistics(bars: PricedBars, horizon: number): PathStatistics {
  const n = bars.close.length;
  const statistics: PathStatistics = {
    hasWindow: wholeWindows(bars, horizon),
    spansGap: new Uint8Array(n),
    longReturnBps: new Float64Array(n).fill(Number.NaN),
    shortReturnBps: new Float64Array(n).fill(Number.NaN),
    upBps: new Float64Array(n).fill(Number.NaN),
    downBps: new Float64Array(n).fill(Number.NaN),
  };
  const broken = brokenSteps(bars);
  const maxHigh = new Float64Array(n);
  const minLow = new Float64Array(n);
  for (let s = 0; s < bars.symbols.length; s += 1) {
    const start = bars.segments[s]!;
    const end = bars.segments[s + 1]!;
    rollingMax(bars.high, horizon, start, end, maxHigh);
    rollingMin(bars.low, horizon, start, end, minLow);
    for (let i = start; i + horizon < end; i += 1) {
      const entry = bars.close[i]!;
      const exit = bars.close[i + horizon]!;
      statistics.spansGap[i] = broken[i + horizon]! > broken[i]! ? 1 : 0;
      statistics.longReturnBps[i] = (exit / entry - 1) * BPS;
      statistics.shortReturnBps[i] = (entry / exit - 1) * BPS;
      statistics.upBps[i] = Math.max((maxHigh[i + horizon]! / entry - 1) * BPS, 0);
      statistics.downBps[i] = Math.max((entry / minLow[i + horizon]! - 1) * BPS, 0);
    }
  }
  return statistics;
}

/** (nBars) 1 where `horizon` more rows of the symbol follow. */
export function wholeWindows({ openTimesMs, segments }: ReplayBars, horizon: number): Uint8Array {
  const hasWindow = new Uint8Array(openTimesMs.length);
  for (let s = 0; s + 1 < segments.length; s += 1) {
    hasWindow.fill(1, segments[s]!, Math.max(segments[s]!, segments[s + 1]! - horizon));
  }
  return hasWindow;
}

/**
 * For each bar the number of steps of its symbol, up to it, that are not one minute: a missing bar, or one that stands
 * twice. Two bars span a gap where their numbers differ.
 */
export function brokenSteps(bars: ReplayBars): Int32Array {
  const broken = new Int32Array(bars.openTimesMs.length);
  for (let s = 0; s < bars.symbols.length; s += 1) {
    for (let i = bars.segments[s]! + 1; i < bars.segments[s + 1]!; i += 1) {
      const isMinute = bars.openTimesMs[i]! - bars.openTimesMs[i - 1]! === MINUTE_MS;
      broken[i] = broken[i - 1]! + (isMinute ? 0 : 1);
    }
  }
  return broken;
}
