import { powerOfTwo } from '../numerics/elementary/power-of-two.ts';
import type { BlockRows } from './block-rows.ts';
import { ALPHA } from './constants.ts';
import type { SignTable } from './sign-table.ts';

/**
 * For each sign vector f the largest Σ f_b·x_b over the rows of a table: the draws that a joint statement is held against,
 * exact where block differences are symmetric about 0. −∞ for a table without rows.
 *
 * A row's 2^q signed sums are sums of two table entries, one for each half of its blocks: an addition a sign vector instead
 * of q multiplications.
 *
 * @param absolute the largest |Σ f_b·x_b| instead
 * Source: Canay, Romano and Shaikh 2017, Randomization tests under an approximate symmetry assumption.
 */
export function maxFlips({ values, n, q }: BlockRows, signs: SignTable, absolute = false): Float64Array {
  if (q !== signs.q) throw new RangeError(`signs of ${signs.q} blocks for rows of ${q}`);
  const { largest, smallest } = extremeFlips({ values, n, q }, signs);
  if (!absolute) return largest;
  for (let row = 0; row < largest.length; row += 1) largest[row] = Math.max(largest[row]!, -smallest[row]!);
  return largest;
}

/** For each sign vector the largest and the smallest Σ f_b·x_b over the rows of a table. */
function extremeFlips(
  { values, n, q }: BlockRows,
  signs: SignTable,
): { largest: Float64Array; smallest: Float64Array } {
  const { rows, low, high, lowBits, isFull } = signs;
  const largest = new Float64Array(rows).fill(-Infinity);
  const smallest = new Float64Array(rows).fill(Infinity);
  const lowSums = new Float64Array(powerOfTwo(lowBits));
  const highSums = new Float64Array(powerOfTwo(q - lowBits));
  if (!isFull) {
    for (let i = 0; i < n; i += 1) {
      fillSignedSums(values, i * q, lowBits, lowSums);
      fillSignedSums(values, i * q + lowBits, q - lowBits, highSums);
      for (let row = 0; row < rows; row += 1) {
        const sum = lowSums[low[row]!]! + highSums[high[row]!]!;
        if (sum > largest[row]!) largest[row] = sum;
        if (sum < smallest[row]!) smallest[row] = sum;
      }
    }
    return { largest, smallest };
  }
  // Of all sign vectors half will do: the other half's sums are the same with the other sign.
  const highCodes = Math.max(1, highSums.length / 2);
  const reach = new Reach(highCodes, lowSums.length);
  for (let i = 0; i < n; i += 1) {
    if (i % ROWS_BETWEEN_REACHES === 0) reach.take(largest, smallest);
    fillSignedSums(values, i * q, lowBits, lowSums);
    fillSignedSums(values, i * q + lowBits, q - lowBits, highSums);
    const most = absoluteSum(values, i * q, lowBits);
    for (let code = 0; code < highCodes; code += 1) {
      if (reach.isBeyond(code, highSums[code]!, most)) {
        widen(largest, smallest, code << lowBits, lowSums, highSums[code]!);
      }
    }
  }
  if (q > 1) {
    for (let row = rows / 2; row < rows; row += 1) {
      largest[row] = -smallest[rows - 1 - row]!;
      smallest[row] = -largest[rows - 1 - row]!;
    }
  }
  return { largest, smallest };
}

/**
 * The least of the largest sums, and the largest of the smallest, of the sign vectors that share their high part: a row
 * that cannot go beyond either moves none of them, and most rows of a long table are such. Both only widen, so that what
 * was taken some rows ago still holds.
 */
class Reach {
  readonly #leastOfLargest: Float64Array;
  readonly #largestOfLeast: Float64Array;
  readonly #lowCodes: number;

  constructor(highCodes: number, lowCodes: number) {
    this.#leastOfLargest = new Float64Array(highCodes);
    this.#largestOfLeast = new Float64Array(highCodes);
    this.#lowCodes = lowCodes;
  }

  take(largest: Float64Array, smallest: Float64Array): void {
    for (let code = 0, at = 0; code < this.#leastOfLargest.length; code += 1) {
      let least = Infinity;
      let most = -Infinity;
      for (const end = at + this.#lowCodes; at < end; at += 1) {
        if (largest[at]! < least) least = largest[at]!;
        if (smallest[at]! > most) most = smallest[at]!;
      }
      this.#leastOfLargest[code] = least;
      this.#largestOfLeast[code] = most;
    }
  }

  /** @param most no low part's sum is larger, or smaller than its opposite */
  isBeyond(code: number, highSum: number, most: number): boolean {
    return highSum + most >= this.#leastOfLargest[code]! || highSum - most <= this.#largestOfLeast[code]!;
  }
}

const ROWS_BETWEEN_REACHES = 64;

/** Σ|x_b| of `count` values from `first` on, with room for the rounding of any signed sum of them. */
function absoluteSum(values: Float64Array, first: number, count: number): number {
  let sum = 0;
  for (let b = 0; b < count; b += 1) sum += Math.abs(values[first + b]!);
  return sum * (1 + 1e-12);
}

function widen(
  largest: Float64Array,
  smallest: Float64Array,
  first: number,
  lowSums: Float64Array,
  highSum: number,
): void {
  for (let code = 0; code < lowSums.length; code += 1) {
    const sum = lowSums[code]! + highSum;
    if (sum > largest[first + code]!) largest[first + code] = sum;
    if (sum < smallest[first + code]!) smallest[first + code] = sum;
  }
}

/** The smallest c with share(draws > c) ≤ α: the ⌈(1−α)·R − 1e-9⌉-th of the sorted draws. */
export function critical(draws: Float64Array, alpha = ALPHA): number {
  const sorted = draws.toSorted();
  const rows = sorted.length;
  return sorted[Math.min(rows - 1, Math.ceil((1 - alpha) * rows - 1e-9) - 1)]!;
}

/** Signed sums of `bits` values from `first` on, by code: bit b set means −x_b. */
function fillSignedSums(values: Float64Array, first: number, bits: number, sums: Float64Array): void {
  let all = 0;
  for (let b = 0; b < bits; b += 1) all += values[first + b]!;
  sums[0] = all;
  for (let b = 0; b < bits; b += 1) {
    const twice = 2 * values[first + b]!;
    const size = 1 << b;
    for (let code = 0; code < size; code += 1) sums[size + code] = sums[code]! - twice;
  }
}
