import { UserError } from '../../user-error.ts';
import { numberColumn } from '../columns.ts';
import { openParquet } from '../parquet-file.ts';
import { type BarTable, wantedColumns } from './bar-columns.ts';

/**
 * The bar columns of a parquet file: integers of any width or floats; nulls become NaN.
 *
 * @throws UserError naming file and column
 */
export async function readParquetBars(path: string): Promise<BarTable> {
  const file = await openParquet(path, path);
  const wanted = wantedColumns(file.schema.names.map(String), (message) => {
    throw new UserError(`${path}: ${message}`);
  });
  const table = await file.read(wanted);
  if (table.numRows === 0) throw new UserError(`${path}: a bar file needs rows, got none`);
  return {
    path,
    rowCount: table.numRows,
    columns: new Map(wanted.map((column) => [column, numberColumn(table.getChild(column)!, `${path}: ${column}`)])),
    rowName: (row) => `row index ${row}`,
  };
}
