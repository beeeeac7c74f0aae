import { type Schema, type Table, tableFromIPC } from 'apache-arrow';
import { ParquetFile } from 'parquet-wasm';
import { messageOf, UserError } from '../user-error.ts';
import { withPanicsAsErrors } from './decoder-panic.ts';
import { readBytes } from './read-bytes.ts';

/** A parquet file whose footer has been read, and nothing else yet. */
export type OpenParquet = {
  /** how errors name it: its path relative to the run's folder */
  readonly name: string;
  readonly schema: Schema;
  /** Only these columns, as an Arrow table with one batch per row group. */
  read(columns: readonly string[]): Promise<Table>;
};

/**
 * Opens a parquet file.
 *
 * Columns are read through `ParquetFile`: parquet-wasm's `readParquet` takes a `columns` option and ignores it.
 *
 * @throws UserError naming the file when it is missing, is not parquet, or is cut short
 */
export async function openParquet(path: string, name: string): Promise<OpenParquet> {
  const bytes = await readBytes(path, name);
  const file = await decoding(name, () => ParquetFile.fromFile(new Blob([bytes])));
  const schema = await decoding(name, async () => tableFromIPC(file.schema().intoIPCStream()).schema);
  return {
    name,
    schema,
    read: (columns) =>
      decoding(name, async () => {
        const table = await file.read({ columns: [...columns], batchSize: 1_000_000 });
        return tableFromIPC(table.intoIPCStream());
      }),
  };
}

async function decoding<T>(name: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await withPanicsAsErrors(decode);
  } catch (error) {
    throw new UserError(
      `${name}: is not a readable parquet file (${messageOf(error).split('\n')[0]}). Write it again, or copy it whole.`,
      { cause: error },
    );
  }
}
