import type { ColumnFacts, ColumnType, SweepFacts } from './report.ts';

/**
 * Columns as bytes. One after another, of as many values as the sweep has rows; `ColumnFacts.at` is where a column begins.
 *
 *   uint8, uint16, uint32   little-endian
 *   hex12                   12 hexadecimal digits as 6 bytes
 *   float64                 little-endian, by byte planes: first the lowest byte of each value, …, last the highest
 *
 * Planes, since neighbouring values share their high bytes, which gzip then packs: a fifth less of a file. All bytes of
 * all sweeps of a report are one sequence.
 */
export type Column =
  | { readonly name: string; readonly type: 'uint8'; readonly values: Uint8Array }
  | { readonly name: string; readonly type: 'uint16'; readonly values: Uint16Array }
  | { readonly name: string; readonly type: 'uint32'; readonly values: Uint32Array }
  | { readonly name: string; readonly type: 'float64'; readonly values: Float64Array }
  | { readonly name: string; readonly type: 'hex12'; readonly values: readonly string[] };

const WIDTH: Readonly<Record<ColumnType, number>> = { uint8: 1, uint16: 2, uint32: 4, float64: 8, hex12: 6 };

/**
 * @param columns of one sweep, all of the same length
 * @param start where the first one begins
 */
export function layOut(columns: readonly Column[], start: number): { readonly facts: ColumnFacts[]; end: number } {
  const facts: ColumnFacts[] = [];
  let at = start;
  for (const { name, type, values } of columns) {
    facts.push({ name, type, at });
    at += WIDTH[type] * values.length;
  }
  return { facts, end: at };
}

/** Writes columns where `layOut` has put them. */
export function writeColumns(columns: readonly Column[], facts: readonly ColumnFacts[], bytes: Uint8Array): void {
  columns.forEach((column, i) => {
    const { at } = facts[i]!;
    if (column.type === 'hex12') writeHex(column.values, bytes, at);
    else if (column.type === 'float64') writePlanes(column.values, bytes, at);
    else writeWhole(column.values, WIDTH[column.type], bytes, at);
  });
}

/** The columns of one sweep, by name. @throws RangeError when the bytes are too few for them */
export function readColumns({ rows }: Pick<SweepFacts, 'rows'>, bytes: Uint8Array): ReadonlyMap<string, Column> {
  return new Map(rows.columns.map((facts) => [facts.name, readColumn(facts, rows.count, bytes)]));
}

function readColumn({ name, type, at }: ColumnFacts, count: number, bytes: Uint8Array): Column {
  const end = at + WIDTH[type] * count;
  if (end > bytes.length) throw new RangeError(`column ${name}: ${end} bytes are needed, there are ${bytes.length}`);
  switch (type) {
    case 'hex12':
      return { name, type, values: readHex(bytes, at, count) };
    case 'float64':
      return { name, type, values: readPlanes(bytes, at, count) };
    case 'uint8':
      return { name, type, values: bytes.slice(at, end) };
    case 'uint16':
      return { name, type, values: readWhole(new Uint16Array(count), 2, bytes, at) };
    case 'uint32':
      return { name, type, values: readWhole(new Uint32Array(count), 4, bytes, at) };
  }
}

function writeWhole(values: Uint8Array | Uint16Array | Uint32Array, width: number, bytes: Uint8Array, at: number) {
  for (let i = 0; i < values.length; i += 1) {
    for (let b = 0; b < width; b += 1) bytes[at + i * width + b] = values[i]! >>> (8 * b);
  }
}

function readWhole<T extends Uint16Array | Uint32Array>(values: T, width: number, bytes: Uint8Array, at: number): T {
  for (let i = 0; i < values.length; i += 1) {
    let value = 0;
    for (let b = 0; b < width; b += 1) value |= bytes[at + i * width + b]! << (8 * b);
    values[i] = value;
  }
  return values;
}

function writePlanes(values: Float64Array, bytes: Uint8Array, at: number): void {
  const count = values.length;
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i += 1) {
    view.setFloat64(0, values[i]!, true);
    for (let b = 0; b < 8; b += 1) bytes[at + b * count + i] = view.getUint8(b);
  }
}

function readPlanes(bytes: Uint8Array, at: number, count: number): Float64Array {
  const values = new Float64Array(count);
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i += 1) {
    for (let b = 0; b < 8; b += 1) view.setUint8(b, bytes[at + b * count + i]!);
    values[i] = view.getFloat64(0, true);
  }
  return values;
}

const HEX_DIGITS = 12;

function writeHex(values: readonly string[], bytes: Uint8Array, at: number): void {
  values.forEach((text, i) => {
    if (!/^[0-9a-f]{12}$/.test(text)) throw new RangeError(`${JSON.stringify(text)}: expected 12 hexadecimal digits`);
    for (let b = 0; b < HEX_DIGITS / 2; b += 1) {
      bytes[at + (i * HEX_DIGITS) / 2 + b] = Number.parseInt(text.slice(2 * b, 2 * b + 2), 16);
    }
  });
}

function readHex(bytes: Uint8Array, at: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    let text = '';
    for (let b = 0; b < HEX_DIGITS / 2; b += 1) {
      text += bytes[at + (i * HEX_DIGITS) / 2 + b]!.toString(16).padStart(2, '0');
    }
    return text;
  });
}
