import {
  Bool,
  Dictionary,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  makeData,
  makeVector,
  Timestamp,
  TimeUnit,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';

/** The types in which files hold text, times and numbers. */
export type TextKind = 'utf8' | 'large' | 'dictionary';
export type TimeKind =
  | `${'s' | 'ms' | 'us' | 'ns'}${'' | ' utc'}`
  | 'iso'
  | 'iso with space'
  | 'iso without zone'
  | 'iso +09:00';
export type NumberKind = keyof typeof NUMBER_TYPES | 'bool';

const NUMBER_TYPES = {
  float32: { type: new Float32(), array: Float32Array },
  float64: { type: new Float64(), array: Float64Array },
  int8: { type: new Int8(), array: Int8Array },
  int16: { type: new Int16(), array: Int16Array },
  int32: { type: new Int32(), array: Int32Array },
  int64: { type: new Int64(), array: BigInt64Array },
  uint8: { type: new Uint8(), array: Uint8Array },
  uint16: { type: new Uint16(), array: Uint16Array },
  uint32: { type: new Uint32(), array: Uint32Array },
  uint64: { type: new Uint64(), array: BigUint64Array },
} as const;

const TIME_UNITS = {
  s: { unit: TimeUnit.SECOND, ns: 1_000_000_000n },
  ms: { unit: TimeUnit.MILLISECOND, ns: 1_000_000n },
  us: { unit: TimeUnit.MICROSECOND, ns: 1_000n },
  ns: { unit: TimeUnit.NANOSECOND, ns: 1n },
} as const;

const JAPAN_MS = 9 * 3_600_000;

export function textVector(values: readonly (string | null)[], kind: TextKind = 'utf8'): Vector {
  if (kind === 'dictionary') return vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));
  return vectorFromArray(values, kind === 'large' ? new LargeUtf8() : new Utf8());
}

/** Times in ns since 1970 as timestamps or as text; what a unit cannot hold is cut off. */
export function timeVector(values: readonly (bigint | null)[], kind: TimeKind): Vector {
  if (kind.startsWith('iso')) return textVector(values.map((value) => (value === null ? null : isoText(value, kind))));
  const [name = 'ns', zone] = kind.split(' ');
  const { unit, ns } = TIME_UNITS[name as keyof typeof TIME_UNITS];
  const data = BigInt64Array.from(values, (value) => (value ?? 0n) / ns);
  const type = new Timestamp(unit, zone === undefined ? null : 'UTC');
  return makeVector(makeData({ type, length: values.length, data, ...validity(values) }));
}

export function numberVector(values: readonly (number | null)[], kind: NumberKind): Vector {
  if (kind === 'bool') {
    return vectorFromArray(
      values.map((value) => (value === null ? null : value !== 0)),
      new Bool(),
    );
  }
  const { type, array } = NUMBER_TYPES[kind];
  const data = new array(values.length);
  values.forEach((value, i) => {
    if (value !== null)
      data[i] = data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(value) : value;
  });
  // The table above pairs each type with its array; the compiler sees every type with every array.
  return makeVector(makeData({ type, length: values.length, data, ...validity(values) } as never));
}

function validity(values: readonly unknown[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullCount = values.filter((value) => value === null).length;
  if (nullCount === 0) return { nullCount };
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value !== null) nullBitmap[i >> 3]! |= 1 << (i & 7);
  });
  return { nullCount, nullBitmap };
}

function isoText(ns: bigint, kind: TimeKind): string {
  const ms = Number(ns / 1_000_000n);
  const fraction = ns % 1_000_000_000n === 0n ? '' : `.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
  const text = (time: number) => new Date(time).toISOString().slice(0, 19) + fraction;
  if (kind === 'iso +09:00') return `${text(ms + JAPAN_MS)}+09:00`;
  if (kind === 'iso with space') return text(ms).replace('T', ' ');
  return kind === 'iso without zone' ? text(ms) : `${text(ms)}Z`;
}
