import type { Bars } from './bars.ts';
import { LONGEST_LOOKBACK_MINUTES, MARKET_FEATURES } from './market-features/market-features.ts';
import type { MinuteGrid } from './minute-grid.ts';

/**
 * A row's `data_quality_flag`. The experiment takes part in `OK` and `PARTIAL_OPTIONAL`.
 *
 * - `INSUFFICIENT_HISTORY`: fewer minutes since the data (or the segment) began than the longest look-back, or a
 *   look-back with too many missing minutes: of every window's minutes at least `LEAST_COVERAGE` must have a bar. So windows
 *   of less than 10 minutes must be whole, and a hole of 12 minutes costs the hour after it, not the next four.
 * - `PARTIAL_OPTIONAL`: no usable book at this row, or no taker volume or trade counts in the source: the features
 *   that need them are 0.
 * - `OK`: everything is there.
 */
export const DATA_QUALITY_FLAGS = ['OK', 'PARTIAL_OPTIONAL', 'INSUFFICIENT_HISTORY'] as const;
export type DataQualityFlag = (typeof DATA_QUALITY_FLAGS)[number];

const LEAST_COVERAGE = 0.9;

/** (nBars) indexes into DATA_QUALITY_FLAGS. */
export function dataQualityFlags(bars: Bars, grid: MinuteGrid): Uint8Array {
  const lacksColumns = bars.takerBuyBase === null || bars.trades === null;
  return Uint8Array.from(grid.slotOfBar, (slot, bar) => {
    if (!hasHistory(grid, slot)) return INSUFFICIENT_HISTORY;
    return lacksColumns || bars.book === null || Number.isNaN(bars.book.bid[bar]!) ? PARTIAL_OPTIONAL : OK;
  });
}

const OK = DATA_QUALITY_FLAGS.indexOf('OK');
const PARTIAL_OPTIONAL = DATA_QUALITY_FLAGS.indexOf('PARTIAL_OPTIONAL');
export const INSUFFICIENT_HISTORY = DATA_QUALITY_FLAGS.indexOf('INSUFFICIENT_HISTORY');

const LOOKBACKS = [...new Set(MARKET_FEATURES.map((feature) => feature.lookbackMinutes))];

function hasHistory({ segmentStart, barsBefore }: MinuteGrid, slot: number): boolean {
  if (slot - LONGEST_LOOKBACK_MINUTES + 1 < segmentStart[slot]!) return false;
  return LOOKBACKS.every((minutes) => {
    const bars = barsBefore[slot + 1]! - barsBefore[slot + 1 - minutes]!;
    return bars >= LEAST_COVERAGE * minutes;
  });
}
