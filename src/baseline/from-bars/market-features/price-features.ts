import { BPS } from '../basis-points.ts';
import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio, windowMax, windowMin, windowSum } from './window.ts';

/** Where the price is and where it came from. */
export const PRICE_FEATURES: readonly MarketFeature[] = [
  ...[1, 3, 5, 15, 30, 60, 240].map(returnOver),
  ...[1, 5, 15, 60].map(rangeOver),
  ...[5, 15, 60, 240].map(closeLocationOver),
  ...[5, 15, 60].map(vwapBasisOver),
  ...[9, 21, 55].map(emaBasis),
  ...[15, 60].map(efficiencyOver),
  {
    name: 'rsi_14',
    unit: 'points',
    definition:
      "100 · up / (up + down), sums of the rises and of the falls of 14 log returns (Cutler's RSI); 50 without a move",
    lookbackMinutes: 15,
    at: (series, slot) => relativeStrength(series, slot, 14),
  },
  {
    name: 'body_bps',
    unit: 'bps',
    definition: "close / open − 1 of the bar's own minute",
    lookbackMinutes: 1,
    at: ({ open, close }, slot) => (close[slot]! / open[slot]! - 1) * BPS,
  },
  {
    name: 'upper_wick_bps',
    unit: 'bps',
    definition: 'high / max(open, close) − 1',
    lookbackMinutes: 1,
    at: ({ open, high, close }, slot) => (high[slot]! / Math.max(open[slot]!, close[slot]!) - 1) * BPS,
  },
  {
    name: 'lower_wick_bps',
    unit: 'bps',
    definition: 'min(open, close) / low − 1',
    lookbackMinutes: 1,
    at: ({ open, low, close }, slot) => (Math.min(open[slot]!, close[slot]!) / low[slot]! - 1) * BPS,
  },
];

function returnOver(minutes: number): MarketFeature {
  return {
    name: `ret_${minutes}m_bps`,
    unit: 'bps',
    definition: `close / close ${minutes} min before − 1`,
    lookbackMinutes: minutes + 1,
    at: ({ close }, slot) => (close[slot]! / close[slot - minutes]! - 1) * BPS,
  };
}

function rangeOver(minutes: number): MarketFeature {
  return {
    name: `range_${minutes}m_bps`,
    unit: 'bps',
    definition: `highest high / lowest low − 1 over ${minutes} min`,
    lookbackMinutes: minutes,
    at: ({ high, low }, slot) => (windowMax(high, slot, minutes) / windowMin(low, slot, minutes) - 1) * BPS,
  };
}

function closeLocationOver(minutes: number): MarketFeature {
  return {
    name: `close_location_${minutes}m`,
    unit: 'ratio',
    definition: `(close − lowest low) / (highest high − lowest low) over ${minutes} min; 0.5 when they are equal`,
    lookbackMinutes: minutes,
    at: ({ high, low, close }, slot) => {
      const lowest = windowMin(low, slot, minutes);
      return ratio(close[slot]! - lowest, windowMax(high, slot, minutes) - lowest, 0.5);
    },
  };
}

function vwapBasisOver(minutes: number): MarketFeature {
  return {
    name: `vwap_basis_${minutes}m_bps`,
    unit: 'bps',
    definition: `close / VWAP − 1, VWAP = Σ quote volume / Σ volume over ${minutes} min; 0 without volume`,
    lookbackMinutes: minutes,
    at: ({ close, quoteVolume, volume }, slot) => {
      const vwap = ratio(windowSum(quoteVolume, slot, minutes), windowSum(volume, slot, minutes), 0);
      return vwap > 0 ? (close[slot]! / vwap - 1) * BPS : 0;
    },
  };
}

// Cut off after three spans, where the weights left out come to e⁻⁶, so that a value never hangs on where the data start.
function emaBasis(span: number): MarketFeature {
  const decay = 1 - 2 / (span + 1);
  const minutes = 3 * span;
  return {
    name: `ema_basis_${span}_bps`,
    unit: 'bps',
    definition: `close / EMA − 1, EMA = Σ dʲ close₋ⱼ / Σ dʲ over j < ${minutes}, d = 1 − 2/${span + 1}`,
    lookbackMinutes: minutes,
    at: ({ close }, slot) => {
      let sum = 0;
      let weights = 0;
      for (let i = slot - minutes + 1; i <= slot; i += 1) {
        sum = sum * decay + close[i]!;
        weights = weights * decay + 1;
      }
      return (close[slot]! / (sum / weights) - 1) * BPS;
    },
  };
}

function efficiencyOver(minutes: number): MarketFeature {
  return {
    name: `efficiency_${minutes}m`,
    unit: 'ratio',
    definition: `|Σ r| / Σ |r| over ${minutes} log returns: 1 is a straight line; 0 without a move`,
    lookbackMinutes: minutes + 1,
    at: ({ logReturnBps }, slot) => {
      let path = 0;
      for (let i = slot - minutes + 1; i <= slot; i += 1) path += Math.abs(logReturnBps[i]!);
      return ratio(Math.abs(windowSum(logReturnBps, slot, minutes)), path, 0);
    },
  };
}

function relativeStrength({ logReturnBps }: MinuteSeries, slot: number, minutes: number): number {
  let up = 0;
  let down = 0;
  for (let i = slot - minutes + 1; i <= slot; i += 1) {
    const change = logReturnBps[i]!;
    if (change > 0) up += change;
    else down -= change;
  }
  return ratio(100 * up, up + down, 50);
}
