import { messageOf, UserError } from '../../../user-error.ts';
import { describe } from '../../json-file.ts';
import { columnBuilder, kindOfCells } from './column-builder.ts';
import { NoBarsError } from './no-bars-error.ts';
import { PLAIN_NUMBERS } from './number-cell.ts';
import type { SourceTable } from './source-table.ts';

/** Parsed JSON takes some ten times its text. */
const LARGEST_JSON_BYTES = 200 * 2 ** 20;
const MOST_DEPTH = 8;
const ROWS_LOOKED_AT = 400;
const MOST_COLUMNS = 1000;
const LEAST_FIELDS = 5;

type Cell = string | number | boolean | null;
type Row = readonly unknown[];
/** Rows of cells, and the names of the columns where the text has them. */
type Found = { readonly names: readonly string[] | null; readonly rows: readonly Row[]; readonly at: string };

/** Whether a text is JSON or lines of it, by its first character that is no white space. */
export function isJson(bytes: Buffer): boolean {
  const first = /[^\s]/.exec(bytes.toString('latin1', 0, 1024))?.[0];
  return first === '[' || first === '{';
}

/**
 * Bars in JSON, as the APIs of exchanges and programs write them: arrays of arrays or of objects, an object of columns,
 * pandas' orients, a JSON value a line; anywhere within an answer's other fields. An object's keys above several tables
 * are their symbols.
 *
 * @param bytes UTF-8 without a byte order mark
 * @throws UserError naming the file: no JSON, no table of bars in it, or several
 */
export function jsonTable(name: string, bytes: Buffer): SourceTable {
  if (bytes.length > LARGEST_JSON_BYTES) {
    throw new UserError(
      `${name}: expected JSON of at most ${LARGEST_JSON_BYTES} bytes, got ${bytes.length}. Write the bars as CSV or parquet`,
    );
  }
  const text = bytes.toString('utf8');
  const lines = jsonLines(name, text);
  const value = lines ?? parse(name, text);
  const found = lines === null ? onlyTable(name, value) : tableOfRows(lines, '$', Number.POSITIVE_INFINITY);
  if (found === null) throw noTable(name, value);
  const saysZone = lines === null ? zoneIn(value, 0) : null;
  return { ...tableOf(name, found, lines !== null), ...(saysZone === null ? {} : { saysZone }) };
}

/** Alpha Vantage's `6. Time Zone` and TwelveData's `exchange_timezone`: beside the bars, not in them. */
function zoneIn(value: unknown, depth: number): string | null {
  if (depth > 3 || typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  for (const [key, item] of Object.entries(value).slice(0, MOST_COLUMNS)) {
    if (typeof item === 'string' && /time\s*_?-?zone$/i.test(key)) return item;
    const inner = zoneIn(item, depth + 1);
    if (inner !== null) return inner;
  }
  return null;
}

/** Values of a text that has one in each line; null where it is one value. */
function jsonLines(name: string, text: string): unknown[] | null {
  const end = text.indexOf('\n');
  const first = (end < 0 ? text : text.slice(0, end)).trim();
  const second = end < 0 ? '' : text.slice(end + 1, end + 3).trim();
  if (first === '' || first.endsWith(',') || !/^[[{]/.test(second)) return null;
  try {
    JSON.parse(first);
  } catch {
    // The first line of one value that goes over several.
    return null;
  }
  const values: unknown[] = [];
  let line = 0;
  for (const item of text.split('\n')) {
    line += 1;
    if (item.trim() !== '') values.push(parse(`${name}: line ${line}`, item));
  }
  return values;
}

function parse(where: string, text: string): unknown {
  try {
    // Nanoseconds since 1970 have more digits than a number holds: as text they are exact.
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      return typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? '')
        ? context?.source
        : value;
    });
  } catch (error) {
    throw new UserError(`${where}: is not JSON (${messageOf(error).replace(/[\s\p{C}]+/gu, ' ')})`, { cause: error });
  }
}

/** The one table of bars in an answer; several under one object are one, with their keys as symbols. */
function onlyTable(name: string, value: unknown): Found | null {
  const found = tablesIn(value, '$', 0);
  if (found.length < 2) return found[0] ?? null;
  const parents = new Set(found.map(({ at }) => at.slice(0, at.lastIndexOf('.'))));
  const [first] = found;
  const isAlike = found.every(({ names }) => JSON.stringify(names) === JSON.stringify(first!.names));
  if (parents.size === 1 && isAlike && !first!.names?.includes('symbol')) {
    const rows = found.flatMap(({ rows, at }) => rows.map((row) => [at.slice(at.lastIndexOf('.') + 1), ...row]));
    return { names: first!.names && ['symbol', ...first!.names], rows, at: [...parents][0]! };
  }
  throw new UserError(
    `${name}: expected one table of bars, got ${found.length} (${found
      .slice(0, 4)
      .map(({ at }) => at)
      .join(', ')}). Write each to a file of its own`,
  );
}

function tablesIn(value: unknown, at: string, depth: number): Found[] {
  if (depth > MOST_DEPTH || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const found = tableOfRows(value, at, LEAST_FIELDS);
    if (found !== null) return [found];
    return value.slice(0, 100).flatMap((item, i) => tablesIn(item, `${at}.${i}`, depth + 1));
  }
  const found = tableOfObject(value, at);
  if (found !== null) return [found];
  return Object.entries(value)
    .slice(0, MOST_COLUMNS)
    .flatMap(([key, item]) => tablesIn(item, `${at}.${key}`, depth + 1));
}

/** An array of arrays of cells, or of objects of cells. */
function tableOfRows(values: readonly unknown[], at: string, least: number): Found | null {
  const [first] = values;
  if (typeof first !== 'object' || first === null) return null;
  const needed = Math.min(least, LEAST_FIELDS);
  if (Array.isArray(first)) {
    const isRow = (row: unknown): row is Row => Array.isArray(row) && row.every(isCell);
    if (!values.every(isRow) || first.length < needed) return null;
    // pandas' and some exchanges' first row may be the names.
    const isNamed = values.length > 1 && first.every((cell) => typeof cell === 'string' && !/^[-+.\d]/.test(cell));
    return { names: isNamed ? first.map(String) : null, rows: isNamed ? values.slice(1) : values, at };
  }
  if (!values.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) return null;
  const names = [...new Set(values.slice(0, ROWS_LOOKED_AT).flatMap((row) => flatKeys(row as object)))];
  if (names.length < needed) return null;
  return { names, rows: values.map((row) => names.map((key) => cellAt(row as Record<string, unknown>, key))), at };
}

/** Keys whose values are cells, and those of objects within (`mid.o`, as OANDA has them). */
function flatKeys(row: object): string[] {
  return Object.entries(row).flatMap(([key, value]) => {
    if (isCell(value)) return [key];
    if (typeof value !== 'object' || Array.isArray(value)) return [];
    return Object.entries(value as object).flatMap(([inner, cell]) => (isCell(cell) ? [`${key}.${inner}`] : []));
  });
}

function cellAt(row: Record<string, unknown>, key: string): unknown {
  if (Object.hasOwn(row, key)) return row[key];
  const point = key.indexOf('.');
  const inner = point < 0 ? undefined : row[key.slice(0, point)];
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key.slice(point + 1)] : null;
}

/** Columns by name: arrays of equal length, pandas' `split`, and objects by row. */
function tableOfObject(value: object, at: string): Found | null {
  const entries = Object.entries(value);
  const split = value as { columns?: unknown; index?: unknown; data?: unknown };
  if (isTexts(split.columns) && Array.isArray(split.data)) {
    const { columns } = split;
    const found = tableOfRows(split.data, `${at}.data`, LEAST_FIELDS - 1);
    if (found === null || found.rows.some((row) => row.length !== columns.length)) return null;
    const { index } = split;
    if (!Array.isArray(index) || index.length !== found.rows.length) return { ...found, names: columns };
    return { names: ['index', ...columns], rows: found.rows.map((row, i) => [index[i], ...row]), at };
  }
  const arrays = columnArrays(value, '');
  const length = arrays[0]?.[1].length ?? 0;
  const alike = arrays.filter(([, cells]) => cells.length === length);
  if (alike.length >= LEAST_FIELDS && length > 0) {
    return {
      names: alike.map(([key]) => key),
      rows: Array.from({ length }, (_, i) => alike.map(([, cells]) => cells[i])),
      at,
    };
  }
  // Orients `columns` and `index`: {"open": {"0": 1, …}, …} and {"1718496000000": {"open": 1, …}, …}.
  const inner = entries.filter((entry): entry is [string, Record<string, unknown>] => isRecordOfCells(entry[1]));
  if (inner.length !== entries.length || entries.length === 0) return null;
  const [[, first]] = inner as [[string, Record<string, unknown>]];
  const keys = Object.keys(first);
  const isByRow = entries.every(([key]) => /^\d/.test(key)) && keys.length >= LEAST_FIELDS - 1;
  if (isByRow)
    return { names: ['index', ...keys], rows: inner.map(([key, row]) => [key, ...keys.map((name) => row[name])]), at };
  if (entries.length < LEAST_FIELDS - 1 || !inner.every(([, cells]) => Object.keys(cells).length === keys.length))
    return null;
  if (!keys.every((key) => /^\d/.test(key))) return null;
  return {
    names: ['index', ...entries.map(([key]) => key)],
    rows: keys.map((key) => [key, ...inner.map(([, cells]) => cells[key])]),
    at,
  };
}

/** Arrays of cells in an object and in what it holds: Yahoo has the times at one level and the prices three below. */
function columnArrays(value: object, prefix: string, depth = 0): [string, readonly unknown[]][] {
  if (depth > 4) return [];
  return Object.entries(value).flatMap(([key, item]): [string, readonly unknown[]][] => {
    if (Array.isArray(item)) {
      if (item.length > 0 && item.every(isCell)) return [[key, item]];
      return item.length === 1 && typeof item[0] === 'object' && item[0] !== null
        ? columnArrays(item[0], key, depth + 1)
        : [];
    }
    return depth > 0 || prefix !== '' || key === 'indicators'
      ? typeof item === 'object' && item !== null
        ? columnArrays(item, key, depth + 1)
        : []
      : [];
  });
}

function isCell(value: unknown): value is Cell {
  return value === null || typeof value !== 'object';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

function isRecordOfCells(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isCell);
}

/** An array or object is no cell, whatever lies in it: how deep that is nobody knows. */
function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return Array.isArray(cell) ? '[…]' : '{…}';
  return String(cell).trim();
}

function tableOf(name: string, { names, rows, at }: Found, isLines: boolean): SourceTable {
  const width = names?.length ?? rows[0]!.length;
  if (width > MOST_COLUMNS)
    throw new UserError(`${name}: expected at most ${MOST_COLUMNS} columns, got ${width}. Is this a file of bars?`);
  const brokenRows = new Map<number, string>();
  const looked = rows.slice(0, ROWS_LOOKED_AT);
  const builders = Array.from({ length: width }, (_, column) => {
    return columnBuilder(
      kindOfCells(
        looked.map((row) => cellText(row[column])),
        PLAIN_NUMBERS,
      ),
      PLAIN_NUMBERS,
    );
  });
  for (const [i, row] of rows.entries()) {
    if (row.length !== width) brokenRows.set(i, `expected ${width} fields, got ${row.length}`);
    for (let column = 0; column < width; column += 1) builders[column]!.pushText(cellText(row[column]));
  }
  return {
    name,
    format: [isLines ? 'JSON lines' : 'JSON'],
    columns: builders.map((builder, i) => builder.finish(names?.[i] ?? '')),
    rowCount: rows.length,
    hasHeader: names !== null,
    rowName: (row) => (isLines ? `line ${row + 1}` : `${at === '$' ? '' : `${at.slice(2)} `}row index ${row}`),
    brokenRows,
  };
}

function noTable(name: string, value: unknown): NoBarsError {
  return new NoBarsError(
    `${name}: expected bars in JSON, arrays or objects of a time and four prices at least, got ${describe(value)}. Is this a file of bars?`,
  );
}
