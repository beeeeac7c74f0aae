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
  const out = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]!]!;
  return out;
}

/** Whole numbers held as float64, as int64. */
export function gatherWholeNumbers(values: Float64Array, rows: Int32Array): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = BigInt(values[rows[i]!]!);
  return out;
}
