import type { MinuteSeries } from './minute-series.ts';

/**
 * One market feature: a pure function of the minutes up to a bar's own, all known at that bar's close. The same
 * minutes give the same value wherever the data start: windows are summed anew for every bar, since a running sum
 * drifts, and after a quiet hour would divide rounding noise by rounding noise.
 */
export type MarketFeature = {
  readonly name: string;
  readonly unit: 'bps' | 'ratio' | 'z-score' | 'points' | 'sine';
  readonly definition: string;
  /** Minutes read, the bar's own included: slots `slot − lookbackMinutes + 1` to `slot`. */
  readonly lookbackMinutes: number;
  /** Takes what it needs of the series, then gives the value of any slot whose window is whole. */
  readonly over: (series: MinuteSeries) => (slot: number) => number;
};
