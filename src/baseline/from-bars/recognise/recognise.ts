import { countOf, countText, wordFor } from '../../../counts.ts';
import { UserError } from '../../../user-error.ts';
import { describe } from '../../json-file.ts';
import { PLAIN_NUMBERS, parseNumberCell } from '../readers/number-cell.ts';
import type { ReadingOptions } from '../readers/reading-options.ts';
import type { NumberColumn, SourceTable, TextColumn } from '../readers/source-table.ts';
import { meaningOf, type NameMeaning, plainName } from './column-names.ts';
import { type Dialect, dialectOf } from './dialects.ts';
import { type FoundColumns, findHeaderless } from './find-headerless.ts';
import { columnsFound, findTime, type TimeNaming } from './find-time.ts';
import { columnHandle, columnLabel } from './labels.ts';
import { compareOpenClose, decide, findPrices } from './price-evidence.ts';
import type { Reading, TimeReading } from './reading.ts';
import { BAR_ROLES, type BarRole, BOOK_ROLES, PRICE_ROLES } from './roles.ts';
import { rowsBySymbol, symbolsOf } from './row-groups.ts';
import { settleAmounts } from './settle-amounts.ts';
import { toldColumns } from './told-columns.ts';

type Columns = { [role in Exclude<BarRole, 'time'>]?: number };

/**
 * What a table's columns mean. Names tell where there are any, held to every row; without names the rows tell. What the
 * user says goes before both.
 *
 * @throws UserError where the rows contradict the names, do not decide, or are no 1-minute bars; it names what settles it
 */
export function recognise(table: SourceTable, options: ReadingOptions): Reading {
  if (table.rowCount === 0) throw new UserError(`${table.name}: a bar file needs a header and rows, got no row`);
  const told = toldColumns(table, options);
  const dialect = table.hasHeader ? dialectOf(table.columns.map(({ name }) => name)) : null;
  const meanings = table.columns.map((column) => meaningOfColumn(table, column.name, dialect));
  const symbol = told.has('symbol') ? (told.get('symbol')?.[0] ?? null) : symbolColumn(table, meanings);
  const { reading: time, groups } = findTime(
    table,
    timesNamed(meanings),
    told.get('time') ?? null,
    symbolRowsOf(table, symbol),
    options,
    dialect?.timeIs,
  );
  const isNamed = (role: NameMeaning): boolean => meanings.includes(role);
  const hasNames = table.hasHeader && (PRICE_ROLES.some(isNamed) || PRICE_ROLES.some((role) => told.has(role)));
  const isTold = PRICE_ROLES.every((role) => told.has(role)) && told.has('volume');
  const found: FoundColumns =
    hasNames || isTold
      ? byNames(table, meanings, told, dialect, time, groups)
      : withTold(withFlag(findHeaderless(table, freeColumns(table, told), time, groups), meanings), told);
  const columns: Columns = { ...found.columns, ...(symbol === null ? {} : { symbol }) };
  const used = new Set([
    ...time.columns,
    ...Object.values(columns),
    ...(found.contractSize === null ? [] : [found.contractSize.column]),
  ]);
  const pricesPerUnit = pricesPerUnitOf(table, columns, dialect);
  return {
    dialect: found.dialect,
    time,
    columns,
    contractSize: found.contractSize,
    pricesPerUnit,
    toldBy: told.size > 0 ? 'options' : hasNames ? 'names' : 'rows',
    unused: table.columns.flatMap((_, i) => (used.has(i) ? [] : [i])),
    notes:
      pricesPerUnit === 1 ? found.notes : [...found.notes, `prices are whole numbers of which ${pricesPerUnit} are 1`],
  };
}

/** A price of a hundredth and more is that many of the smallest units; no plain price is, and has no decimals besides. */
const LEAST_WHOLE_PRICE = 1e-2;

/** Whether a dialect that may write prices as whole numbers has done so, as every row says. */
function pricesPerUnitOf(table: SourceTable, columns: Columns, dialect: Dialect | null): number {
  const perUnit = dialect?.wholePrices ?? 1;
  if (perUnit === 1) return 1;
  const isWhole = PRICE_ROLES.every((role) =>
    requireNumbers(table, columns[role]!).values.every(
      (value) => Number.isNaN(value) || (Number.isInteger(value) && value >= LEAST_WHOLE_PRICE * perUnit),
    ),
  );
  return isWhole ? perUnit : 1;
}

function meaningOfColumn(table: SourceTable, name: string, dialect: Dialect | null): NameMeaning | null {
  if (!table.hasHeader) return null;
  const own = dialect?.means;
  if (own !== undefined && Object.hasOwn(own, name)) return own[name]!;
  return meaningOf(name);
}

function timesNamed(meanings: readonly (NameMeaning | null)[]): { column: number; naming: TimeNaming }[] {
  return meanings.flatMap((meaning, column) =>
    meaning === 'open time' || meaning === 'time' || meaning === 'close time' ? [{ column, naming: meaning }] : [],
  );
}

/** The column of symbols: one that is called so; in a file without names one of several texts has to be told. */
function symbolColumn(table: SourceTable, meanings: readonly (NameMeaning | null)[]): number | null {
  const column = meanings.findIndex((meaning, i) => meaning === 'symbol' && table.columns[i]!.kind !== 'time');
  if (column >= 0) return column;
  if (table.hasHeader) return null;
  const mixed = table.columns.findIndex(
    (one) => one.kind === 'text' && one.texts.length > 1 && !one.texts.every((text) => /^(?:true|false)$/i.test(text)),
  );
  if (mixed < 0) return null;
  const { texts } = table.columns[mixed] as TextColumn;
  throw new UserError(
    `${table.name}: column ${mixed + 1} holds ${texts
      .slice(0, 3)
      .map((text) => describe(text))
      .join(
        ', ',
      )}${texts.length > 3 ? ' …' : ''}, which may be symbols. Say --columns symbol=${mixed + 1} or symbol=none`,
  );
}

export function symbolRowsOf(table: SourceTable, symbol: number | null): (Int32Array | null)[] {
  if (symbol === null) return [null];
  const { codes, texts } = symbolsOf(table.columns[symbol]!);
  return texts.length < 2 ? [null] : rowsBySymbol(codes, texts.length);
}

function freeColumns(table: SourceTable, told: ReadonlyMap<BarRole, readonly number[] | null>): number[] {
  const taken = new Set([...told.values()].flatMap((columns) => columns ?? []));
  return table.columns.flatMap((_, i) => (taken.has(i) ? [] : [i]));
}

/** A bar that is not over is told by a column's name alone. */
function withFlag(found: FoundColumns, meanings: readonly (NameMeaning | null)[]): FoundColumns {
  const finished = meanings.indexOf('finished');
  return finished < 0 ? found : { ...found, columns: { ...found.columns, finished } };
}

/** A few roles told of a file that its rows tell otherwise. */
function withTold(found: FoundColumns, told: ReadonlyMap<BarRole, readonly number[] | null>): FoundColumns {
  const columns: Columns = { ...found.columns };
  for (const [role, column] of told) {
    if (role === 'time') continue;
    if (column === null) delete columns[role];
    else columns[role] = column[0]!;
  }
  return { ...found, columns };
}

function byNames(
  table: SourceTable,
  meanings: readonly (NameMeaning | null)[],
  told: ReadonlyMap<BarRole, readonly number[] | null>,
  dialect: Dialect | null,
  time: TimeReading,
  groups: readonly Int32Array[],
): FoundColumns {
  const toldAll = new Set([...told.values()].flatMap((columns) => columns ?? []));
  const called = (meaning: NameMeaning): number[] =>
    meanings.flatMap((one, i) => (one === meaning && !time.columns.includes(i) && !toldAll.has(i) ? [i] : []));
  const one = (role: Exclude<BarRole, 'time'>): number | null => {
    if (told.has(role)) return told.get(role)?.[0] ?? null;
    const named = called(role);
    const exact = named.filter((i) => plainName(table.columns[i]!.name) === plainName(role));
    const all = exact.length === 1 ? exact : named;
    if (all.length > 1) {
      throw new UserError(
        `${table.name}: ${all.map((i) => columnLabel(table, i)).join(' and ')} may both be ${role}. Say which with --columns ${role}=${columnHandle(table, all[0]!)}, or remove one`,
      );
    }
    return all[0] ?? null;
  };
  const [open, high, low, close] = PRICE_ROLES.map(one);
  const missing = PRICE_ROLES.filter((_, i) => [open, high, low, close][i] === null);
  if (missing.length > 0) {
    throw new UserError(
      `${table.name}: ${wordFor(missing.length, 'column')} ${missing.join(', ')} missing, found ${columnsFound(table)}. Say which with --columns ${missing.map((role) => `${role}=NAME`).join(',')}`,
    );
  }
  const numberOf = (column: number): NumberColumn => requireNumbers(table, column);
  const [o, h, l, c] = [open!, high!, low!, close!].map(numberOf) as [
    NumberColumn,
    NumberColumn,
    NumberColumn,
    NumberColumn,
  ];
  const rows = groups.length === 1 ? groups[0]! : Int32Array.from(groups.flatMap((group) => [...group]));
  const isToldPrice = PRICE_ROLES.some((role) => told.has(role));
  if (!isToldPrice) requirePricesAsNamed(table, [open!, high!, low!, close!], { o, h, l, c }, time, groups, rows);
  const amounts = told.has('volume')
    ? toldAmounts(told, called)
    : settleAmounts(
        table,
        {
          volume: called('volume'),
          quote: told.has('quote_volume') ? (told.get('quote_volume') ?? []) : called('quote_volume'),
          amount: called('amount'),
          tickVolume: called('tick volume'),
          takerBase: told.has('taker_buy_base') ? (told.get('taker_buy_base') ?? []) : called('taker_buy_base'),
          takerQuote: table.columns.flatMap(({ name }, i) =>
            /^(?:takerbuyquote|tbquote)/.test(plainName(name)) ? [i] : [],
          ),
        },
        numberOf,
        { high: h.values, low: l.values },
        rows,
      );
  const columns: Columns = { open: open!, high: high!, low: low!, close: close!, volume: amounts.volume };
  if (amounts.quote !== null) columns.quote_volume = amounts.quote;
  if (amounts.takerBase !== null) columns.taker_buy_base = amounts.takerBase;
  for (const role of ['trades', 'finished'] as const) {
    const column = one(role);
    if (column !== null) columns[role] = column;
  }
  if (columns.trades !== undefined && !told.has('trades')) requireWholeTrades(table, columns.trades, numberOf, rows);
  const notes = [...amounts.notes, ...addBook(table, columns, one)];
  return { dialect: dialect?.name ?? null, columns, contractSize: amounts.contractSize, notes };
}

/** @throws UserError where more than one in a hundred is no whole number: a volume under the name of trades */
function requireWholeTrades(
  table: SourceTable,
  trades: number,
  numberOf: (column: number) => NumberColumn,
  rows: Int32Array,
): void {
  const { values } = numberOf(trades);
  let broken = 0;
  for (const row of rows) if (!Number.isInteger(values[row]!) && !Number.isNaN(values[row]!)) broken += 1;
  if (100 * broken <= rows.length) return;
  const label = columnLabel(table, trades);
  throw new UserError(
    `${table.name}: the names of its columns contradict its rows: ${label} must count trades, and is no whole number in ${countText(broken)} of ${countOf(rows.length, 'row')}. Say --columns trades=none to leave it out`,
  );
}

function toldAmounts(told: ReadonlyMap<BarRole, readonly number[] | null>, called: (meaning: NameMeaning) => number[]) {
  const volume = told.get('volume')?.[0];
  if (volume === undefined) throw new UserError('--columns: volume is needed, got none');
  const of = (role: 'quote_volume' | 'taker_buy_base'): number | null => {
    const column = told.has(role) ? told.get(role)?.[0] : called(role)[0];
    return column ?? null;
  };
  return { volume, quote: of('quote_volume'), takerBase: of('taker_buy_base'), contractSize: null, notes: [] };
}

/** The book, whole or not at all. */
function addBook(
  table: SourceTable,
  columns: Columns,
  one: (role: Exclude<BarRole, 'time'>) => number | null,
): string[] {
  const book = BOOK_ROLES.map((role) => [role, one(role)] as const);
  const missing = book.filter(([, column]) => column === null).map(([role]) => role);
  if (missing.length === BOOK_ROLES.length) return [];
  if (missing.length > 0) {
    const there = book.flatMap(([, column]) => (column === null ? [] : [columnLabel(table, column)]));
    return [`${there.join(', ')} not used: a book needs ${missing.join(', ')} as well`];
  }
  for (const [role, column] of book) columns[role] = column!;
  const bookTime = one('book_time');
  if (bookTime !== null) columns.book_time = bookTime;
  return [];
}

/** A column's numbers. @throws UserError naming the first row that holds none */
export function requireNumbers(table: SourceTable, i: number): NumberColumn {
  const column = table.columns[i]!;
  if (column.kind === 'number') return column;
  const label = columnLabel(table, i);
  if (column.kind === 'time')
    throw new UserError(
      `${table.name}: ${label}: expected numbers, got times. Say which column has them with --columns`,
    );
  const row = column.codes.findIndex(
    (code) => code >= 0 && parseNumberCell(column.texts[code]!, PLAIN_NUMBERS) === null,
  );
  throw new UserError(
    `${table.name}: ${table.rowName(Math.max(row, 0))}: ${label} must be a number, got ${describe(column.texts[column.codes[row]!])}`,
  );
}

/** @throws UserError where the rows say that the names are wrong: a low above the high, an open that is the close */
function requirePricesAsNamed(
  table: SourceTable,
  [open, high, low, close]: readonly [number, number, number, number],
  { o, h, l, c }: { o: NumberColumn; h: NumberColumn; l: NumberColumn; c: NumberColumn },
  time: TimeReading,
  groups: readonly Int32Array[],
  rows: Int32Array,
): void {
  let breaches = 0;
  let priced = 0;
  for (const row of rows) {
    const [top, bottom] = [h.values[row]!, l.values[row]!];
    if (Number.isNaN(top) || Number.isNaN(bottom)) continue;
    priced += 1;
    const isOrdered =
      bottom <= top &&
      bottom <= o.values[row]! &&
      bottom <= c.values[row]! &&
      o.values[row]! <= top &&
      c.values[row]! <= top;
    if (!isOrdered) breaches += 1;
  }
  if (priced > 2 && 2 * breaches > priced) {
    const actual = findPrices(
      new Map([open, high, low, close].map((i) => [i, requireNumbers(table, i)] as const)),
      rows,
    );
    throw new UserError(
      `${table.name}: the names of its columns contradict its rows: open and close must lie within low and high, and do not in ${countText(breaches)} of ${countOf(priced, 'row')}. ` +
        (actual === null
          ? 'Say which columns are open, high, low and close with --columns'
          : `In the rows ${columnLabel(table, actual.high)} is the high and ${columnLabel(table, actual.low)} the low: say --columns high=${columnHandle(table, actual.high)},low=${columnHandle(table, actual.low)},open=…,close=…`),
    );
  }
  const asNamed = { open: o.values, close: c.values };
  const swapped = { open: c.values, close: o.values };
  const evidence = compareOpenClose(asNamed, swapped, time.openMs, groups, time.stepMs);
  if (decide(evidence) === -1) {
    throw new UserError(
      `${table.name}: the names of its columns contradict its rows: an open stands next to the close of the minute before, and in ${countText(evidence.losses)} of ${countOf(evidence.minutes, 'minute')} ` +
        `${columnLabel(table, close)} does so better than ${columnLabel(table, open)}. Say --columns open=${columnHandle(table, close)},close=${columnHandle(table, open)}, or open=${columnHandle(table, open)},close=${columnHandle(table, close)} where it is as named`,
    );
  }
}

/** Roles in the order of summaries. */
export function rolesOf(reading: Reading): Exclude<BarRole, 'time'>[] {
  return BAR_ROLES.filter(
    (role): role is Exclude<BarRole, 'time'> => role !== 'time' && reading.columns[role] !== undefined,
  );
}
