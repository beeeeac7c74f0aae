import { threadId, workerData } from 'node:worker_threads';
import type { Data } from 'apache-arrow';
import type { Dataset } from '../../src/dataset/dataset.ts';
import { datasetTable } from '../../src/dataset/dataset-table.ts';
import { fromAddresses } from '../../src/numerics/shared-views.ts';

// Run by a test: a worker that sees a dataset as an Arrow table, and says where its vectors stand.

/** A float32 of the first batch's state features by its place, and what to write there once it has been read. */
export type ArrowTask = { readonly dataset: unknown; readonly place: number; readonly write: number };

export type ArrowReply = {
  readonly threadId: number;
  readonly rowCount: number;
  /** name of a column → whether its values stand on the memory that this thread was given */
  readonly isShared: Readonly<Record<string, boolean>>;
  readonly found: number;
  /** of all values of the matrix, so that every page of it was read */
  readonly sum: number;
  /** bytes of this thread's own that were there before the table was made, and after it was read */
  readonly before: OwnBytes;
  readonly after: OwnBytes;
};

/** Where a copy of a column would lie: all of it, and the part that array buffers have of it. */
export type OwnBytes = { readonly external: number; readonly arrayBuffers: number };

export default function look({ dataset: address, place, write }: ArrowTask): ArrowReply {
  const { memory }: { memory: WebAssembly.Memory } = workerData;
  const before = ownBytes();
  const table = datasetTable(fromAddresses<Dataset>(address, memory));
  const [batch] = table.batches;
  const columns = Object.fromEntries(table.schema.names.map((name) => [String(name), batch?.getChild(name)?.data[0]]));
  const isShared = Object.fromEntries(
    Object.entries(columns).map(([name, data]) => [name, valuesOf(data)?.buffer === memory.buffer]),
  );
  const matrix = valuesOf(columns.state);
  if (!(matrix instanceof Float32Array)) throw new Error('expected the matrix as float32');
  const found = matrix[place]!;
  let sum = 0;
  for (const value of matrix) sum += value;
  matrix[place] = write;
  return { threadId, rowCount: table.numRows, isShared, found, sum, before, after: ownBytes() };
}

/** A column's values; those of a list are its items'. */
export function valuesOf(data: Data | undefined): ArrayBufferView | undefined {
  const [items] = data?.children ?? [];
  return items === undefined ? data?.values : valuesOf(items);
}

/** In a worker these count this thread alone. */
export function ownBytes(): OwnBytes {
  const { external, arrayBuffers } = process.memoryUsage();
  return { external, arrayBuffers };
}
