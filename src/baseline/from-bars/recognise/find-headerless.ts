import { countOf } from '../../../counts.ts';
import { MINUTE_MS } from '../../../time-units.ts';
import { UserError } from '../../../user-error.ts';
import type { NumberColumn, SourceTable } from '../readers/source-table.ts';
import {
  countsMoreThanUnits,
  countsTradesOf,
  isAmount,
  isNowhereAbove,
  isQuoteOf,
  isZeroThroughout,
  type PriceRange,
} from './amount-evidence.ts';
import { DIALECTS, type Place } from './dialects.ts';
import { columnHandle } from './labels.ts';
import { compareOpenClose, decide, findPrices } from './price-evidence.ts';
import type { Reading, TimeReading } from './reading.ts';

export type FoundColumns = Pick<Reading, 'dialect' | 'columns' | 'contractSize' | 'notes'>;

type Match = FoundColumns & { readonly isSure: boolean };

/**
 * The roles of columns without names, by what they can be: prices by their order in every row, open and close by the
 * minute before, volume and quote volume by the price they make. The order of a known dialect settles what is left, where
 * no row contradicts it.
 *
 * @param free columns that the user gave no role
 * @throws UserError with the readings that are left, where there is not one
 */
export function findHeaderless(
  table: SourceTable,
  free: readonly number[],
  time: TimeReading,
  groups: readonly Int32Array[],
): FoundColumns {
  const rows = groups.length === 1 ? groups[0]! : Int32Array.from(groups.flatMap((group) => [...group]));
  const numbers = new Map<number, NumberColumn>();
  for (const i of free) {
    const column = table.columns[i]!;
    if (
      column.kind === 'number' &&
      !time.columns.includes(i) &&
      !isTimeToo(column, time.openMs, rows) &&
      !isCounter(column)
    ) {
      numbers.set(i, column);
    }
  }
  const prices = findPrices(numbers, rows);
  if (prices === null) {
    throw new UserError(
      `${table.name}: expected four columns that are open, high, low and close in every row, found none or several. Say which they are with --columns open=2,high=3,low=4,close=5 and so on`,
    );
  }
  const range = { high: numbers.get(prices.high)!.values, low: numbers.get(prices.low)!.values };
  const pairs = prices.between.flatMap((open) =>
    prices.between.filter((close) => close !== open).map((close) => ({ open, close })),
  );
  const told = pairs.length > 12 ? null : toldPair(pairs, numbers, time, groups);
  const slots = slotsOf(table, time, numbers, rows);
  const matches = DIALECTS.flatMap(({ name, orders = [] }) =>
    orders.flatMap((places) => {
      const match = matchOf(name, places, { table, slots, time, numbers, prices, range, told, rows });
      return match === null ? [] : [match];
    }),
  );
  const sure = matches.filter(({ isSure }) => isSure);
  const left = distinct(sure.length > 0 ? sure : matches, table);
  if (left.length === 1) return left[0]!;
  if (left.length > 1) throw undecided(table, left);
  return byRowsAlone(table, time, numbers, prices, range, told, rows);
}

/** The pair of columns of which open stands nearer to the last close than in any other pair; null where it is not clear. */
function toldPair(
  pairs: readonly { readonly open: number; readonly close: number }[],
  numbers: ReadonlyMap<number, NumberColumn>,
  time: TimeReading,
  groups: readonly Int32Array[],
): { open: number; close: number } | null {
  const valuesOf = ({ open, close }: { open: number; close: number }) => ({
    open: numbers.get(open)!.values,
    close: numbers.get(close)!.values,
  });
  return (
    pairs.find((pair) =>
      pairs.every(
        (other) =>
          other === pair ||
          decide(compareOpenClose(valuesOf(pair), valuesOf(other), time.openMs, groups, time.stepMs)) === 1,
      ),
    ) ?? null
  );
}

/** A second column of times, such as the closing ones: it grows by a minute, in some unit, from minute to minute. */
function isTimeToo({ values }: NumberColumn, openMs: Float64Array, rows: Int32Array): boolean {
  const [first, second] = [rows[0]!, rows[1]];
  if (second === undefined) return false;
  const perMinute = ((values[second]! - values[first]!) / (openMs[second]! - openMs[first]!)) * MINUTE_MS;
  if (!MINUTE_IN_UNITS.some((units) => Math.abs(perMinute - units) <= 1e-6 * units)) return false;
  for (const row of rows) {
    const expected = values[first]! + ((openMs[row]! - openMs[first]!) / MINUTE_MS) * perMinute;
    if (Math.abs(values[row]! - expected) > 1e-9 * Math.abs(expected)) return false;
  }
  return true;
}

const MINUTE_IN_UNITS = [60, 6e4, 6e7, 6e10];

/** Rows counted up or down. */
function isCounter({ values }: NumberColumn): boolean {
  const step = values[1]! - values[0]!;
  return (
    values.length >= LEAST_COUNTED &&
    Math.abs(step) === 1 &&
    values.every((value, i) => value === values[0]! + i * step)
  );
}

/** Prices may rise by 1 from row to row for a while. */
const LEAST_COUNTED = 20;

/** The columns that have a place in a dialect's order: without row numbers, second times, a symbol, empty last ones. */
function slotsOf(
  table: SourceTable,
  time: TimeReading,
  numbers: ReadonlyMap<number, NumberColumn>,
  rows: Int32Array,
): number[] {
  const isEmpty = (i: number): boolean => {
    const column = table.columns[i]!;
    return column.kind === 'number' && rows.every((row) => Number.isNaN(column.values[row]!));
  };
  return table.columns.flatMap((column, i) => {
    if (i === time.columns[0]) return [i];
    if (time.columns.includes(i) || isEmpty(i)) return [];
    if (numbers.has(i)) return [i];
    // Closing times have a place where an order has them.
    return column.kind === 'number' && time.endMs !== null && !isCounter(column)
      ? [i]
      : column.kind === 'text'
        ? [i]
        : [];
  });
}

type Known = {
  readonly table: SourceTable;
  readonly slots: readonly number[];
  readonly time: TimeReading;
  readonly numbers: ReadonlyMap<number, NumberColumn>;
  readonly prices: { readonly high: number; readonly low: number; readonly between: readonly number[] };
  readonly range: PriceRange;
  readonly told: { readonly open: number; readonly close: number } | null;
  readonly rows: Int32Array;
};

/** A dialect's order laid over the columns; null where a row contradicts it. */
function matchOf(name: string, places: readonly Place[], known: Known): Match | null {
  const { table, slots, time, numbers, prices, range, told, rows } = known;
  if (places.length !== slots.length) return null;
  const at = (place: Place): number | undefined => {
    const slot = places.indexOf(place);
    return slot < 0 ? undefined : slots[slot]!;
  };
  const [open, high, low, close, volume] = [at('open')!, at('high')!, at('low')!, at('close')!, at('volume')!];
  if (at('time') !== time.columns[0]) return null;
  const isSame = (a: number, b: number): boolean =>
    a === b ||
    (numbers.has(a) && rows.every((row) => Object.is(numbers.get(a)!.values[row], numbers.get(b)!.values[row])));
  if (!isSame(high, prices.high) || !isSame(low, prices.low)) return null;
  const inside = [...prices.between, prices.high, prices.low];
  if (!inside.includes(open) || !inside.includes(close)) return null;
  if (told !== null && !(isSame(open, told.open) && isSame(close, told.close))) return null;
  const v = numbers.get(volume);
  if (v === undefined || !isAmount(v, rows)) return null;
  const closing = at('close time');
  if (closing !== undefined && numbers.has(closing) && time.endMs === null) return null;
  const average = at('average');
  if (average !== undefined && !isAverage(numbers.get(average), range, v, rows)) return null;
  const found = { dialect: name, notes: [] as string[], contractSize: null as Reading['contractSize'] };
  const columns: { -readonly [role in keyof Reading['columns']]: number } = { open, high, low, close, volume };
  const [quote, trades, taker, finished] = [at('quote_volume'), at('trades'), at('taker_buy_base'), at('finished')];
  let isSure = false;
  if (quote !== undefined) {
    const q = numbers.get(quote);
    if (q === undefined) return null;
    if (isQuoteOf(v, q, range, rows)) columns.quote_volume = quote;
    else {
      const size = [10, 100].find((contract) => isQuoteOf(q, v, range, rows, contract));
      if (size === undefined || taker === undefined) return null;
      columns.volume = quote;
      found.contractSize = { column: volume, quotePerContract: size };
      found.notes.push(
        `column ${volume + 1} counts contracts of ${size}; column ${quote + 1} is the base asset's volume`,
      );
    }
    isSure = true;
  }
  if (trades !== undefined) {
    const n = numbers.get(trades);
    if (n === undefined || !countsTradesOf(v, n, rows)) return null;
    if (quote === undefined && countsMoreThanUnits(v, n, rows)) return null;
    columns.trades = trades;
  }
  if (taker !== undefined) {
    // Of contracts the base asset's column is the other one, as for the whole.
    const takerQuote = at('taker quote');
    const column = found.contractSize === null ? taker : takerQuote;
    const taken = column === undefined ? undefined : numbers.get(column);
    if (column === undefined || taken === undefined) return null;
    if (!isNowhereAbove(taken, numbers.get(columns.volume!)!, rows)) return null;
    const inQuote = takerQuote === undefined ? undefined : numbers.get(takerQuote);
    const isPriced = found.contractSize !== null || inQuote === undefined || isQuoteOf(taken, inQuote, range, rows);
    if (!isPriced && !isZeroThroughout(taken, rows)) return null;
    columns.taker_buy_base = column;
  }
  if (finished !== undefined) {
    if (!isFlag(table, finished, rows)) return null;
    columns.finished = finished;
  }
  return { ...found, columns, isSure };
}

/** A price of the minute, such as what it was traded for on average: within low and high but for rounding, where it was traded. */
function isAverage(
  column: NumberColumn | undefined,
  range: PriceRange,
  volume: NumberColumn,
  rows: Int32Array,
): boolean {
  return (
    column !== undefined &&
    rows.every((row) => {
      const value = column.values[row]!;
      if (!(volume.values[row]! > 0)) return true;
      return value >= range.low[row]! * (1 - PRICE_ROUNDING) && value <= range.high[row]! * (1 + PRICE_ROUNDING);
    })
  );
}

const PRICE_ROUNDING = 1e-3;

function isFlag(table: SourceTable, i: number, rows: Int32Array): boolean {
  const column = table.columns[i]!;
  if (column.kind === 'number') return rows.every((row) => column.values[row] === 0 || column.values[row] === 1);
  return column.kind === 'text' && column.texts.every((text) => /^(?:true|false)$/i.test(text));
}

/** Readings that give different bars: columns that are equal in every row may take each other's place. */
function distinct(matches: readonly Match[], table: SourceTable): Match[] {
  const valuesOf = (i: number): Float64Array | null => {
    const column = table.columns[i]!;
    return column.kind === 'number' ? column.values : null;
  };
  const isEqual = (a: number | undefined, b: number | undefined): boolean => {
    if (a === b) return true;
    const [x, y] = [a === undefined ? null : valuesOf(a), b === undefined ? null : valuesOf(b)];
    return x !== null && y !== null && x.every((value, row) => Object.is(value, y[row]));
  };
  return matches.filter((match, i) => {
    return !matches.slice(0, i).some((other) => {
      const roles = new Set([...Object.keys(match.columns), ...Object.keys(other.columns)]) as Set<
        keyof Reading['columns']
      >;
      return [...roles].every((role) => isEqual(match.columns[role], other.columns[role]));
    });
  });
}

function undecided(table: SourceTable, left: readonly Match[]): UserError {
  const text = ({ columns }: Match): string =>
    `--columns ${Object.entries(columns)
      .map(([role, column]) => `${role}=${columnHandle(table, column)}`)
      .join(',')}`;
  return new UserError(
    `${table.name}: expected columns that can be read in one way, got ${countOf(left.length, 'way')} (${left.map(({ dialect }) => dialect).join(', ')}). ` +
      `Say which: ${left.slice(0, 2).map(text).join(' or ')}`,
  );
}

/** No known order: what the rows decide by themselves. */
function byRowsAlone(
  table: SourceTable,
  time: TimeReading,
  numbers: ReadonlyMap<number, NumberColumn>,
  prices: Known['prices'],
  range: PriceRange,
  told: Known['told'],
  rows: Int32Array,
): FoundColumns {
  const priced = new Set([prices.high, prices.low, ...prices.between]);
  const rest = [...numbers.keys()].filter((i) => !priced.has(i) && !isZeroThroughout(numbers.get(i)!, rows));
  const pairs = rest.flatMap((v) =>
    rest.filter((q) => q !== v && isQuoteOf(numbers.get(v)!, numbers.get(q)!, range, rows)).map((q) => ({ v, q })),
  );
  // What takers traded makes a price as well, and is nowhere above the whole.
  const whole = pairs.filter(({ v }) =>
    pairs.every((other) => isNowhereAbove(numbers.get(other.v)!, numbers.get(v)!, rows)),
  );
  const amounts: { volume: number; quote_volume?: number } | null =
    whole.length === 1
      ? { volume: whole[0]!.v, quote_volume: whole[0]!.q }
      : pairs.length === 0 && rest.length === 1 && isAmount(numbers.get(rest[0]!)!, rows)
        ? { volume: rest[0]! }
        : null;
  if (told !== null && amounts !== null) {
    return {
      dialect: null,
      columns: { ...told, high: prices.high, low: prices.low, ...amounts },
      contractSize: null,
      notes: [],
    };
  }
  const said = [
    `time=${time.columns.map((column) => column + 1).join('+')}`,
    `high=${prices.high + 1}`,
    `low=${prices.low + 1}`,
    ...(told === null ? ['open=…', 'close=…'] : [`open=${told.open + 1}`, `close=${told.close + 1}`]),
    amounts === null ? 'volume=…' : `volume=${amounts.volume + 1}`,
  ];
  const unclear = [
    ...(told === null
      ? [`which of columns ${prices.between.map((i) => i + 1).join(' and ')} is open and which close`]
      : []),
    ...(amounts === null ? [`which of columns ${rest.map((i) => i + 1).join(', ') || 'that are left'} is volume`] : []),
  ];
  throw new UserError(
    `${table.name}: the rows do not tell ${unclear.join(', nor ')}. Say it with --columns ${said.join(',')}`,
  );
}
