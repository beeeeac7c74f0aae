import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio, windowZScores } from './window.ts';

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
    over: ({ volume, windows }) => {
      const [short, long] = [windows.sums(volume, 5), windows.sums(volume, 60)];
      return (slot) => ratio(short[slot]! / 5, long[slot]! / 60, 1);
    },
  },
  ...[1, 5, 15, 60].map(takerImbalanceOver),
  signedVolumeZ(5, 'signedVolume5m'),
  signedVolumeZ(15, 'signedVolume15m'),
];

/** Taker buys less taker sells, over all volume: −1 to 1; 0 without volume. */
export function takerImbalance(
  { signedVolume, volume, windows }: MinuteSeries,
  minutes: number,
): (slot: number) => number {
  const [signed, all] = [windows.sums(signedVolume, minutes), windows.sums(volume, minutes)];
  return (slot) => ratio(signed[slot]!, all[slot]!, 0);
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
    over: (series) => lookUp(windowZScores(series[column], minutes)),
  };
}

function takerImbalanceOver(minutes: number): MarketFeature {
  return {
    name: `taker_imbalance_${minutes}m`,
    unit: 'ratio',
    definition: `(taker buys − taker sells) / volume over ${minutes} min; 0 without volume`,
    lookbackMinutes: minutes,
    over: (series) => takerImbalance(series, minutes),
  };
}

function signedVolumeZ(minutes: number, column: 'signedVolume5m' | 'signedVolume15m'): MarketFeature {
  return {
    name: `signed_volume_z_${minutes}m`,
    unit: 'z-score',
    definition: `z-score of (taker buys − taker sells) over ${minutes} min in its last 240 min; 0 when it does not vary`,
    lookbackMinutes: 240 + minutes - 1,
    over: (series) => lookUp(windowZScores(series[column], 240)),
  };
}

function lookUp(values: Float64Array): (slot: number) => number {
  return (slot) => values[slot]!;
}
