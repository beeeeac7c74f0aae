import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { DataType, type Schema, type Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  transformParquetStream,
  Table as WasmTable,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm';

export const ROW_GROUP_ROWS = 100_000;

/**
 * An Arrow table as the bytes of a parquet file (Snappy, row groups of 100,000 rows). Text is dictionary-encoded;
 * numbers are not: few of them repeat, and trying costs more than half of the time to write.
 */
export function parquetBytes(table: Table): Uint8Array {
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), propertiesFor(table.schema));
}

/**
 * Writes tables of one schema as one parquet file, in their order. Best of `ROW_GROUP_ROWS` rows each: then never more
 * than two of them are held, however large the file.
 *
 * @param tables at least one
 */
export async function writeParquetFile(path: string, tables: Iterable<Table>): Promise<void> {
  const rest = tables[Symbol.iterator]();
  const first = rest.next();
  if (first.done === true) throw new Error(`${path}: no table to write`);
  let next: IteratorResult<Table> = first;
  const batches = new ReadableStream({
    pull(controller) {
      if (next.done === true) {
        controller.close();
        return;
      }
      const table = WasmTable.fromIPCStream(tableToIPC(next.value, 'stream'));
      for (const batch of table.recordBatches()) controller.enqueue(batch);
      table.free();
      next = rest.next();
    },
  });
  const bytes = await transformParquetStream(batches as never, propertiesFor(first.value.schema));
  await pipeline(Readable.fromWeb(bytes as never), createWriteStream(path));
}

function propertiesFor(schema: Schema): WriterProperties {
  let properties = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(ROW_GROUP_ROWS);
  for (const field of schema.fields) {
    // Sample ids are each their own.
    const isRepeated = DataType.isUtf8(field.type) && field.name !== 'sample_id';
    if (isRepeated) properties = properties.setColumnDictionaryEnabled(String(field.name), true);
  }
  return properties.build();
}
