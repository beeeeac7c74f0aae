import { UserError } from '../../../user-error.ts';
import { openParquet } from '../../parquet-file.ts';
import { arrowColumn } from './arrow-column.ts';
import type { SourceTable } from './source-table.ts';

/** More columns than bars ever have beside each other: not read, since each costs memory. */
const MOST_COLUMNS = 1000;

/**
 * A parquet file's columns: numbers, decimals, times and text of any encoding; lists and structs are left out.
 *
 * @throws UserError naming the file, and the column where it cannot be decoded
 */
export async function parquetTable(path: string): Promise<SourceTable> {
  const file = await openParquet(path, path);
  const names = file.schema.fields.map((field) => String(field.name));
  if (names.length > MOST_COLUMNS)
    throw new UserError(
      `${path}: expected at most ${MOST_COLUMNS} columns, got ${names.length}. Is this a file of bars?`,
    );
  const flat = file.schema.fields
    .filter((field) => arrowColumn(field.type, 0) !== null)
    .map((field) => String(field.name));
  const table = await file.read(flat);
  const columns = table.schema.fields.map((field, i) => {
    const column = arrowColumn(field.type, table.numRows)!;
    column.push(table.getChildAt(i)!);
    return column.finish(String(field.name));
  });
  return {
    name: path,
    format: ['parquet'],
    columns,
    rowCount: table.numRows,
    hasHeader: true,
    rowName: (row) => `row index ${row}`,
    brokenRows: new Map(),
  };
}
