import type { DataType } from 'apache-arrow';
import { UserError } from '../../../user-error.ts';
import { openParquet } from '../../parquet-file.ts';
import { arrowColumn } from './arrow-column.ts';
import type { SourceTable } from './source-table.ts';

/** More columns than bars ever have beside each other: each costs memory before a row is read. */
const MOST_COLUMNS = 1000;

/**
 * A parquet file's columns: numbers, decimals, times and text of any encoding; lists and structs are left out.
 *
 * @throws UserError naming the file, and the column where it cannot be decoded
 */
export async function parquetTable(path: string): Promise<SourceTable> {
  const file = await openParquet(path, path);
  if (file.columns.length > MOST_COLUMNS) {
    throw new UserError(
      `${path}: expected at most ${MOST_COLUMNS} columns, got ${file.columns.length}. Is this a file of bars?`,
    );
  }
  const types: DataType[] = [];
  file.types(file.flatColumns, (i, none) => {
    types[i] = none.type;
  });
  const wanted = file.flatColumns.flatMap((name, i) => {
    const column = arrowColumn(types[i]!, file.rowCount);
    return column === null ? [] : [{ name, column }];
  });
  await file.read(
    wanted.map(({ name }) => name),
    (i, _firstRow, values) => wanted[i]!.column.push(values),
  );
  return {
    name: path,
    format: ['parquet'],
    columns: wanted.map(({ name, column }) => column.finish(name)),
    rowCount: file.rowCount,
    hasHeader: true,
    rowName: (row) => `row index ${row}`,
    brokenRows: new Map(),
  };
}
