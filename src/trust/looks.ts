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
  const binsByLength = new Map<number, Map<number, number[]>>();
  return tables.map((sums) => {
    let bins = binsByLength.get(sums.length);
    if (bins === undefined) binsByLength.set(sums.length, (bins = new Map()));
    const key = binOf(sums);
    let number = -1;
    for (let neighbour = key - 1; neighbour <= key + 1; neighbour += 1) {
      const candidates = bins.get(neighbour);
      if (candidates === undefined) continue;
      for (const candidate of candidates) {
        if ((number === -1 || candidate < number) && agree(sums, counted[candidate]!)) number = candidate;
      }
    }
    if (number !== -1) return number;
    const numbers = bins.get(key);
    if (numbers === undefined) bins.set(key, [counted.length]);
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
  return toldLooks(losses).map((told) => meanOf(losses[told]!));
}

/** The look whose number is told after each look. */
export function toldLooks(losses: readonly ArrayLike<number>[]): number[] {
  let told = 0;
  return losses.map((look, i) => {
    if (i > 0 && isBetter(look, losses[told]!)) told = i;
    return told;
  });
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let b = 0; b < values.length; b += 1) sum += values[b]!;
  return sum / values.length;
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

const double = new DataView(new ArrayBuffer(8));

/**
 * A bin of the vector's total, at least 1.9e-6 of it wide: where all sums agree to 1e-6, so do their totals, and the bins
 * are the same or neighbours. Sign, exponent and 18 bits of the total's float64.
 */
function binOf(sums: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < sums.length; i += 1) total += sums[i]!;
  double.setFloat64(0, total);
  return double.getUint32(0) >>> 2;
}
