import { LARGEST_NUMBER } from '../number-range.ts';
import type { BarColumn } from './bar-columns.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
const AMOUNTS = ['volume', 'quote_volume', 'trades', 'taker_buy_base'] as const;
const BOOK = ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const;

/**
 * What is wrong with a bar by itself, or null:
 *
 *   0 < low ≤ open, close ≤ high; volume, quote_volume, trades ≥ 0; 0 ≤ taker_buy_base ≤ volume; all finite, and within
 *   the range of `number-range.ts`. A book may be missing (NaN).
 *
 * @param columns as the file has them, one value a row
 */
export function rowChecker(columns: ReadonlyMap<BarColumn, Float64Array>): (row: number) => string | null {
  const have = (names: readonly BarColumn[]): [BarColumn, Float64Array][] =>
    names.flatMap((name): [BarColumn, Float64Array][] => {
      const values = columns.get(name);
      return values === undefined ? [] : [[name, values]];
    });
  const [prices, amounts, book] = [have(PRICES), have(AMOUNTS), have(BOOK)];
  const [open, high, low, close] = PRICES.map((name) => columns.get(name)!) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const volume = columns.get('volume')!;
  const takerBuy = columns.get('taker_buy_base');
  return (row) => {
    for (const [name, values] of prices) {
      const value = values[row]!;
      if (value >= 1 / LARGEST_NUMBER && value <= LARGEST_NUMBER) continue;
      if (Number.isNaN(value)) return `${name} must be a number, got nothing`;
      if (!(value > 0) || value === Infinity) return `${name} must be above 0, got ${value}`;
      return `${name}: expected a price from 1e-16 to 1e16, got ${value}. Check its unit, or write the file again`;
    }
    for (const [name, values] of amounts) {
      const value = values[row]!;
      if (value >= 0 && value <= LARGEST_NUMBER) continue;
      if (Number.isNaN(value)) return `${name} must be a number, got nothing`;
      if (!(value >= 0) || value === Infinity) return `${name} must be 0 or more, got ${value}`;
      return `${name}: expected a number from -1e16 to 1e16, got ${value}. Check its unit, or write the file again`;
    }
    const [top, bottom] = [high[row]!, low[row]!];
    if (bottom > top) return `low must not be above high, got low ${bottom}, high ${top}`;
    if (open[row]! < bottom || open[row]! > top)
      return `open must lie within low and high, got ${open[row]} outside ${bottom} to ${top}`;
    if (close[row]! < bottom || close[row]! > top)
      return `close must lie within low and high, got ${close[row]} outside ${bottom} to ${top}`;
    // A source that sums its trades in floating point may be off in the last digits.
    if (takerBuy !== undefined && takerBuy[row]! > volume[row]! * (1 + 1e-9)) {
      return `taker_buy_base must not be above volume, got ${takerBuy[row]} of ${volume[row]}`;
    }
    for (const [name, values] of book) {
      const value = values[row]!;
      if (value < 0 || value === Infinity) return `${name} must be 0 or more, got ${value}`;
      if (value > LARGEST_NUMBER)
        return `${name}: expected a number from -1e16 to 1e16, got ${value}. Check its unit, or write the file again`;
    }
    return null;
  };
}
