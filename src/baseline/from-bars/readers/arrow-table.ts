import { zstdDecompressSync } from 'node:zlib';
import { CompressionType, compressionRegistry, MessageReader, type Table, tableFromIPC } from 'apache-arrow';
import { messageOf, UserError } from '../../../user-error.ts';
import { arrowColumn, requireWholeColumn } from './arrow-column.ts';
import { fileKind } from './file-kind.ts';
import { unpackLz4Frame } from './lz4-frame.ts';
import type { SourceTable } from './source-table.ts';

/** A column of a hundred million rows; LZ4 packs 255 times at its best. */
const LARGEST_BUFFER = 2 ** 30;
/** Bars have times, each another: a byte at least, however well they are packed. */
const MOST_ROWS_A_BYTE = 10;
const HARMLESS_ROWS = 100_000;

/**
 * An Arrow IPC file (feather) or stream, its buffers packed by LZ4 or zstd or not at all.
 *
 * @throws UserError naming the file when it is cut short, damaged
 */
export function arrowTable(name: string, bytes: Buffer): SourceTable {
  registerCodecs();
  try {
    requireClaims(bytes);
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

/**
 * What the batches claim, before Arrow believes it: it takes memory for the rows of the longest column.
 *
 * @throws Error where they claim more rows than a file of this size can hold
 */
function requireClaims(bytes: Buffer): void {
  const most = MOST_ROWS_A_BYTE * bytes.length + HARMLESS_ROWS;
  const isFile = fileKind(bytes) === 'arrow file';
  const reader = new MessageReader(isFile ? bytes.subarray(FILE_HEAD_BYTES) : bytes);
  let rows = 0;
  for (let message = reader.readMessage(); message !== null; message = reader.readMessage()) {
    if (message.isRecordBatch()) {
      const { length, nodes } = message.header();
      const claimed = nodes.reduce((max, node) => Math.max(max, node.length), length);
      rows += claimed;
      if (!(rows <= most)) throw new Error(`${rows} rows are claimed`);
    }
    if (message.bodyLength > 0) reader.readMessageBody(message.bodyLength);
  }
}

/** `ARROW1` and two bytes of padding; what follows is a stream. */
const FILE_HEAD_BYTES = 8;

function tableOf(name: string, table: Table): SourceTable {
  const columns = table.schema.fields.flatMap((field, i) => {
    if (arrowColumn(field.type, 0) === null) return [];
    const values = table.getChildAt(i)!;
    requireWholeColumn(values);
    const column = arrowColumn(field.type, table.numRows)!;
    column.push(values);
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
