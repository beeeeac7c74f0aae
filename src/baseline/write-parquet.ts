import { DataType, type Table, tableToIPC } from 'apache-arrow';
import { Compression, Table as WasmTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';

const ROW_GROUP_ROWS = 100_000;

/**
 * An Arrow table as the bytes of a parquet file (Snappy, row groups of 100,000 rows). Text is dictionary-encoded;
 * numbers are not: few of them repeat, and trying costs more than half of the time to write.
 */
export function parquetBytes(table: Table): Uint8Array {
  let properties = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(ROW_GROUP_ROWS);
  for (const field of table.schema.fields) {
    if (DataType.isUtf8(field.type)) properties = properties.setColumnDictionaryEnabled(String(field.name), true);
  }
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(table, 'stream')), properties.build());
}
