import {
  type DailyLosses,
  EVAL_SPLITS,
  type EvalSplitId,
  MODEL_KEYS,
  type ModelKey,
} from '../../../experiment/results.ts';

/**
 * Daily losses as schema 1 and 2 have them:
 *
 *   byte      version, 1
 *   varint    number of entries
 *   an entry: byte    model · 3 + split, in the order of MODEL_KEYS and EVAL_SPLITS
 *             byte    1: days and row counts are those of the latest entry of this split that had its own; else 0
 *             where 0: varint    number of days
 *                      varint    first day, zigzag; then for each day the distance from the one before, ≥ 1
 *                      varint    for each day its row count
 *             float64 for each day its sum, little-endian
 *
 * Integers are LEB128 varints. Days and row counts do not depend on the model, so three of four models share them: a
 * day costs 8 bytes a model and some 4 more a split.
 *
 * @throws RangeError when the bytes are none
 */
export function decodeSchema1Losses(bytes: Uint8Array): DailyLosses[] {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new RangeError(`daily losses: expected encoding ${VERSION}, got ${version}`);
  const entries: DailyLosses[] = [];
  const latestOfSplit = new Map<EvalSplitId, { days: Int32Array; rowCounts: Int32Array }>();
  const entryCount = reader.varint();
  for (let i = 0; i < entryCount; i += 1) {
    const place = reader.byte();
    const modelKey = MODEL_KEYS[Math.floor(place / EVAL_SPLITS.length)];
    const split = EVAL_SPLITS[place % EVAL_SPLITS.length];
    if (modelKey === undefined || split === undefined)
      throw new RangeError(`daily losses: no model has place ${place}`);
    const table = reader.byte() === 0 ? readDays(reader) : latestOfSplit.get(split);
    if (table === undefined) throw new RangeError('daily losses: an entry shares the days of none');
    latestOfSplit.set(split, table);
    entries.push(readEntry(reader, modelKey, split, table));
  }
  if (!reader.isAtEnd) throw new RangeError('daily losses: bytes are left over');
  return entries;
}

const VERSION = 1;

function readDays(reader: ByteReader): { days: Int32Array; rowCounts: Int32Array } {
  // A day takes at least two bytes: a larger count is not allocated, it is a lie.
  const count = reader.varint();
  if (count > reader.bytesLeft / 2) throw new RangeError('daily losses: more days than bytes');
  const days = new Int32Array(count);
  for (let i = 0; i < count; i += 1) days[i] = i === 0 ? unzigzag(reader.varint()) : days[i - 1]! + reader.varint();
  const rowCounts = Int32Array.from({ length: count }, () => reader.varint());
  return { days, rowCounts };
}

function readEntry(
  reader: ByteReader,
  modelKey: ModelKey,
  split: EvalSplitId,
  table: { days: Int32Array; rowCounts: Int32Array },
): DailyLosses {
  const absErrorSums = Float64Array.from(table.days, () => reader.float64());
  return { modelKey, split, ...table, absErrorSums };
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

class ByteReader {
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get bytesLeft(): number {
    return this.#view.byteLength - this.#offset;
  }

  get isAtEnd(): boolean {
    return this.bytesLeft === 0;
  }

  // DataView throws a RangeError of its own beyond the end.
  byte(): number {
    return this.#view.getUint8(this.#offset++);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte % 0x80) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('daily losses: a count is out of range');
      if (byte < 0x80) return value;
    }
  }

  float64(): number {
    const value = this.#view.getFloat64(this.#offset, true);
    this.#offset += 8;
    return value;
  }
}
