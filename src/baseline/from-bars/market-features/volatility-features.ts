import { BPS } from '../basis-points.ts';
import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio } from './window.ts';

/** How much the price moves, and in what manner. */
export const VOLATILITY_FEATURES: readonly MarketFeature[] = [
  ...[5, 15, 60, 240].map(realizedVolOver),
  ...[15, 60].map(parkinsonVolOver),
  volRatio(5, 60),
  volRatio(15, 240),
  {
    name: 'downside_share_60m',
    unit: 'ratio',
    definition: 'Σ r² of the falls / Σ r² over 60 log returns; 0.5 without a move',
    lookbackMinutes: 61,
    over: ({ squaredFall, squaredReturn, windows }) => {
      const [falls, all] = [windows.sums(squaredFall, 60), windows.sums(squaredReturn, 60)];
      return (slot) => ratio(falls[slot]!, all[slot]!, 0.5);
    },
  },
  {
    name: 'return_autocorr_60m',
    unit: 'ratio',
    definition: 'Σ r·r₋₁ / Σ r² over 60 log returns: below 0 the price bounces, above 0 it runs; 0 without a move',
    lookbackMinutes: 61,
    over: ({ returnProduct, squaredReturn, windows }) => {
      const [products, all] = [windows.sums(returnProduct, 59), windows.sums(squaredReturn, 60)];
      return (slot) => ratio(products[slot]!, all[slot]!, 0);
    },
  },
];

function realizedVolOver(minutes: number): MarketFeature {
  return {
    name: `realized_vol_${minutes}m_bps`,
    unit: 'bps',
    definition: `√(mean r²) over ${minutes} one-minute log returns, per minute; the mean return is taken as 0`,
    lookbackMinutes: minutes + 1,
    over: (series) => realizedVol(series, minutes),
  };
}

function realizedVol({ squaredReturn, windows }: MinuteSeries, minutes: number): (slot: number) => number {
  const squares = windows.sums(squaredReturn, minutes);
  return (slot) => Math.sqrt(squares[slot]! / minutes);
}

// Parkinson, The extreme value method for estimating the variance of the rate of return, J. Business 53 (1980).
function parkinsonVolOver(minutes: number): MarketFeature {
  return {
    name: `parkinson_vol_${minutes}m_bps`,
    unit: 'bps',
    definition: `√(mean ln²(high / low) / (4 ln 2)) over ${minutes} min, per minute`,
    lookbackMinutes: minutes,
    over: ({ squaredRange, windows }) => {
      const squares = windows.sums(squaredRange, minutes);
      return (slot) => Math.sqrt(squares[slot]! / minutes / (4 * Math.LN2)) * BPS;
    },
  };
}

function volRatio(short: number, long: number): MarketFeature {
  return {
    name: `vol_ratio_${short}_${long}`,
    unit: 'ratio',
    definition: `realized_vol_${short}m_bps / realized_vol_${long}m_bps; 1 without a move`,
    lookbackMinutes: long + 1,
    over: (series) => {
      const [shortVol, longVol] = [realizedVol(series, short), realizedVol(series, long)];
      return (slot) => ratio(shortVol(slot), longVol(slot), 1);
    },
  };
}
