import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio, windowSum, windowZScore } from './window.ts';

/** How much is traded, and who crosses the spread. Without taker volume in the source the taker's features are 0. */
export const VOLUME_FEATURES: readonly MarketFeature[] = [
  ...[15, 60, 240].map((minutes) => zScore('volume', 'logVolume', 'ln(1 + volume)', minutes)),
  zScore('trades', 'logTrades', 'ln(1 + trades)', 60),
  zScore('avg_trade_size', 'logTradeSize', 'ln(1 + volume / trades)', 60),
  {
    name: 'volume_ratio_5_60',
    unit: 'ratio',
    definition: 'mean volume over 5 min / mean volume over 60 min; 1 without volume',
    lookbackMinutes: 60,
    at: ({ volume }, slot) => ratio(windowSum(volume, slot, 5) / 5, windowSum(volume, slot, 60) / 60, 1),
  },
  ...[1, 5, 15, 60].map(takerImbalanceOver),
  signedVolumeZ(5, 'signedVolume5m'),
  signedVolumeZ(15, 'signedVolume15m'),
];

/** Taker buys less taker sells, over all volume: −1 to 1; 0 without volume. */
export function takerImbalance({ signedVolume, volume }: MinuteSeries, slot: number, minutes: number): number {
  return ratio(windowSum(signedVolume, slot, minutes), windowSum(volume, slot, minutes), 0);
}

function zScore(
  name: string,
  column: 'logVolume' | 'logTrades' | 'logTradeSize',
  what: string,
  minutes: number,
): MarketFeature {
  return {
    name: `${name}_z_${minutes}m`,
    unit: 'z-score',
    definition: `z-score of ${what} in its last ${minutes} min; 0 when it does not vary`,
    lookbackMinutes: minutes,
    at: (series, slot) => windowZScore(series[column], slot, minutes),
  };
}

function takerImbalanceOver(minutes: number): MarketFeature {
  return {
    name: `taker_imbalance_${minutes}m`,
    unit: 'ratio',
    definition: `(taker buys − taker sells) / volume over ${minutes} min; 0 without volume`,
    lookbackMinutes: minutes,
    at: (series, slot) => takerImbalance(series, slot, minutes),
  };
}

function signedVolumeZ(minutes: number, column: 'signedVolume5m' | 'signedVolume15m'): MarketFeature {
  return {
    name: `signed_volume_z_${minutes}m`,
    unit: 'z-score',
    definition: `z-score of (taker buys − taker sells) over ${minutes} min in its last 240 min; 0 when it does not vary`,
    lookbackMinutes: 240 + minutes - 1,
    at: (series, slot) => windowZScore(series[column], slot, 240),
  };
}
