import {
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  makeData,
  makeVector,
  TimestampMillisecond,
  Utf8,
  type Vector,
} from 'apache-arrow';

/** Arrow columns over typed arrays, in the types that a baseline run's files have: plain text, no dictionaries. */

export function utf8Column(values: readonly string[]): Vector {
  const text = values.join('');
  const data = new TextEncoder().encode(text);
  // All text at once: value by value, Arrow's own builder takes most of a build's time.
  const isAscii = data.length === text.length;
  const valueOffsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i += 1) {
    valueOffsets[i + 1] = valueOffsets[i]! + (isAscii ? values[i]!.length : Buffer.byteLength(values[i]!, 'utf8'));
  }
  return makeVector(makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data }));
}
export const float32Column = (values: Float32Array): Vector =>
  makeVector(makeData({ type: new Float32(), data: values }));
export const float64Column = (values: Float64Array): Vector =>
  makeVector(makeData({ type: new Float64(), data: values }));
export const int8Column = (values: Int8Array): Vector => makeVector(makeData({ type: new Int8(), data: values }));
export const int32Column = (values: Int32Array): Vector => makeVector(makeData({ type: new Int32(), data: values }));
export const int64Column = (values: Float64Array): Vector =>
  makeVector(makeData({ type: new Int64(), data: BigInt64Array.from(values, BigInt) }));
export const utcTimeColumn = (milliseconds: Float64Array): Vector =>
  makeVector(makeData({ type: new TimestampMillisecond('UTC'), data: BigInt64Array.from(milliseconds, BigInt) }));
