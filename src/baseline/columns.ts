import { type DataType, TimeUnit, Type, type Vector } from 'apache-arrow';
import { UserError } from '../user-error.ts';

/** Strings as numbers: row i holds `values[codes[i]]`, or null where the code is −1. */
export type CodedStrings = { readonly codes: Int32Array; readonly values: readonly string[] };

/** What stands for a null time; no real time is 1677-09-21T00:12:43.145224192Z. */
export const NULL_TIME = -(2n ** 63n);

const NANOSECONDS_PER_UNIT: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1_000_000_000n,
  [TimeUnit.MILLISECOND]: 1_000_000n,
  [TimeUnit.MICROSECOND]: 1_000n,
  [TimeUnit.NANOSECOND]: 1n,
};

/** A column of text: plain, large or dictionary. Codes count in order of appearance. */
export function stringColumn(vector: Vector, where: string): CodedStrings {
  const type: DataType = vector.type;
  const inner = type.typeId === Type.Dictionary ? (type as { dictionary?: DataType }).dictionary : type;
  if (inner === undefined || (inner.typeId !== Type.Utf8 && inner.typeId !== Type.LargeUtf8)) {
    throw wrongType(where, 'text', type);
  }
  const codes = new Int32Array(vector.length);
  const values: string[] = [];
  const known = new Map<string, number>();
  for (let i = 0; i < vector.length; i += 1) {
    const value: string | null = vector.get(i);
    if (value === null) {
      codes[i] = -1;
      continue;
    }
    let code = known.get(value);
    if (code === undefined) {
      code = values.length;
      values.push(value);
      known.set(value, code);
    }
    codes[i] = code;
  }
  return { codes, values };
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

/** A column of whole numbers, null as NaN; a fraction, or one that float64 cannot hold exactly, is refused. */
export function integerColumn(vector: Vector, where: string): Float64Array {
  const numbers = numberColumn(vector, where);
  for (let i = 0; i < numbers.length; i += 1) {
    const value = numbers[i]!;
    if (!Number.isNaN(value) && !Number.isSafeInteger(value)) {
      throw new UserError(`${where}: expected whole numbers, got ${value} in row ${i}`);
    }
  }
  return numbers;
}

/**
 * A column of times in nanoseconds since 1970-01-01 UTC: a timestamp of any unit, with a zone (stored as UTC anyway) or
 * without one (then taken as UTC), or ISO 8601 text. Null becomes NULL_TIME.
 */
export function timeColumn(vector: Vector, where: string): BigInt64Array {
  const out = new BigInt64Array(vector.length);
  const type: DataType = vector.type;
  if (type.typeId === Type.Timestamp) {
    const scale = NANOSECONDS_PER_UNIT[(type as { unit?: TimeUnit }).unit ?? TimeUnit.MILLISECOND];
    let at = 0;
    for (const chunk of vector.data) {
      const values = chunk.values as BigInt64Array;
      for (let i = 0; i < chunk.length; i += 1, at += 1) {
        out[at] = chunk.nullCount > 0 && !chunk.getValid(i) ? NULL_TIME : values[i]! * scale;
      }
    }
    return out;
  }
  if (type.typeId !== Type.Utf8 && type.typeId !== Type.LargeUtf8 && type.typeId !== Type.Dictionary) {
    throw wrongType(where, 'a timestamp or ISO text', type);
  }
  const { codes, values } = stringColumn(vector, where);
  const times = values.map((text) => parseIsoTime(text, where));
  for (let i = 0; i < codes.length; i += 1) out[i] = codes[i]! < 0 ? NULL_TIME : times[codes[i]!]!;
  return out;
}

const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:Z|UTC|([+-])(\d{2}):?(\d{2})?)?$/;

function parseIsoTime(text: string, where: string): bigint {
  const parts = ISO_TIME.exec(text.trim());
  if (parts === null)
    throw new UserError(`${where}: expected ISO 8601 text such as 2023-10-15T00:00:00Z, got "${text}"`);
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
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(offHours) * 60 + Number(offMinutes));
  return BigInt(ms - offsetMinutes * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
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
