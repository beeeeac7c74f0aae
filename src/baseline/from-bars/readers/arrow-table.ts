import { zstdDecompressSync } from 'node:zlib';
import { CompressionType, compressionRegistry, type Table, tableFromIPC } from 'apache-arrow';
import { messageOf, UserError } from '../../../user-error.ts';
import { arrowColumn } from './arrow-column.ts';
import { unpackLz4Frame } from './lz4-frame.ts';
import type { SourceTable } from './source-table.ts';

/** A column of a hundred million rows; LZ4 packs 255 times at its best. */
const LARGEST_BUFFER = 2 ** 30;

/**
 * An Arrow IPC file (feather) or stream, its buffers packed by LZ4 or zstd or not at all.
 *
 * @throws UserError naming the file when it is cut short, damaged
 */
export function arrowTable(name: string, bytes: Buffer): SourceTable {
  registerCodecs();
  try {
    return tableOf(name, tableFromIPC(bytes));
  } catch (error) {
    throw new UserError(
      `${name}: is not a readable Arrow file (${messageOf(error).split('\n')[0]}). Write it again, or as parquet`,
      {
        cause: error,
      },
    );
  }
}

function tableOf(name: string, table: Table): SourceTable {
  const columns = table.schema.fields.flatMap((field, i) => {
    const column = arrowColumn(field.type, table.numRows);
    if (column === null) return [];
    column.push(table.getChildAt(i)!);
    return [column.finish(String(field.name))];
  });
  return {
    name,
    format: ['Arrow'],
    columns,
    rowCount: table.numRows,
    hasHeader: true,
    rowName: (row) => `row index ${row}`,
    brokenRows: new Map(),
  };
}

function registerCodecs(): void {
  if (compressionRegistry.get(CompressionType.LZ4_FRAME) !== null) return;
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (packed) => unpackLz4Frame(packed, LARGEST_BUFFER) });
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (packed) => zstdDecompressSync(packed, { maxOutputLength: LARGEST_BUFFER }),
  });
}
