import { UserError } from '../../user-error.ts';
import { type BadRow, BadRows } from './bad-rows.ts';
import type { BarPart } from './bar-columns.ts';
import { barPart, type LeftOut } from './bar-part.ts';
import { type BarSource, filesOf } from './bar-sources.ts';
import type { Bars, BarsAccount } from './bars.ts';
import { type BarRange, checkBars } from './check-bars.ts';
import { joinParts } from './join-parts.ts';
import { isStray, NoBarsError, type StrayFile } from './readers/no-bars-error.ts';
import { type FileAccount, tablesOf } from './readers/read-tables.ts';
import type { ReadingOptions } from './readers/reading-options.ts';
import type { SourceTable } from './readers/source-table.ts';
import { describeReading, type ReadingAccount } from './reading-account.ts';
import type { Reading } from './recognise/reading.ts';
import { recognise, symbolRowsOf } from './recognise/recognise.ts';
import { BAR_ROLES } from './recognise/roles.ts';
import { symbolsOf } from './recognise/row-groups.ts';

/** One symbol's bars, out of any number of files. */
export type SymbolBars = {
  readonly bars: Bars;
  readonly account: BarsAccount;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** What was understood of its files; files that were read alike are one. */
  readonly readings: readonly ReadingAccount[];
  /** Rows that broke a rule and were left out. */
  readonly badRows: readonly BadRow[];
  /** Files that stood beside its own and are no tables: left out. */
  readonly strays: readonly StrayFile[];
};

/**
 * The bars of every symbol that the sources name, or that their own columns do.
 *
 * A table whose rows do not say by themselves what its columns are, a day of three bars, say, takes the reading of
 * another table of the same shape, and is held to it.
 *
 * @param onFile told of each file before it is read
 * @throws UserError naming file, row, rule and value
 */
export async function readSymbols(
  sources: readonly BarSource[],
  range: BarRange,
  options: ReadingOptions,
  onFile: (path: string) => void = () => {},
): Promise<SymbolBars[]> {
  const symbols = new Map<string, Gathered>();
  const bad = new BadRows(options.dropBadRows ?? 0);
  const seen = new Set<string>();
  for (const { symbol, path, otherwise } of sources) {
    const waiting: Waiting[] = [];
    const read: Shape[] = [];
    const strays: (StrayFile & { readonly error: UserError })[] = [];
    const sourceTakers = new Set<Gathered>();
    for (const file of await filesOf(path)) {
      // A folder and a pattern may both name it.
      if (seen.has(`${symbol}\n${file}`)) continue;
      seen.add(`${symbol}\n${file}`);
      onFile(file);
      const tables = tablesOf(file, options);
      const takers = new Set<Gathered>();
      for (;;) {
        const next = await nextOrStray(file, tables);
        if (next instanceof NoBarsError) {
          strays.push({ file, reason: next.message, error: next });
          break;
        }
        if (next.done === true) {
          for (const taker of takers) {
            taker.files.push({ path: file, sha256: next.value.sha256 });
            taker.strays.push(...next.value.strays);
            sourceTakers.add(taker);
          }
          break;
        }
        const table = next.value;
        const reading = readingOrReason(table, options);
        if (reading instanceof UserError) {
          if (table.hasHeader || table.rowCount > FEW_ROWS) throw reading;
          waiting.push({ table, reason: reading, takers });
          if (symbol !== null) takers.add(gatheredAt(symbols, symbol));
          continue;
        }
        if (!table.hasHeader) read.push(shapeOf(table, reading));
        take(symbols, { symbol, otherwise }, table, reading, bad, options, takers);
      }
    }
    if (strays.length > 0 && sourceTakers.size === 0) throw strays[0]!.error;
    for (const taker of sourceTakers) taker.strays.push(...strays.map(({ file, reason }) => ({ file, reason })));
    for (const { table, reason, takers } of waiting) {
      const alike = read.find(({ width }) => width === table.columns.length);
      if (alike === undefined) throw reason;
      const reading = recognise(table, { ...options, columns: alike.columns });
      take(
        symbols,
        { symbol, otherwise },
        table,
        { ...reading, dialect: alike.dialect, toldBy: alike.toldBy },
        bad,
        options,
        takers,
      );
    }
  }
  return [...symbols].map(([symbol, { parts, files, readings, badRows, leftOut, strays }]) => {
    const { bars, account } = checkBars(symbol, joinParts(symbol, parts), { leftOut, badRows }, range);
    return { bars, account, files, readings, badRows, strays };
  });
}

async function nextOrStray(
  file: string,
  tables: ReturnType<typeof tablesOf>,
): Promise<IteratorResult<SourceTable, FileAccount> | NoBarsError> {
  try {
    return await tables.next();
  } catch (error) {
    if (isStray(file, error)) return error;
    throw error;
  }
}

/** A small table may wait in memory for one of the same shape. */
const FEW_ROWS = 5000;

type Waiting = { readonly table: SourceTable; readonly reason: UserError; readonly takers: Set<Gathered> };

type Gathered = {
  readonly parts: BarPart[];
  readonly files: { path: string; sha256: string }[];
  readonly readings: ReadingAccount[];
  readonly badRows: BadRow[];
  readonly strays: StrayFile[];
  leftOut: LeftOut;
};

function gatheredAt(symbols: Map<string, Gathered>, symbol: string): Gathered {
  const known = symbols.get(symbol);
  if (known !== undefined) return known;
  const fresh = {
    parts: [],
    files: [],
    readings: [],
    badRows: [],
    strays: [],
    leftOut: { emptyRows: 0, unfinishedBars: 0, partialMinutes: 0 },
  };
  symbols.set(symbol, fresh);
  return fresh;
}

function readingOrReason(table: SourceTable, options: ReadingOptions): Reading | UserError {
  try {
    return recognise(table, options);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** A reading as a user would say it of another table without names. */
type Shape = Pick<Reading, 'dialect' | 'toldBy'> & {
  readonly width: number;
  readonly columns: NonNullable<ReadingOptions['columns']>;
};

function shapeOf(table: SourceTable, { dialect, toldBy, time, columns }: Reading): Shape {
  const said = BAR_ROLES.flatMap((role): [string, string | null][] => {
    if (role === 'time') return [[role, time.columns.map((i) => i + 1).join('+')]];
    const column = columns[role];
    if (column !== undefined) return [[role, String(column + 1)]];
    return role === 'symbol' || role === 'finished' || role === 'quote_volume' ? [[role, null]] : [];
  });
  return { dialect, toldBy, width: table.columns.length, columns: Object.fromEntries(said) };
}

/** Adds a table's rows to the symbols they are of. */
function take(
  symbols: Map<string, Gathered>,
  asked: Asked,
  table: SourceTable,
  reading: Reading,
  bad: BadRows,
  options: ReadingOptions,
  takers: Set<Gathered>,
): void {
  const groups = symbolGroups(table, reading, asked);
  for (const { symbol, rows } of groups) {
    const gathered = gatheredAt(symbols, symbol);
    const before = bad.rows.length;
    const { part, leftOut } = barPart(table, reading, rows, bad, options);
    gathered.parts.push(part);
    gathered.badRows.push(...bad.rows.slice(before));
    gathered.leftOut = {
      emptyRows: gathered.leftOut.emptyRows + leftOut.emptyRows,
      unfinishedBars: gathered.leftOut.unfinishedBars + leftOut.unfinishedBars,
      partialMinutes: gathered.leftOut.partialMinutes + leftOut.partialMinutes,
    };
    const account = describeReading(table, reading);
    const alike = gathered.readings.find((one) => isSameReading(one, account));
    if (alike === undefined) gathered.readings.push(account);
    else alike.tables += 1;
    takers.add(gathered);
  }
}

function isSameReading(a: ReadingAccount, b: ReadingAccount): boolean {
  return JSON.stringify({ ...a, tables: 0, firstTable: '' }) === JSON.stringify({ ...b, tables: 0, firstTable: '' });
}

type Asked = { readonly symbol: string | null; readonly otherwise: string | undefined };

function symbolGroups(
  table: SourceTable,
  reading: Reading,
  { symbol: asked, otherwise }: Asked,
): { symbol: string; rows: Int32Array | null }[] {
  const index = reading.columns.symbol;
  const texts = index === undefined ? [] : symbolsOf(table.columns[index]!).texts;
  if (texts.length === 0) {
    const symbol = asked ?? otherwise;
    if (symbol !== undefined) return [{ symbol, rows: null }];
    throw new UserError(`${table.name}: no column says what its bars are of. Give it as SYMBOL=${table.name}`);
  }
  const rows = symbolRowsOf(table, index!);
  const groups = texts.map((text, i) => ({ symbol: text, rows: rows[i] ?? null }));
  if (asked === null)
    return groups.map(({ symbol, rows: own }) => ({ symbol: symbol.replace(/\s+/g, '_'), rows: own }));
  if (groups.length === 1) return [{ symbol: asked, rows: null }];
  const meant = groups.filter(({ symbol }) => plain(symbol) === plain(asked));
  if (meant.length === 1) return [{ symbol: asked, rows: meant[0]!.rows }];
  throw new UserError(
    `${table.name}: expected bars of ${asked}, got several symbols without it: ${texts.slice(0, 6).join(', ')}${texts.length > 6 ? ' …' : ''}. Name one of them, or give the file without a symbol to take them all`,
  );
}

/** BTC/USDT, BTC-USDT and btcusdt are one symbol. */
function plain(symbol: string): string {
  return symbol.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** One symbol's bars from one path. */
export async function readBars(
  symbol: string,
  path: string,
  range: BarRange = {},
  options: ReadingOptions = {},
): Promise<{ bars: Bars; account: BarsAccount; sha256: string }> {
  const [read] = await readSymbols([{ symbol, path }], range, options);
  return { bars: read!.bars, account: read!.account, sha256: read!.files[0]!.sha256 };
}
