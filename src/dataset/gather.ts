/** Selecting rows of typed arrays. Plain loops: `TypedArray.from` with a mapping function is twenty times slower. */

/** out[i] = values[rows[i]·stride + offset] */
export function gatherFloat32(
  values: Float32Array,
  rows: Int32Array,
  stride = 1,
  offset = 0,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]! * stride + offset]!;
  return out;
}

/** out[i] = values[rows[i]] */
export function gatherInt32(values: ArrayLike<number>, rows: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]!]!;
  return out;
}

export function gatherInt8(values: ArrayLike<number>, rows: Int32Array): Int8Array<ArrayBuffer> {
  const out = new Int8Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]!]!;
  return out;
}

export function gatherBigInt64(values: BigInt64Array, rows: Int32Array): BigInt64Array<ArrayBuffer> {
  // In halves of 32 bits: a loop over bigints makes one for each row.
  const from = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const out = new BigInt64Array(rows.length);
  const to = new Int32Array(out.buffer);
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i]!;
    to[2 * i] = from[2 * row]!;
    to[2 * i + 1] = from[2 * row + 1]!;
  }
  return out;
}

/** Whole numbers held as float64, as int64. @throws RangeError for one that is missing or no whole number */
export function gatherWholeNumbers(values: Float64Array, rows: Int32Array): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(rows.length);
  const low = new Uint32Array(out.buffer);
  const high = new Int32Array(out.buffer);
  for (let i = 0; i < rows.length; i += 1) {
    const value = values[rows[i]!]!;
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
    const top = Math.floor(value / 2 ** 32);
    low[2 * i] = value - top * 2 ** 32;
    high[2 * i + 1] = top;
  }
  return out;
}
