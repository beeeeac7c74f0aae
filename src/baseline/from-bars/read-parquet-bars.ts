import { UserError } from '../../user-error.ts';
import { numbers, readInto } from '../frame-reading.ts';
import { openParquet } from '../parquet-file.ts';
import { type BarTable, wantedColumns } from './bar-columns.ts';

/**
 * The bar columns of a parquet file: integers of any width or floats; nulls become NaN.
 *
 * @throws UserError naming file and column
 */
export async function readParquetBars(path: string): Promise<BarTable> {
  const file = await openParquet(path, path);
  const wanted = wantedColumns(file.columns, (message) => {
    throw new UserError(`${path}: ${message}`);
  });
  if (file.rowCount === 0) throw new UserError(`${path}: a bar file needs rows, got none`);
  const readings = Object.fromEntries(wanted.map((column) => [column, numbers(file)]));
  await readInto(file, readings);
  return {
    path,
    rowCount: file.rowCount,
    columns: new Map(wanted.map((column) => [column, readings[column]!.values])),
    rowName: (row) => `row index ${row}`,
  };
}
