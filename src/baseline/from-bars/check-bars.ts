import { MINUTE_MS } from '../../time-units.ts';
import { UserError } from '../../user-error.ts';
import type { BadRow } from './bad-rows.ts';
import type { BarColumn, BarPart } from './bar-columns.ts';
import type { LeftOut } from './bar-part.ts';
import { type Bars, type BarsAccount, type BookColumns, takeBars } from './bars.ts';
import { requireEqualRows } from './join-parts.ts';
import { rowsInTimeOrder } from './recognise/row-groups.ts';

/** UTC milliseconds: `startMs` included, `endMs` not. */
export type BarRange = { readonly startMs?: number | undefined; readonly endMs?: number | undefined };

/**
 * One symbol's bars, strictly ascending in time, from rows in any order, each of which holds every rule by itself.
 *
 * An exact repeat of a row is dropped and counted; two different rows for one minute are refused, since nothing here
 * can tell which is true. A book poll is used when it was made before the bar's close and no more than a minute
 * before its open (`book_time_ms`, where the file has it), bid ≤ ask, and one side at least has size; any other counts as
 * missing.
 *
 * @throws UserError naming file, row, rule and value
 */
export function checkBars(
  symbol: string,
  part: BarPart,
  found: { readonly leftOut: LeftOut; readonly badRows: readonly BadRow[] },
  range: BarRange = {},
): { bars: Bars; account: BarsAccount } {
  const read = barsOfPart(symbol, part);
  const sorted = rowsInTimeOrder(read.openTimeMs, null);
  if (sorted.length === 0) throw new UserError(`${symbol}: a bar file needs bars, got none`);
  const distinct = withoutRepeats(part, sorted);
  const kept = distinct.filter((row) => isInRange(read.openTimeMs[row]!, range));
  if (kept.length === 0) {
    const first = new Date(read.openTimeMs[sorted[0]!]!).toISOString();
    const last = new Date(read.openTimeMs[sorted.at(-1)!]!).toISOString();
    throw new UserError(`${symbol}: no bar in the range asked for, its files hold ${first} to ${last}`);
  }
  const bars = takeBars(read, kept);
  const account = accountOf(bars, {
    droppedRepeats: sorted.length - distinct.length,
    droppedOutsideRange: distinct.length - kept.length,
    ...found.leftOut,
    droppedBadRows: found.badRows.length,
  });
  return { bars, account };
}

function barsOfPart(symbol: string, part: BarPart): Bars {
  const required = (name: BarColumn): Float64Array => part.columns.get(name)!;
  const optional = (name: BarColumn): Float64Array | null => part.columns.get(name) ?? null;
  return {
    symbol,
    openTimeMs: required('open_time_ms'),
    open: required('open'),
    high: required('high'),
    low: required('low'),
    close: required('close'),
    volume: required('volume'),
    quoteVolume: optional('quote_volume'),
    trades: optional('trades'),
    takerBuyBase: optional('taker_buy_base'),
    book: part.columns.has('best_bid') ? usableBook(part) : null,
  };
}

function usableBook(part: BarPart): BookColumns {
  const column = (name: BarColumn): Float64Array => Float64Array.from(part.columns.get(name)!);
  const openTimeMs = part.columns.get('open_time_ms')!;
  const bookTimeMs = part.columns.get('book_time_ms');
  const [bid, ask, bidSize, askSize] = [
    column('best_bid'),
    column('best_ask'),
    column('best_bid_size'),
    column('best_ask_size'),
  ];
  for (let row = 0; row < part.rowCount; row += 1) {
    const ageMs = bookTimeMs ? bookTimeMs[row]! - openTimeMs[row]! : 0;
    const isTimely = ageMs >= -MINUTE_MS && ageMs < MINUTE_MS;
    const isWhole = bid[row]! > 0 && ask[row]! >= bid[row]! && bidSize[row]! + askSize[row]! > 0;
    if (!isTimely || !isWhole) bid[row] = ask[row] = bidSize[row] = askSize[row] = Number.NaN;
  }
  return { bid, ask, bidSize, askSize };
}

function withoutRepeats(part: BarPart, sorted: Int32Array): Int32Array {
  const openTimeMs = part.columns.get('open_time_ms')!;
  return sorted.filter((row, i) => {
    const before = i > 0 ? sorted[i - 1]! : row;
    if (before === row || openTimeMs[before] !== openTimeMs[row]) return true;
    requireEqualRows(part, before, row);
    return false;
  });
}

function isInRange(openTimeMs: number, { startMs = -Infinity, endMs = Infinity }: BarRange): boolean {
  return startMs <= openTimeMs && openTimeMs < endMs;
}

function accountOf(
  bars: Bars,
  dropped: Pick<BarsAccount, 'droppedRepeats' | 'droppedOutsideRange' | 'droppedBadRows'> & LeftOut,
): BarsAccount {
  const { openTimeMs, volume, book } = bars;
  const last = openTimeMs.length - 1;
  let gaps = 0;
  for (let i = 1; i <= last; i += 1) if (openTimeMs[i]! - openTimeMs[i - 1]! > MINUTE_MS) gaps += 1;
  return {
    bars: openTimeMs.length,
    firstOpenTimeMs: openTimeMs[0]!,
    lastOpenTimeMs: openTimeMs[last]!,
    missingMinutes: (openTimeMs[last]! - openTimeMs[0]!) / MINUTE_MS - last,
    gaps,
    zeroVolumeBars: count(volume, (v) => v === 0),
    ...dropped,
    barsWithoutUsableBook: book ? count(book.bid, Number.isNaN) : 0,
  };
}

function count(values: Float64Array, is: (value: number) => boolean): number {
  let total = 0;
  for (const value of values) if (is(value)) total += 1;
  return total;
}
