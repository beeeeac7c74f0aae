import { type Data, DataType, TimeUnit, Type, type Vector } from 'apache-arrow';
import { UserError } from '../user-error.ts';
import { NULL_TIME } from './null-time.ts';
import { TextPool } from './text-pool.ts';

/** Texts as numbers: row i holds text `codes[i]` of the pool, or null where the code is −1. */
export type CodedStrings = { readonly codes: Int32Array; readonly pool: TextPool };

const NANOSECONDS_PER_UNIT: Readonly<Record<TimeUnit, number>> = {
  [TimeUnit.SECOND]: 1_000_000_000,
  [TimeUnit.MILLISECOND]: 1_000_000,
  [TimeUnit.MICROSECOND]: 1_000,
  [TimeUnit.NANOSECOND]: 1,
};

/** A column of text: plain, large or dictionary. Codes count in order of appearance among plain texts. */
export function stringColumn(vector: Vector, where: string): CodedStrings {
  const codes = new Int32Array(vector.length);
  const pool = new TextPool();
  codeTexts(vector, where, pool, codes, 0);
  return { codes, pool };
}

/**
 * The pool's codes of a column's texts into codes[at ..], null as −1; new texts are added to the pool.
 *
 * @param wanted (codes.length) rows with 0 are passed over, their texts left out of the pool
 */
export function codeTexts(
  vector: Vector,
  where: string,
  pool: TextPool,
  codes: Int32Array,
  at: number,
  wanted?: Uint8Array,
): void {
  const type: DataType = vector.type;
  const inner = DataType.isDictionary(type) ? type.dictionary : type;
  if (!DataType.isUtf8(inner) && !DataType.isLargeUtf8(inner)) throw wrongType(where, 'text', type);
  let to = at;
  for (const chunk of vector.data) {
    if (DataType.isDictionary(chunk.type)) {
      // Each chunk has a dictionary of its own.
      const meaning = chunk.dictionary === undefined ? new Int32Array(0) : addTexts(chunk.dictionary, pool);
      const indices = chunk.values as Int32Array;
      for (let i = 0; i < chunk.length; i += 1) codes[to + i] = chunk.getValid(i) ? meaning[Number(indices[i])]! : -1;
    } else addChunk(chunk, pool, codes, to, wanted);
    to += chunk.length;
  }
}

function addTexts(dictionary: Vector, pool: TextPool): Int32Array {
  const codes = new Int32Array(dictionary.length);
  let at = 0;
  for (const chunk of dictionary.data) {
    addChunk(chunk, pool, codes, at);
    at += chunk.length;
  }
  return codes;
}

/** Codes of a chunk of plain text into codes[at ..]. */
function addChunk(chunk: Data, pool: TextPool, codes: Int32Array, at: number, wanted?: Uint8Array): void {
  const bytes = chunk.values as Uint8Array;
  const offsets: ArrayLike<number | bigint> = chunk.valueOffsets;
  const hasNulls = chunk.nullCount > 0;
  for (let i = 0; i < chunk.length; i += 1) {
    const isLeftOut = (hasNulls && !chunk.getValid(i)) || (wanted !== undefined && wanted[at + i] === 0);
    codes[at + i] = isLeftOut ? -1 : pool.add(bytes, Number(offsets[i]!), Number(offsets[i + 1]!));
  }
}

/** A column of numbers as float64, null as NaN: floats, integers of any width, booleans as 0 and 1. */
export function numberColumn(vector: Vector, where: string): Float64Array {
  const out = new Float64Array(vector.length);
  copyNumbers(vector, where, out, 1, 0);
  return out;
}

/** Copies a column of numbers into every `stride`-th place of `out` from `offset` on; null becomes NaN. */
export function copyNumbers(
  vector: Vector,
  where: string,
  out: Float32Array | Float64Array,
  stride: number,
  offset: number,
): void {
  if (!isNumeric(vector.type)) throw wrongType(where, 'a number', vector.type);
  let at = offset;
  for (const chunk of vector.data) {
    const values: unknown = chunk.values;
    const end = at + chunk.length * stride;
    if (values instanceof Float32Array || values instanceof Float64Array) {
      for (let i = 0, to = at; i < chunk.length; i += 1, to += stride) out[to] = values[i]!;
    } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      for (let i = 0, to = at; i < chunk.length; i += 1, to += stride) out[to] = Number(values[i]!);
    } else if (chunk.type.typeId === Type.Bool) {
      const bits = chunk.values as Uint8Array;
      for (let i = 0, to = at; i < chunk.length; i += 1, to += stride) {
        const bit = i + chunk.offset;
        out[to] = (bits[bit >> 3]! >> (bit & 7)) & 1;
      }
    } else {
      const integers = chunk.values as Int32Array;
      for (let i = 0, to = at; i < chunk.length; i += 1, to += stride) out[to] = integers[i]!;
    }
    if (chunk.nullCount > 0) {
      for (let i = 0, to = at; i < chunk.length; i += 1, to += stride) if (!chunk.getValid(i)) out[to] = Number.NaN;
    }
    at = end;
  }
}

/**
 * Copies a column of whole numbers into out[at ..], null as NaN; a fraction, or one that float64 cannot hold exactly, is
 * refused by its row in `out`.
 */
export function copyIntegers(vector: Vector, where: string, out: Float64Array, at: number): void {
  copyNumbers(vector, where, out, 1, at);
  for (let i = at; i < at + vector.length; i += 1) {
    const value = out[i]!;
    if (!Number.isNaN(value) && !Number.isSafeInteger(value)) {
      throw new UserError(`${where}: expected whole numbers, got ${value} in row ${i}`);
    }
  }
}

/**
 * Copies a column of times into out[at ..], in nanoseconds since 1970-01-01 UTC: a timestamp of any unit, with a zone
 * (stored as UTC anyway) or without one (then taken as UTC), or ISO 8601 text. Null becomes NULL_TIME.
 */
export function copyTimes(vector: Vector, where: string, out: BigInt64Array, at: number): void {
  const type: DataType = vector.type;
  if (type.typeId === Type.Timestamp) {
    const scale = NANOSECONDS_PER_UNIT[(type as { unit?: TimeUnit }).unit ?? TimeUnit.MILLISECOND];
    let to = at;
    for (const chunk of vector.data) {
      scaleTimes(chunk, scale, out, to, where);
      if (chunk.nullCount > 0) {
        for (let i = 0; i < chunk.length; i += 1) if (!chunk.getValid(i)) out[to + i] = NULL_TIME;
      }
      to += chunk.length;
    }
    return;
  }
  if (type.typeId !== Type.Utf8 && type.typeId !== Type.LargeUtf8 && type.typeId !== Type.Dictionary) {
    throw wrongType(where, 'a timestamp or ISO text', type);
  }
  const { codes, pool } = stringColumn(vector, where);
  const times = pool.texts().map((text) => parseIsoTime(text, where));
  for (let i = 0; i < codes.length; i += 1) out[at + i] = codes[i]! < 0 ? NULL_TIME : times[codes[i]!]!;
}

/** out[at + i] = values[i]·scale. In halves of 32 bits: a million bigints are a second's garbage. */
function scaleTimes(chunk: Data, scale: number, out: BigInt64Array, at: number, where: string): void {
  const { length } = chunk;
  const values = chunk.values as BigInt64Array;
  if (scale > LARGEST_HALF_SCALE) {
    for (let i = 0; i < length; i += 1) if (chunk.getValid(i)) out[at + i] = inRange(values[i]! * BigInt(scale), where);
    return;
  }
  const low = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const high = new Int32Array(values.buffer, values.byteOffset, 2 * length);
  const outLow = new Uint32Array(out.buffer, out.byteOffset + 8 * at, 2 * length);
  const outHigh = new Int32Array(out.buffer, out.byteOffset + 8 * at, 2 * length);
  for (let i = 0; i < 2 * length; i += 2) {
    const product = low[i]! * scale;
    const carry = Math.floor(product / TWO_32);
    const bottom = product - carry * TWO_32;
    const top = high[i + 1]! * scale + carry;
    outLow[i] = bottom;
    outHigh[i + 1] = top;
    const isInRange = top >= -TWO_31 && top < TWO_31 && !(top === -TWO_31 && bottom === 0);
    // A missing value may be anything.
    if (!isInRange && chunk.getValid(i / 2)) throw outOfRange(values[i / 2]! * BigInt(scale), where);
  }
}

/** Half a time times so much is below 2⁵³, and so exact. */
const LARGEST_HALF_SCALE = 2 ** 21;
const TWO_32 = 2 ** 32;
const TWO_31 = 2 ** 31;

/** Whole milliseconds at or before times in ns, as the seed's integer division has it; NaN for a null. */
export function floorMs(timesNs: BigInt64Array): Float64Array {
  const low = new Uint32Array(timesNs.buffer, timesNs.byteOffset, 2 * timesNs.length);
  const high = new Int32Array(timesNs.buffer, timesNs.byteOffset, 2 * timesNs.length);
  const out = new Float64Array(timesNs.length);
  for (let i = 0; i < out.length; i += 1) {
    const top = high[2 * i + 1]!;
    const bottom = low[2 * i]!;
    // Long division of top·2³² + bottom by 10⁶, every step below 2⁵³.
    const whole = Math.floor(top / 1e6);
    const rest = (top - whole * 1e6) * TWO_32 + bottom;
    out[i] = top === -TWO_31 && bottom === 0 ? Number.NaN : whole * TWO_32 + Math.floor(rest / 1e6);
  }
  return out;
}

const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:Z|UTC|([+-])(\d{2}):?(\d{2})?)?$/;

function parseIsoTime(text: string, where: string): bigint {
  const parts = ISO_TIME.exec(text.trim());
  if (parts === null) throw noTime(text, where);
  const [
    ,
    year,
    month,
    day,
    hour = '0',
    minute = '0',
    second = '0',
    fraction = '',
    sign,
    offHours = '0',
    offMinutes = '0',
  ] = parts;
  const written = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 1, d = 1, h = 0, mi = 0, sec = 0] = written;
  const date = new Date(Date.UTC(y, mo - 1, d, h, mi, sec));
  const read = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours()];
  // Date.UTC rolls a 30th of February over into March.
  const exists = [...read, date.getUTCMinutes(), date.getUTCSeconds()].every((part, i) => part === written[i]);
  if (!exists || Number(offHours) > 23 || Number(offMinutes) > 59) throw noTime(text, where);
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(offHours) * 60 + Number(offMinutes));
  return inRange(BigInt(date.getTime() - offsetMinutes * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, '0')), where);
}

function noTime(text: string, where: string): UserError {
  return new UserError(`${where}: expected ISO 8601 text such as 2023-10-15T00:00:00Z, got "${text}"`);
}

/** @throws UserError for a time that no int64 of nanoseconds can hold: the years 1677 to 2262 can */
function inRange(timeNs: bigint, where: string): bigint {
  if (BigInt.asIntN(64, timeNs) === timeNs && timeNs !== NULL_TIME) return timeNs;
  throw outOfRange(timeNs, where);
}

function outOfRange(timeNs: bigint, where: string): UserError {
  return new UserError(
    `${where}: expected a time from 1678 to 2261, got one ${timeNs / 31_556_952_000_000_000n} years from 1970`,
  );
}

function isNumeric(type: DataType): boolean {
  return (
    type.typeId === Type.Int ||
    type.typeId === Type.Bool ||
    (type.typeId === Type.Float && type.toString() !== 'Float16')
  );
}

function wrongType(where: string, wanted: string, type: DataType): UserError {
  return new UserError(`${where}: expected ${wanted}, got a column of type ${type}. Cast it before writing the file.`);
}
