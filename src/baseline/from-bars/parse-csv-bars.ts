import Papa from 'papaparse';
import { UserError } from '../../user-error.ts';
import { describe } from '../json-file.ts';
import { type BarColumn, type BarTable, BOOK_COLUMNS, wantedColumns } from './bar-columns.ts';

/**
 * The bar columns of a CSV text with a header line: comma, semicolon or tab, quoted or not, with or without a byte
 * order mark. Columns may stand in any order. Only the book's columns may have empty fields, which become NaN.
 *
 * @throws UserError naming file, line, column and text
 */
export function parseCsvBars(path: string, text: string): BarTable {
  const fail: (message: string) => never = (message) => {
    throw new UserError(`${path}: ${message}`);
  };
  let line = 0;
  let header: readonly string[] | undefined;
  let readers: { column: BarColumn; field: number; values: Float64Array }[] = [];
  const lines: number[] = [];
  const readRow = (fields: readonly string[]): void => {
    line += 1;
    if (fields.length === 1 && fields[0]!.trim() === '') return;
    if (header === undefined) {
      header = fields.map((name) => name.trim());
      const names = header;
      readers = wantedColumns(names, fail).map((column) => ({
        column,
        field: names.indexOf(column),
        values: new Float64Array(INITIAL_ROWS),
      }));
      return;
    }
    if (fields.length !== header.length) {
      fail(`line ${line}: expected ${header.length} fields as in the header, got ${fields.length}`);
    }
    const row = lines.length;
    for (const reader of readers) {
      if (row === reader.values.length) reader.values = doubled(reader.values);
      const value = numberOf(fields[reader.field]!);
      if (value === null || (Number.isNaN(value) && !MAY_BE_EMPTY.has(reader.column))) {
        const got = value === null ? describe(fields[reader.field]) : 'nothing';
        fail(`line ${line}: ${reader.column} must be a number, got ${got}`);
      }
      reader.values[row] = value;
    }
    lines.push(line);
  };
  Papa.parse<string[]>(text, {
    step: ({ data, errors }) => {
      const quoting = errors.find((error) => error.type === 'Quotes');
      if (quoting) fail(`line ${line + 1}: ${quoting.message}`);
      readRow(data);
    },
  });
  if (lines.length === 0) fail('a bar file needs a header and rows, got no row');
  return {
    path,
    rowCount: lines.length,
    columns: new Map(readers.map(({ column, values }) => [column, values.subarray(0, lines.length)])),
    rowName: (row) => `line ${lines[row]}`,
  };
}

const INITIAL_ROWS = 65_536;
const MAY_BE_EMPTY: ReadonlySet<BarColumn> = new Set([...BOOK_COLUMNS, 'book_time_ms']);

/** NaN for an empty field, null for text that is no number. */
function numberOf(field: string): number | null {
  const text = field.trim();
  if (text === '') return Number.NaN;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
