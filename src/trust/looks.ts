import { SAME_LOOK } from './constants.ts';
import { square } from './round.ts';

/**
 * The look that each vector of daily sums is, numbered from 0: the first counted look that agrees with it in every sum to
 * 1e-6 relative (|a − b| ≤ 1e-6·|b|, b counted), else a new one. A digest of digits would split on last bits.
 *
 * @param tables one vector of sums of absolute errors (each ≥ 0) a verdict, in stored order
 */
export function lookNumbers(tables: readonly ArrayLike<number>[]): number[] {
  const counted: ArrayLike<number>[] = [];
  const bins = new Map<string, number[]>();
  return tables.map((sums) => {
    const key = binOf(sums);
    let number = -1;
    for (const neighbour of [key - 1, key, key + 1]) {
      for (const candidate of bins.get(`${sums.length}:${neighbour}`) ?? []) {
        if ((number === -1 || candidate < number) && agree(sums, counted[candidate]!)) number = candidate;
      }
    }
    if (number !== -1) return number;
    const bin = `${sums.length}:${key}`;
    const numbers = bins.get(bin);
    if (numbers === undefined) bins.set(bin, [counted.length]);
    else numbers.push(counted.length);
    return counted.push(sums) - 1;
  });
}

/**
 * What is told of successive looks at a locked split, Ladder-style: a new best is told only when it is better by more than
 * one paired standard error, mean d > se(d), d = told − new; else the old number is repeated.
 *
 * @param losses by block, one row a look
 * Source: Blum and Hardt 2015, The Ladder: a reliable leaderboard for machine learning competitions.
 */
export function ladder(losses: readonly ArrayLike<number>[]): number[] {
  let told: ArrayLike<number> | undefined;
  return losses.map((look) => {
    if (told === undefined || isBetter(look, told)) told = look;
    let sum = 0;
    for (let b = 0; b < told.length; b += 1) sum += told[b]!;
    return sum / told.length;
  });
}

function isBetter(look: ArrayLike<number>, told: ArrayLike<number>): boolean {
  const q = look.length;
  const gains = Array.from({ length: q }, (_, b) => told[b]! - look[b]!);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / q;
  const squares = gains.reduce((sum, gain) => sum + square(gain - mean), 0);
  return mean > Math.sqrt(squares / (q * (q - 1)));
}

function agree(sums: ArrayLike<number>, counted: ArrayLike<number>): boolean {
  for (let i = 0; i < sums.length; i += 1) {
    if (!(Math.abs(sums[i]! - counted[i]!) <= SAME_LOOK * Math.abs(counted[i]!))) return false;
  }
  return true;
}

const words = new BigUint64Array(1);
const doubles = new Float64Array(words.buffer);

/**
 * A bin of the vector's total, at least 1.9e-6 of it wide: where all sums agree to 1e-6, so do their totals, and the bins
 * are the same or neighbours.
 */
function binOf(sums: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < sums.length; i += 1) total += sums[i]!;
  doubles[0] = total;
  return Number(words[0]! >> 34n);
}
