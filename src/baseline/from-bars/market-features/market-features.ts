import type { MinuteGrid } from '../minute-grid.ts';
import { BOOK_FEATURES } from './book-features.ts';
import { CALENDAR_FEATURES } from './calendar-features.ts';
import type { MarketFeature } from './market-feature.ts';
import { toMinuteSeries } from './minute-series.ts';
import { PRICE_FEATURES } from './price-features.ts';
import { VOLATILITY_FEATURES } from './volatility-features.ts';
import { VOLUME_FEATURES } from './volume-features.ts';

/** The market features in model order: what `feature_order.json` and `feature_schema.json` are written from. */
export const MARKET_FEATURES: readonly MarketFeature[] = [
  ...PRICE_FEATURES,
  ...VOLATILITY_FEATURES,
  ...VOLUME_FEATURES,
  ...CALENDAR_FEATURES,
  ...BOOK_FEATURES,
];

export const LONGEST_LOOKBACK_MINUTES = Math.max(...MARKET_FEATURES.map((feature) => feature.lookbackMinutes));

/**
 * Every feature at every bar, one (nBars) column a feature, computed in float64 and rounded to float32 once. NaN where
 * the feature's window starts before the grid's segment does.
 */
export function marketFeatureColumns(grid: MinuteGrid): Float32Array[] {
  const series = toMinuteSeries(grid);
  return MARKET_FEATURES.map((feature) => {
    const valueAt = feature.over(series);
    const column = new Float32Array(grid.slotOfBar.length);
    for (let bar = 0; bar < column.length; bar += 1) {
      const slot = grid.slotOfBar[bar]!;
      if (slot - feature.lookbackMinutes + 1 < grid.segmentStart[slot]!) {
        column[bar] = Number.NaN;
        continue;
      }
      column[bar] = valueAt(slot);
      if (!Number.isFinite(column[bar]))
        throw new Error(`market feature ${feature.name} is ${column[bar]} at bar ${bar}`);
    }
    return column;
  });
}
