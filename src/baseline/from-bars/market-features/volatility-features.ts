import { log } from '../../../numerics/elementary/log.ts';
import { BPS } from '../basis-points.ts';
import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio, windowSumOfSquares } from './window.ts';

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
    at: ({ logReturnBps }, slot) => {
      let falls = 0;
      for (let i = slot - 59; i <= slot; i += 1) {
        const fall = Math.min(logReturnBps[i]!, 0);
        falls += fall * fall;
      }
      return ratio(falls, windowSumOfSquares(logReturnBps, slot, 60), 0.5);
    },
  },
  {
    name: 'return_autocorr_60m',
    unit: 'ratio',
    definition: 'Σ r·r₋₁ / Σ r² over 60 log returns: below 0 the price bounces, above 0 it runs; 0 without a move',
    lookbackMinutes: 61,
    at: ({ logReturnBps }, slot) => {
      let products = 0;
      for (let i = slot - 58; i <= slot; i += 1) products += logReturnBps[i]! * logReturnBps[i - 1]!;
      return ratio(products, windowSumOfSquares(logReturnBps, slot, 60), 0);
    },
  },
];

function realizedVolOver(minutes: number): MarketFeature {
  return {
    name: `realized_vol_${minutes}m_bps`,
    unit: 'bps',
    definition: `√(mean r²) over ${minutes} one-minute log returns, per minute; the mean return is taken as 0`,
    lookbackMinutes: minutes + 1,
    at: (series, slot) => realizedVol(series, slot, minutes),
  };
}

function realizedVol({ logReturnBps }: MinuteSeries, slot: number, minutes: number): number {
  return Math.sqrt(windowSumOfSquares(logReturnBps, slot, minutes) / minutes);
}

// Parkinson, The extreme value method for estimating the variance of the rate of return, J. Business 53 (1980).
function parkinsonVolOver(minutes: number): MarketFeature {
  return {
    name: `parkinson_vol_${minutes}m_bps`,
    unit: 'bps',
    definition: `√(mean ln²(high / low) / (4 ln 2)) over ${minutes} min, per minute`,
    lookbackMinutes: minutes,
    at: ({ high, low }, slot) => {
      let squares = 0;
      for (let i = slot - minutes + 1; i <= slot; i += 1) {
        const range = log(high[i]! / low[i]!);
        squares += range * range;
      }
      return Math.sqrt(squares / minutes / (4 * Math.LN2)) * BPS;
    },
  };
}

function volRatio(short: number, long: number): MarketFeature {
  return {
    name: `vol_ratio_${short}_${long}`,
    unit: 'ratio',
    definition: `realized_vol_${short}m_bps / realized_vol_${long}m_bps; 1 without a move`,
    lookbackMinutes: long + 1,
    at: (series, slot) => ratio(realizedVol(series, slot, short), realizedVol(series, slot, long), 1),
  };
}
