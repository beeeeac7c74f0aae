import { BPS } from '../basis-points.ts';
import type { MarketFeature } from './market-feature.ts';
import type { MinuteSeries } from './minute-series.ts';
import { ratio, windowDecayedSums } from './window.ts';

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
    over: (series) => relativeStrength(series, 14),
  },
  {
    name: 'body_bps',
    unit: 'bps',
    definition: "close / open − 1 of the bar's own minute",
    lookbackMinutes: 1,
    over:
      ({ open, close }) =>
      (slot) =>
        (close[slot]! / open[slot]! - 1) * BPS,
  },
  {
    name: 'upper_wick_bps',
    unit: 'bps',
    definition: 'high / max(open, close) − 1',
    lookbackMinutes: 1,
    over:
      ({ open, high, close }) =>
      (slot) =>
        (high[slot]! / Math.max(open[slot]!, close[slot]!) - 1) * BPS,
  },
  {
    name: 'lower_wick_bps',
    unit: 'bps',
    definition: 'min(open, close) / low − 1',
    lookbackMinutes: 1,
    over:
      ({ open, low, close }) =>
      (slot) =>
        (Math.min(open[slot]!, close[slot]!) / low[slot]! - 1) * BPS,
  },
];

function returnOver(minutes: number): MarketFeature {
  return {
    name: `ret_${minutes}m_bps`,
    unit: 'bps',
    definition: `close / close ${minutes} min before − 1`,
    lookbackMinutes: minutes + 1,
    over:
      ({ close }) =>
      (slot) =>
        (close[slot]! / close[slot - minutes]! - 1) * BPS,
  };
}

function rangeOver(minutes: number): MarketFeature {
  return {
    name: `range_${minutes}m_bps`,
    unit: 'bps',
    definition: `highest high / lowest low − 1 over ${minutes} min`,
    lookbackMinutes: minutes,
    over: ({ high, low, windows }) => {
      const [highest, lowest] = [windows.maxima(high, minutes), windows.minima(low, minutes)];
      return (slot) => (highest[slot]! / lowest[slot]! - 1) * BPS;
    },
  };
}

function closeLocationOver(minutes: number): MarketFeature {
  return {
    name: `close_location_${minutes}m`,
    unit: 'ratio',
    definition: `(close − lowest low) / (highest high − lowest low) over ${minutes} min; 0.5 when they are equal`,
    lookbackMinutes: minutes,
    over: ({ high, low, close, windows }) => {
      const [highest, lowest] = [windows.maxima(high, minutes), windows.minima(low, minutes)];
      return (slot) => ratio(close[slot]! - lowest[slot]!, highest[slot]! - lowest[slot]!, 0.5);
    },
  };
}

function vwapBasisOver(minutes: number): MarketFeature {
  return {
    name: `vwap_basis_${minutes}m_bps`,
    unit: 'bps',
    definition: `close / VWAP − 1, VWAP = Σ quote volume / Σ volume over ${minutes} min; 0 without volume`,
    lookbackMinutes: minutes,
    over: ({ close, quoteVolume, volume, windows }) => {
      const [quote, base] = [windows.sums(quoteVolume, minutes), windows.sums(volume, minutes)];
      return (slot) => {
        const vwap = ratio(quote[slot]!, base[slot]!, 0);
        return vwap > 0 ? (close[slot]! / vwap - 1) * BPS : 0;
      };
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
    over: ({ close }) => {
      const sums = windowDecayedSums(close, minutes, decay);
      let weights = 0;
      for (let i = 0; i < minutes; i += 1) weights = weights * decay + 1;
      return (slot) => (close[slot]! / (sums[slot]! / weights) - 1) * BPS;
    },
  };
}

function efficiencyOver(minutes: number): MarketFeature {
  return {
    name: `efficiency_${minutes}m`,
    unit: 'ratio',
    definition: `|Σ r| / Σ |r| over ${minutes} log returns: 1 is a straight line; 0 without a move`,
    lookbackMinutes: minutes + 1,
    over: ({ logReturnBps, absReturn, windows }) => {
      const [net, path] = [windows.sums(logReturnBps, minutes), windows.sums(absReturn, minutes)];
      return (slot) => ratio(Math.abs(net[slot]!), path[slot]!, 0);
    },
  };
}

function relativeStrength({ rise, fall, windows }: MinuteSeries, minutes: number): (slot: number) => number {
  const [up, down] = [windows.sums(rise, minutes), windows.sums(fall, minutes)];
  return (slot) => ratio(100 * up[slot]!, up[slot]! + down[slot]!, 50);
}
