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

/** Row i is texts[codes[i]]. Each text is encoded once: value by value, Arrow's own builder takes most of a build's time. */
export function codedTextColumn(codes: ArrayLike<number>, texts: readonly string[]): Vector {
  const encoded = texts.map((text) => Buffer.from(text, 'utf8'));
  const offsets = new Int32Array(codes.length + 1);
  for (let i = 0; i < codes.length; i += 1) offsets[i + 1] = offsets[i]! + encoded[codes[i]!]!.length;
  const data = new Uint8Array(offsets[codes.length]!);
  for (let i = 0; i < codes.length; i += 1) copyBytes(encoded[codes[i]!]!, data, offsets[i]!);
  return textColumn(data, offsets);
}

/** `BTCUSDT-1718496000000`: row i is texts[codes[i]], a hyphen, and a whole number ≥ 0. */
export function minuteIdColumn(codes: ArrayLike<number>, texts: readonly string[], numbers: Float64Array): Vector {
  const encoded = texts.map((text) => Buffer.from(`${text}-`, 'utf8'));
  const offsets = new Int32Array(codes.length + 1);
  for (let i = 0; i < codes.length; i += 1) {
    offsets[i + 1] = offsets[i]! + encoded[codes[i]!]!.length + digitsOf(numbers[i]!);
  }
  const data = new Uint8Array(offsets[codes.length]!);
  for (let i = 0; i < codes.length; i += 1) {
    copyBytes(encoded[codes[i]!]!, data, offsets[i]!);
    let rest = numbers[i]!;
    let at = offsets[i + 1]!;
    do {
      const tens = Math.floor(rest / 10);
      at -= 1;
      data[at] = 0x30 + rest - 10 * tens;
      rest = tens;
    } while (rest > 0);
  }
  return textColumn(data, offsets);
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits += 1;
  return digits;
}

function copyBytes(from: Uint8Array, to: Uint8Array, at: number): void {
  // A loop: the texts are short, and a call to set costs more than its bytes.
  for (let i = 0; i < from.length; i += 1) to[at + i] = from[i]!;
}

function textColumn(data: Uint8Array, valueOffsets: Int32Array): Vector {
  return makeVector(makeData({ type: new Utf8(), length: valueOffsets.length - 1, nullCount: 0, valueOffsets, data }));
}

export const float32Column = (values: Float32Array): Vector =>
  makeVector(makeData({ type: new Float32(), data: values }));
export const float64Column = (values: Float64Array): Vector =>
  makeVector(makeData({ type: new Float64(), data: values }));
export const int8Column = (values: Int8Array): Vector => makeVector(makeData({ type: new Int8(), data: values }));
export const int32Column = (values: Int32Array): Vector => makeVector(makeData({ type: new Int32(), data: values }));
export const int64Column = (values: Float64Array): Vector =>
  makeVector(makeData({ type: new Int64(), data: bigInts(values) }));
export const utcTimeColumn = (milliseconds: Float64Array): Vector =>
  makeVector(makeData({ type: new TimestampMillisecond('UTC'), data: bigInts(milliseconds) }));

/** Whole numbers as int64. Times are above 0; a BigInt each would take ten times as long. */
function bigInts(values: Float64Array): BigInt64Array {
  const out = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value < 0 || !LITTLE_ENDIAN) out[i] = BigInt(value);
  }
  if (!LITTLE_ENDIAN) return out;
  const halves = new Uint32Array(out.buffer);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value < 0) continue;
    if (!Number.isSafeInteger(value)) throw new RangeError(`expected whole numbers, got ${value}`);
    halves[2 * i] = value % 2 ** 32;
    halves[2 * i + 1] = Math.floor(value / 2 ** 32);
  }
  return out;
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
