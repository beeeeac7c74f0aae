import { type Data, DataType, DateUnit, TimeUnit, Type, type Vector } from 'apache-arrow';
import { powerOfTwo } from '../../../numerics/elementary/power-of-two.ts';
import { DAY_MS } from '../../../time-units.ts';
import { type ColumnBuilder, columnBuilder, kindOfCells } from './column-builder.ts';
import { PLAIN_NUMBERS } from './number-cell.ts';
import type { SourceColumn } from './source-table.ts';

/** Gathers a column of an Arrow table or a parquet file, piece by piece. */
export interface ArrowColumn {
  push(piece: Vector): void;
  finish(name: string): SourceColumn;
}

/** Null for a type that no column of bars has: lists, structs, binary. */
export function arrowColumn(type: DataType, rowCount: number): ArrowColumn | null {
  switch (type.typeId) {
    case Type.Int:
    case Type.Float:
    case Type.Bool:
      return new Numbers(rowCount);
    case Type.Decimal:
      return new Decimals(rowCount);
    case Type.Timestamp:
    case Type.Date:
    case Type.Time:
      return new Times(type, rowCount);
    case Type.Null:
      return new Numbers(rowCount);
    default:
      return isText(DataType.isDictionary(type) ? type.dictionary : type) ? new Texts() : null;
  }
}

function isText(type: DataType): boolean {
  return type.typeId === Type.Utf8 || type.typeId === Type.LargeUtf8 || type.typeId === Type.Utf8View;
}

/** @throws Error where a column has fewer values than rows: before memory is taken for so many */
export function requireWholeColumn(column: Vector): void {
  for (const chunk of column.data) {
    const parts = DataType.isDictionary(chunk.type) ? [chunk, ...(chunk.dictionary?.data ?? [])] : [chunk];
    for (const part of parts) requireWhole(part);
  }
}

/** A chunk whose buffers are shorter than its rows would be read as undefined, row after row of a length that is a lie. */
function requireWhole(chunk: Data): void {
  const { typeId } = chunk.type;
  const values = chunk.values as ArrayLike<unknown> | undefined;
  const offsets = chunk.valueOffsets as ArrayLike<unknown> | undefined;
  const length = chunk.length;
  const has =
    typeId === Type.Null ||
    (typeId === Type.Bool
      ? (values?.length ?? 0) * 8 >= length
      : typeId === Type.Utf8 || typeId === Type.LargeUtf8
        ? (offsets?.length ?? 0) > length
        : (values?.length ?? 0) >= length * (typeId === Type.Decimal ? 4 : 1) || typeId === Type.Utf8View);
  // Nulls are counted when they are first asked for, over all rows that are claimed: not before these are known to be there.
  const bitmapBytes = chunk.nullBitmap?.length ?? 0;
  const isCovered = bitmapBytes === 0 || bitmapBytes * 8 >= length;
  if (!has || !isCovered) throw new Error('a column has fewer values than rows');
}

class Numbers implements ArrowColumn {
  readonly #values: Float64Array;
  #lastDigits: Uint16Array | null = null;
  #rows = 0;

  constructor(rowCount: number) {
    this.#values = new Float64Array(rowCount);
  }

  push(piece: Vector): void {
    for (const chunk of piece.data) {
      requireWhole(chunk);
      this.#pushChunk(chunk);
    }
  }

  #pushChunk(chunk: Data): void {
    const out = this.#values;
    const from = this.#rows;
    const { length } = chunk;
    const values: unknown = chunk.values;
    if (chunk.type.typeId === Type.Null) out.fill(Number.NaN, from, from + length);
    else if (chunk.type.typeId === Type.Bool) {
      const bits = values as Uint8Array;
      for (let i = 0; i < length; i += 1) {
        const bit = i + chunk.offset;
        out[from + i] = (bits[bit >> 3]! >> (bit & 7)) & 1;
      }
    } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
      for (let i = 0; i < length; i += 1) {
        const value = values[i]!;
        out[from + i] = Number(value);
        if (value <= MAX_EXACT) continue;
        this.#lastDigits ??= new Uint16Array(out.length);
        this.#lastDigits[from + i] = Number(value % 1000n);
      }
    } else if (chunk.type.toString() === 'Float16') {
      const halves = values as Uint16Array;
      for (let i = 0; i < length; i += 1) out[from + i] = halfToNumber(halves[i]!);
    } else {
      const numbers = values as Float64Array;
      for (let i = 0; i < length; i += 1) out[from + i] = numbers[i]!;
    }
    if (chunk.nullCount > 0) {
      for (let i = 0; i < length; i += 1) if (!chunk.getValid(i)) out[from + i] = Number.NaN;
    }
    this.#rows += length;
  }

  finish(name: string): SourceColumn {
    return {
      name,
      kind: 'number',
      values: this.#values,
      lastDigits: this.#lastDigits,
      decimals: null,
      unfit: new Map(),
    };
  }
}

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * powerOfTwo(exponent - 25);
}

/** Decimals of up to 128 bits, as the nearest float64. */
class Decimals implements ArrowColumn {
  readonly #values: Float64Array;
  #rows = 0;
  #scale = 0;

  constructor(rowCount: number) {
    this.#values = new Float64Array(rowCount);
  }

  push(piece: Vector): void {
    const { scale, bitWidth } = piece.type as unknown as { scale: number; bitWidth: number };
    if (bitWidth !== 128) throw new Error(`a decimal of ${bitWidth} bits. Write it as float64`);
    this.#scale = scale;
    for (const chunk of piece.data) {
      requireWhole(chunk);
      const words = chunk.values as unknown as Uint32Array;
      for (let i = 0; i < chunk.length; i += 1) {
        this.#values[this.#rows] =
          chunk.nullCount > 0 && !chunk.getValid(i) ? Number.NaN : decimalOf(words, 4 * i, scale);
        this.#rows += 1;
      }
    }
  }

  finish(name: string): SourceColumn {
    const decimals = Math.max(0, this.#scale);
    return { name, kind: 'number', values: this.#values, lastDigits: null, decimals, unfit: new Map() };
  }
}

/** By way of its text, so that 66228.25 is the number that a CSV's 66228.25 is. */
function decimalOf(words: Uint32Array, at: number, scale: number): number {
  let whole = 0n;
  for (let i = 3; i >= 0; i -= 1) whole = (whole << 32n) | BigInt(words[at + i]!);
  return Number(`${BigInt.asIntN(128, whole)}e${-scale}`);
}

/** Units a millisecond has, or milliseconds that a unit has. */
const PER_MS: Readonly<Record<TimeUnit, { per: bigint; of: bigint }>> = {
  [TimeUnit.SECOND]: { per: 1n, of: 1000n },
  [TimeUnit.MILLISECOND]: { per: 1n, of: 1n },
  [TimeUnit.MICROSECOND]: { per: 1000n, of: 1n },
  [TimeUnit.NANOSECOND]: { per: 1_000_000n, of: 1n },
};

/** Timestamps, dates and times of day of any unit. */
class Times implements ArrowColumn {
  readonly #ms: Float64Array;
  readonly #type: DataType;
  #rows = 0;

  constructor(type: DataType, rowCount: number) {
    this.#type = type;
    this.#ms = new Float64Array(rowCount);
  }

  push(piece: Vector): void {
    const isDay = DataType.isDate(this.#type) && this.#type.unit === DateUnit.DAY;
    const unit = DataType.isDate(this.#type)
      ? TimeUnit.MILLISECOND
      : (this.#type as unknown as { unit: TimeUnit }).unit;
    const { per, of } = PER_MS[unit];
    for (const chunk of piece.data) {
      requireWhole(chunk);
      const values = chunk.values as ArrayLike<number | bigint>;
      for (let i = 0; i < chunk.length; i += 1, this.#rows += 1) {
        if (chunk.nullCount > 0 && !chunk.getValid(i)) this.#ms[this.#rows] = Number.NaN;
        else if (isDay) this.#ms[this.#rows] = Number(values[i]!) * DAY_MS;
        else {
          const units = BigInt(values[i]!) * of;
          // Half a millisecond more for what is below one, as in text.
          this.#ms[this.#rows] = Number(floorDivide(units, per)) + (units % per === 0n ? 0 : 0.5);
        }
      }
    }
  }

  finish(name: string): SourceColumn {
    const part = DataType.isTime(this.#type) ? 'clock' : 'instant';
    const hasOffset = DataType.isTimestamp(this.#type) && (this.#type.timezone ?? '') !== '';
    const isDate = DataType.isDate(this.#type) && this.#type.unit === DateUnit.DAY;
    return {
      name,
      kind: 'time',
      part: isDate ? 'date' : part,
      ms: this.#ms,
      hasOffset,
      isText: false,
      unsettled: null,
      unfit: new Map(),
    };
  }
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Text of any encoding: what it is, numbers, times or neither, its first values tell. */
class Texts implements ArrowColumn {
  #builder: ColumnBuilder | null = null;

  push(piece: Vector): void {
    for (const chunk of piece.data) {
      const whole = DataType.isDictionary(chunk.type) ? [chunk, ...(chunk.dictionary?.data ?? [])] : [chunk];
      for (const data of whole) requireWhole(data);
    }
    const builder = (this.#builder ??= columnBuilder(kindOfCells(firstTexts(piece), PLAIN_NUMBERS), PLAIN_NUMBERS));
    for (const text of piece as Iterable<string | null>) {
      if (text === null || text === undefined) builder.pushMissing();
      else builder.pushText(text.trim());
    }
  }

  finish(name: string): SourceColumn {
    return (this.#builder ?? columnBuilder('text', PLAIN_NUMBERS)).finish(name);
  }
}

function firstTexts(piece: Vector): string[] {
  const texts: string[] = [];
  for (let i = 0; i < piece.length && i < 400; i += 1) {
    const text: unknown = piece.get(i);
    if (typeof text === 'string') texts.push(text.trim());
  }
  return texts;
}
