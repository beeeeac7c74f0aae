import { Float64, Int32, makeData, makeVector, Table, Utf8, type Vector, vectorFromArray } from 'apache-arrow';
import { parquetBytes } from '../baseline/write-parquet.ts';
import { type ExportBatch, type ExportColumn, type ExportSchema, exportSchema } from './export.ts';

/** All batches of an export as one parquet file. A number that a verdict does not have is null. */
export async function exportParquet(
  batches: AsyncIterable<ExportBatch>,
  schema: ExportSchema = exportSchema(),
): Promise<Uint8Array> {
  const parts: ExportColumn[][] = schema.map(() => []);
  for await (const { columns } of batches) {
    columns.forEach((column, j) => {
      parts[j]!.push(column);
    });
  }
  const vectors = schema.map(({ name, type }, j) => [name, columnVector(type, parts[j]!)] as const);
  return parquetBytes(new Table(Object.fromEntries(vectors)));
}

function columnVector(type: ExportColumn['type'], parts: readonly ExportColumn[]): Vector {
  if (type === 'text') {
    const values = parts.flatMap((part) => (part.type === 'text' ? part.values : []));
    return vectorFromArray(values, new Utf8());
  }
  const numbers = parts.flatMap((part) => (part.type === 'text' ? [] : [part.values]));
  const length = numbers.reduce((sum, values) => sum + values.length, 0);
  const data = new Float64Array(length);
  let at = 0;
  for (const values of numbers) {
    data.set(values, at);
    at += values.length;
  }
  let nullCount = 0;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < length; i += 1) {
    if (Number.isNaN(data[i]!)) nullCount += 1;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  if (type === 'integer')
    return makeVector(makeData({ type: new Int32(), length, nullCount, nullBitmap, data: Int32Array.from(data) }));
  return makeVector(makeData({ type: new Float64(), length, nullCount, nullBitmap, data }));
}
