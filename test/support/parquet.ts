import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Table, tableFromIPC, tableToIPC, type Vector } from 'apache-arrow';
import { ParquetFile, Table as WasmTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';

/** Writes columns as a parquet file, making its folder. */
export async function writeParquetFile(
  path: string,
  columns: Readonly<Record<string, Vector>>,
  rowGroupRows = 100_000,
): Promise<void> {
  const properties = new WriterPropertiesBuilder().setMaxRowGroupSize(rowGroupRows).build();
  const table = WasmTable.fromIPCStream(tableToIPC(new Table(columns), 'stream'));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, writeParquet(table, properties));
}

/** All columns of a parquet file, each in one piece. */
export async function readParquetFile(path: string): Promise<Table> {
  const file = await ParquetFile.fromFile(new Blob([new Uint8Array(await readFile(path))]));
  return tableFromIPC((await file.read({ batchSize: 10_000_000 })).intoIPCStream());
}
