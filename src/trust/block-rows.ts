import { SAME_ROW } from './constants.ts';
import { evenSum, roundHalfEven, square } from './round.ts';

/** A table of block values: one row a configuration, one column a block of days. */
export type BlockRows = {
  /** (n × q), row-major */
  readonly values: Float64Array;
  readonly n: number;
  /** blocks */
  readonly q: number;
};

export function blockRows(rows: readonly ArrayLike<number>[], q: number): BlockRows {
  const values = new Float64Array(rows.length * q);
  rows.forEach((row, i) => {
    if (row.length !== q) throw new RangeError(`row ${i} has ${row.length} blocks, ${q} are expected`);
    values.set(row, i * q);
  });
  return { values, n: rows.length, q };
}

export function rowOf({ values, q }: BlockRows, i: number): Float64Array {
  return values.subarray(i * q, (i + 1) * q);
}

/** The rows of these numbers, in this order. */
export function pickRows(table: BlockRows, numbers: ArrayLike<number>): BlockRows {
  const { q } = table;
  const values = new Float64Array(numbers.length * q);
  for (let i = 0; i < numbers.length; i += 1) values.set(rowOf(table, numbers[i]!), i * q);
  return { values, n: numbers.length, q };
}

// Plain loops below: a function called for each value costs several times what it computes, and there are millions.

/** a − b, value by value. */
export function subtracted(a: BlockRows, b: BlockRows): BlockRows {
  const values = new Float64Array(a.values.length);
  for (let at = 0; at < values.length; at += 1) values[at] = a.values[at]! - b.values[at]!;
  return { ...a, values };
}

/** c − every value. */
export function subtractedFrom(c: number, table: BlockRows): BlockRows {
  const values = new Float64Array(table.values.length);
  for (let at = 0; at < values.length; at += 1) values[at] = c - table.values[at]!;
  return { ...table, values };
}

/** Mean of each row. */
export function rowMeans({ values, n, q }: BlockRows): Float64Array {
  const means = new Float64Array(n);
  for (let i = 0; i < n; i += 1) means[i] = evenSum(values, i * q, q) / q;
  return means;
}

/** Each row less its own mean. */
export function centred(table: BlockRows): BlockRows {
  const { n, q } = table;
  const means = rowMeans(table);
  const values = new Float64Array(n * q);
  for (let i = 0; i < n; i += 1) {
    const mean = means[i]!;
    for (let at = i * q; at < (i + 1) * q; at += 1) values[at] = table.values[at]! - mean;
  }
  return { ...table, values };
}

/** Rows scaled to length 1; a row of zeros (a tie, an identical configuration) stays zero. */
export function unitRows({ values, n, q }: BlockRows): BlockRows {
  const out = new Float64Array(values.length);
  for (let i = 0; i < n; i += 1) {
    let squares = 0;
    for (let b = 0; b < q; b += 1) squares += square(values[i * q + b]!);
    const length = Math.sqrt(squares);
    if (length > 0) for (let b = 0; b < q; b += 1) out[i * q + b] = values[i * q + b]! / length;
  }
  return { values: out, n, q };
}

/** Sum of each row; of unit rows it is the statistic S = Σx/√Σx². */
export function rowSums({ values, n, q }: BlockRows): Float64Array {
  const sums = new Float64Array(n);
  for (let i = 0; i < n; i += 1) sums[i] = evenSum(values, i * q, q);
  return sums;
}

/**
 * The first of each set of equal rows, ascending. Rows are equal when all their blocks agree after rounding (half to
 * even) to a grid of 1e-9 of the table's largest value: a duplicate must change nothing but its own label.
 */
export function distinctRows(table: BlockRows): Int32Array {
  const known = distinct.get(table);
  if (known !== undefined) return known;
  const { values, n, q } = table;
  let largest = 1e-300;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const step = SAME_ROW * largest;
  // At most 1e9 steps of the table's largest value.
  const rounded = new Int32Array(values.length);
  for (let at = 0; at < values.length; at += 1) rounded[at] = roundHalfEven(values[at]! / step);
  const rows = firstOfEach(rounded, n, q);
  distinct.set(table, rows);
  return rows;
}

/** Numbers of the rows of words that no row before them equals: an open hash table, at most half full. */
function firstOfEach(words: Int32Array, n: number, q: number): Int32Array {
  const bits = 32 - Math.clz32(2 * n);
  const places = new Int32Array(1 << bits).fill(-1);
  const mask = places.length - 1;
  const first = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i += 1) {
    let place = hashOf(words, i * q, q) & mask;
    while (places[place]! >= 0 && !areEqual(words, i * q, places[place]! * q, q)) place = (place + 1) & mask;
    if (places[place]! >= 0) continue;
    places[place] = i;
    first[count++] = i;
  }
  return first.slice(0, count);
}

/** The distinct rows of a table, one table for all who ask. */
export function distinctTable(table: BlockRows): BlockRows {
  let known = distinctTables.get(table);
  if (known === undefined) distinctTables.set(table, (known = distinctRowsOf(table, table)));
  return known;
}

/** Of what was made of a table's rows, one for each, those of the distinct rows; all of it where all differ. */
export function distinctRowsOf(table: BlockRows, made: BlockRows): BlockRows {
  const rows = distinctRows(table);
  return rows.length === made.n ? made : pickRows(made, rows);
}

const distinctTables = new WeakMap<BlockRows, BlockRows>();

/** Tables do not change, and several statements ask for the distinct rows of one. */
const distinct = new WeakMap<BlockRows, Int32Array>();

/** FNV-1a over whole words. */
function hashOf(words: Int32Array, at: number, count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < count; i += 1) {
    hash = Math.imul(hash ^ words[at + i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

function areEqual(words: Int32Array, a: number, b: number, count: number): boolean {
  for (let i = 0; i < count; i += 1) if (words[a + i] !== words[b + i]) return false;
  return true;
}

/** Σe³/q / (Σe²/q)^1.5 of each row, e the row less its mean; 0 for a constant row. */
export function skewnesses(table: BlockRows): Float64Array {
  const { values, n, q } = centred(table);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let squares = 0;
    let cubes = 0;
    for (let b = 0; b < q; b += 1) {
      const e = values[i * q + b]!;
      squares += e * e;
      cubes += e * e * e;
    }
    const variance = squares / q;
    if (variance > 0) out[i] = cubes / q / (variance * Math.sqrt(variance));
  }
  return out;
}

/** Number of the smallest value, the first of equal ones. */
export function firstSmallest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! < values[best]!) best = i;
  return best;
}

/** Numbers of the values from the smallest on; equal ones keep their order. */
export function ascending(values: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
}
