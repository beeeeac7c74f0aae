import { UserError } from '../../user-error.ts';
import { requireInRange, requirePriceInRange } from '../number-range.ts';
import type { BarColumn, BarTable } from './bar-columns.ts';
import { type Bars, type BarsAccount, type BookColumns, MINUTE_MS, takeBars } from './bars.ts';

/** UTC milliseconds: `startMs` included, `endMs` not. */
export type BarRange = { readonly startMs?: number | undefined; readonly endMs?: number | undefined };

/**
 * Bars that hold every rule, strictly ascending in time, from a table in any order:
 *
 *   open_time_ms a whole minute; 0 < low ≤ open, close ≤ high; volume, quote_volume, trades ≥ 0;
 *   0 ≤ taker_buy_base ≤ volume; all finite, and within the range of `number-range.ts`.
 *
 * An exact repeat of a row is dropped and counted; two different rows for one minute are refused, since nothing here
 * can tell which is true. A book poll is used when it was made before the bar's close and no more than a minute
 * before its open (`book_time_ms`, where the file has it), bid ≤ ask, and one side at least has size; any other counts as
 * missing.
 *
 * @throws UserError naming file, row, rule and value
 */
export function checkBars(symbol: string, table: BarTable, range: BarRange = {}): { bars: Bars; account: BarsAccount } {
  checkRules(table);
  const read = barsOfTable(symbol, table);
  const sorted = rowsInTimeOrder(read.openTimeMs);
  const distinct = withoutRepeats(table, sorted);
  const kept = distinct.filter((row) => isInRange(read.openTimeMs[row]!, range));
  if (kept.length === 0) {
    const first = new Date(read.openTimeMs[sorted[0]!]!).toISOString();
    const last = new Date(read.openTimeMs[sorted.at(-1)!]!).toISOString();
    throw new UserError(`${table.path}: no bar in the range asked for, the file holds ${first} to ${last}`);
  }
  const bars = takeBars(read, kept);
  const account = accountOf(bars, {
    droppedRepeats: sorted.length - distinct.length,
    droppedOutsideRange: distinct.length - kept.length,
  });
  return { bars, account };
}

function checkRules(table: BarTable): void {
  const column = (name: BarColumn): Float64Array | undefined => table.columns.get(name);
  const openTime = column('open_time_ms')!;
  const open = column('open')!;
  const high = column('high')!;
  const low = column('low')!;
  const close = column('close')!;
  const volume = column('volume')!;
  const takerBuy = column('taker_buy_base');
  const prices = [
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
  ] as const;
  const amounts = (['volume', 'quote_volume', 'trades', 'taker_buy_base'] as const).flatMap((name) => {
    const values = column(name);
    return values ? [[name, values] as const] : [];
  });
  for (let row = 0; row < table.rowCount; row += 1) {
    const fail = (message: string): never => {
      throw new UserError(`${table.path} ${table.rowName(row)}: ${message}`);
    };
    checkOpenTime(openTime[row]!, fail);
    for (const [name, values] of prices) {
      if (!(values[row]! > 0 && values[row]! < Infinity)) fail(`${name} must be above 0, got ${shown(values[row]!)}`);
      requirePriceInRange(values[row]!, () => `${table.path} ${table.rowName(row)}: ${name}`);
    }
    for (const [name, values] of amounts) {
      if (!(values[row]! >= 0 && values[row]! < Infinity))
        fail(`${name} must be 0 or more, got ${shown(values[row]!)}`);
      requireInRange(values[row]!, () => `${table.path} ${table.rowName(row)}: ${name}`);
    }
    if (low[row]! > high[row]!) fail(`low must not be above high, got low ${low[row]}, high ${high[row]}`);
    for (const [name, values] of [prices[0], prices[3]]) {
      if (values[row]! < low[row]! || values[row]! > high[row]!) {
        fail(`${name} must lie within low and high, got ${values[row]} outside ${low[row]} to ${high[row]}`);
      }
    }
    // A source that sums its trades in floating point may be off in the last digits.
    if (takerBuy && takerBuy[row]! > volume[row]! * (1 + 1e-9)) {
      fail(`taker_buy_base must not be above volume, got ${takerBuy[row]} of ${volume[row]}`);
    }
    for (const name of ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const) {
      const value = column(name)?.[row] ?? Number.NaN;
      if (value < 0 || value === Infinity) fail(`${name} must be 0 or more, got ${value}`);
      requireInRange(value, () => `${table.path} ${table.rowName(row)}: ${name}`);
    }
  }
}

function checkOpenTime(openTimeMs: number, fail: (message: string) => never): void {
  if (
    Number.isInteger(openTimeMs) &&
    openTimeMs % MINUTE_MS === 0 &&
    EARLIEST_MS < openTimeMs &&
    openTimeMs < LATEST_MS
  ) {
    return;
  }
  const unit = openTimeMs >= LATEST_MS ? ' (microseconds or less?)' : openTimeMs < EARLIEST_MS ? ' (seconds?)' : '';
  fail(`open_time_ms must be a whole UTC minute in milliseconds since 1970, got ${shown(openTimeMs)}${unit}`);
}

// Years 1980 to 2200: outside of them a time is in another unit.
const EARLIEST_MS = Date.UTC(1980, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

function shown(value: number): string {
  return Number.isNaN(value) ? 'nothing or NaN' : String(value);
}

function barsOfTable(symbol: string, table: BarTable): Bars {
  const required = (name: BarColumn): Float64Array => table.columns.get(name)!;
  const optional = (name: BarColumn): Float64Array | null => table.columns.get(name) ?? null;
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
    book: table.columns.has('best_bid') ? usableBook(table) : null,
  };
}

function usableBook(table: BarTable): BookColumns {
  const column = (name: BarColumn): Float64Array => Float64Array.from(table.columns.get(name)!);
  const openTimeMs = table.columns.get('open_time_ms')!;
  const bookTimeMs = table.columns.get('book_time_ms');
  const [bid, ask, bidSize, askSize] = [
    column('best_bid'),
    column('best_ask'),
    column('best_bid_size'),
    column('best_ask_size'),
  ];
  for (let row = 0; row < table.rowCount; row += 1) {
    const ageMs = bookTimeMs ? bookTimeMs[row]! - openTimeMs[row]! : 0;
    const isTimely = ageMs >= -MINUTE_MS && ageMs < MINUTE_MS;
    const isWhole = bid[row]! > 0 && ask[row]! >= bid[row]! && bidSize[row]! + askSize[row]! > 0;
    if (!isTimely || !isWhole) bid[row] = ask[row] = bidSize[row] = askSize[row] = Number.NaN;
  }
  return { bid, ask, bidSize, askSize };
}

function rowsInTimeOrder(openTimeMs: Float64Array): Int32Array {
  const rows = Int32Array.from(openTimeMs, (_, row) => row);
  return rows.sort((a, b) => openTimeMs[a]! - openTimeMs[b]! || a - b);
}

function withoutRepeats(table: BarTable, sorted: Int32Array): Int32Array {
  const openTimeMs = table.columns.get('open_time_ms')!;
  return sorted.filter((row, i) => {
    const before = i > 0 ? sorted[i - 1]! : row;
    if (before === row || openTimeMs[before] !== openTimeMs[row]) return true;
    for (const [name, values] of table.columns) {
      if (!Object.is(values[before], values[row])) {
        throw new UserError(
          `${table.path} ${table.rowName(row)}: one bar a minute, got a second one for ` +
            `${new Date(openTimeMs[row]!).toISOString()} that differs from ${table.rowName(before)} in ${name} ` +
            `(${values[before]}, ${values[row]}). Keep one of them`,
        );
      }
    }
    return false;
  });
}

function isInRange(openTimeMs: number, { startMs = -Infinity, endMs = Infinity }: BarRange): boolean {
  return startMs <= openTimeMs && openTimeMs < endMs;
}

function accountOf(bars: Bars, dropped: Pick<BarsAccount, 'droppedRepeats' | 'droppedOutsideRange'>): BarsAccount {
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
