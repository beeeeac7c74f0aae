import { powerOfTen } from '../../../numerics/elementary/power-of-ten.ts';
import type { NumberColumn } from '../readers/source-table.ts';

export type PriceRange = { readonly high: Float64Array; readonly low: Float64Array };

/** Of so many rows one may be off, as files of real exchanges are. */
const ROWS_A_BREACH = 100;

/**
 * Whether `quote` is what `base` was traded for: quote / base is an average price of the minute, and lies within low and
 * high, but for the rounding of both. Every row is looked at; rows without either tell nothing.
 *
 * @param scale quote per unit of `quote`: a contract's size
 */
export function isQuoteOf(
  base: NumberColumn,
  quote: NumberColumn,
  prices: PriceRange,
  rows: Int32Array,
  scale = 1,
): boolean {
  let [told, breaches] = [0, 0];
  for (const row of rows) {
    const [b, q] = [base.values[row]!, quote.values[row]! * scale];
    if (!(b > 0) && !(q > 0)) continue;
    const [db, dq] = [rounding(base, b), rounding(quote, q / scale) * scale];
    told += 1;
    if (q - dq > prices.high[row]! * (b + db) || q + dq < prices.low[row]! * (b - db)) breaches += 1;
  }
  return told > 0 && breaches * ROWS_A_BREACH <= told;
}

/** How far a value may be from what it was before it was written. */
function rounding({ decimals }: NumberColumn, value: number): number {
  const float = 1e-6 * Math.abs(value);
  return decimals === null ? float : 0.51 * powerOfTen(-decimals) + 1e-9 * Math.abs(value);
}

export function isNowhereAbove(lower: NumberColumn, upper: NumberColumn, rows: Int32Array): boolean {
  let breaches = 0;
  for (const row of rows) if (lower.values[row]! > upper.values[row]! * (1 + 1e-9)) breaches += 1;
  return breaches * ROWS_A_BREACH <= rows.length;
}

/**
 * Whole numbers that are 0 where there is no volume, and only there. One number in every row counts nothing, such as a
 * spread.
 */
export function countsTradesOf(volume: NumberColumn, counts: NumberColumn, rows: Int32Array): boolean {
  if (isConstant(counts, rows) && !isConstant(volume, rows)) return false;
  let breaches = 0;
  for (const row of rows) {
    const [v, n] = [volume.values[row]!, counts.values[row]!];
    if (Number.isNaN(n) && Number.isNaN(v)) continue;
    if (!Number.isInteger(n) || n < 0 || v > 0 !== n > 0) breaches += 1;
  }
  return breaches * ROWS_A_BREACH <= rows.length;
}

/** Whole units of which more trades were made than there are units: the one is no volume, or the other no count of trades. */
export function countsMoreThanUnits(volume: NumberColumn, counts: NumberColumn, rows: Int32Array): boolean {
  const isWhole = rows.every((row) => Number.isInteger(volume.values[row]!) || Number.isNaN(volume.values[row]!));
  return isWhole && rows.some((row) => counts.values[row]! > volume.values[row]!);
}

function isConstant({ values }: NumberColumn, rows: Int32Array): boolean {
  return rows.every((row) => values[row] === values[rows[0]!]);
}

export function isAmount(column: NumberColumn, rows: Int32Array): boolean {
  let [told, breaches] = [0, 0];
  for (const row of rows) {
    const value = column.values[row]!;
    if (Number.isNaN(value)) continue;
    told += 1;
    if (value < 0) breaches += 1;
  }
  return told > 0 && breaches * ROWS_A_BREACH <= told;
}

export function isZeroThroughout(column: NumberColumn, rows: Int32Array): boolean {
  for (const row of rows) if (column.values[row]! !== 0 && !Number.isNaN(column.values[row]!)) return false;
  return true;
}
