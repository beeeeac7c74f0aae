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
  const { rows, low, high, lowBits, isFull } = signs;
  const largest = new Float64Array(rows).fill(-Infinity);
  const smallest = new Float64Array(rows).fill(Infinity);
  const lowSums = new Float64Array(powerOfTwo(lowBits));
  const highSums = new Float64Array(powerOfTwo(q - lowBits));
  // Of all sign vectors half will do: the other half's sums are the same with the other sign.
  const highCodes = isFull ? Math.max(1, highSums.length / 2) : 0;
  for (let i = 0; i < n; i += 1) {
    fillSignedSums(values, i * q, lowBits, lowSums);
    fillSignedSums(values, i * q + lowBits, q - lowBits, highSums);
    for (let code = 0; code < highCodes; code += 1) {
      widen(largest, smallest, code << lowBits, lowSums, highSums[code]!);
    }
    for (let row = isFull ? rows : 0; row < rows; row += 1) {
      const sum = lowSums[low[row]!]! + highSums[high[row]!]!;
      if (sum > largest[row]!) largest[row] = sum;
      if (sum < smallest[row]!) smallest[row] = sum;
    }
  }
  if (isFull && q > 1) {
    for (let row = rows / 2; row < rows; row += 1) {
      largest[row] = -smallest[rows - 1 - row]!;
      smallest[row] = -largest[rows - 1 - row]!;
    }
  }
  return absolute ? largest.map((most, row) => Math.max(most, -smallest[row]!)) : largest;
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
