import { type BlockRows, firstSmallest, rowMeans } from './block-rows.ts';
import { square } from './round.ts';

/**
 * A choice of m rows that stand far apart: starts at the row of smallest mean and adds the row of largest squared
 * distance to its nearest pick, the first of equal ones, until m rows stand or no row differs. All rows where n ≤ m.
 */
export function spreadRows(table: BlockRows, m: number): Int32Array {
  const { n } = table;
  if (n <= m) return Int32Array.from({ length: n }, (_, i) => i);
  // Fewer picks of a table are the first of more.
  const known = spread.get(table);
  if (known !== undefined && known.length >= m) return known.subarray(0, m);
  const picks = spreadPicks(table, m);
  spread.set(table, picks);
  return picks;
}

const spread = new WeakMap<BlockRows, Int32Array>();

/**
 * A row comes only nearer to its nearest pick as picks are added: what it was a while ago bounds what it is. So only the
 * row that seems farthest is brought up to date, until it is the farthest in truth; most rows never are.
 */
function spreadPicks(table: BlockRows, m: number): Int32Array {
  const { values, n, q } = table;
  const picks = [firstSmallest(rowMeans(table))];
  const nearest = new Float64Array(n).fill(Infinity);
  /** by row, how many of the picks it was held against */
  const held = new Int32Array(n);
  const bringUpToDate = (i: number): void => {
    for (; held[i]! < picks.length; held[i]! += 1) {
      const pick = picks[held[i]!]! * q;
      let distance = 0;
      for (let b = 0; b < q; b += 1) distance += square(values[i * q + b]! - values[pick + b]!);
      if (distance < nearest[i]!) nearest[i] = distance;
    }
  };
  for (let i = 0; i < n; i += 1) bringUpToDate(i);
  const queue = new LargestFirst(nearest);
  while (picks.length < m) {
    while (held[queue.first]! < picks.length) {
      bringUpToDate(queue.first);
      queue.firstIsSmaller();
    }
    if (!(nearest[queue.first]! > 0)) break;
    picks.push(queue.first);
  }
  return Int32Array.from(picks);
}

/** Numbers by their keys, the largest first and of equal ones the first: a binary heap. */
class LargestFirst {
  readonly #keys: Float64Array;
  readonly #numbers: Int32Array;

  constructor(keys: Float64Array) {
    this.#keys = keys;
    this.#numbers = Int32Array.from(keys.keys());
    for (let at = (keys.length >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  get first(): number {
    return this.#numbers[0]!;
  }

  /** The first one's key has become smaller. */
  firstIsSmaller(): void {
    this.#sink(0);
  }

  #sink(from: number): void {
    const numbers = this.#numbers;
    const number = numbers[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= numbers.length) break;
      if (child + 1 < numbers.length && this.#isBefore(numbers[child + 1]!, numbers[child]!)) child += 1;
      if (!this.#isBefore(numbers[child]!, number)) break;
      numbers[at] = numbers[child]!;
      at = child;
    }
    numbers[at] = number;
  }

  #isBefore(a: number, b: number): boolean {
    return this.#keys[a]! > this.#keys[b]! || (this.#keys[a] === this.#keys[b] && a < b);
  }
}
