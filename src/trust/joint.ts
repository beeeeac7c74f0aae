import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { exp } from '../numerics/elementary/exp.ts';
import { log } from '../numerics/elementary/log.ts';
import { type BlockRows, centred, distinctRowsOf, distinctTable, pickRows, rowSums, unitRows } from './block-rows.ts';
import { TOLERANCE } from './constants.ts';
import { lazily } from './lazily.ts';
import { critical, maxFlips } from './max-flips.ts';
import { effectiveNumber } from './normal.ts';
import type { SignTable } from './sign-table.ts';
import { studentQuantile } from './student-t.ts';

/** What stands of a table's rows against no advantage at all. */
export type Advantage = {
  /** that no row has a positive mean */
  readonly p: number;
  /** which rows have one */
  readonly beats: readonly boolean[];
};

/**
 * Best of N: p that no row has a positive mean, over all rows and without a cut. The share of sign vectors in which the
 * largest S* reaches the largest S, S = Σx/√Σx². p ≤ α exactly where StepM counts one row at least; never below 1/R.
 *
 * StepM: which rows have a positive mean, all of them together wrong in at most 5 % of sweeps. Those beyond the 95 % point
 * of the largest S* are set aside, and the rest is held against its own, until none is.
 *
 * @param advantages what each row gains, by block
 * Source: Romano and Wolf 2005, Stepwise multiple testing as formalized data snooping.
 */
export function advantageOf(advantages: BlockRows, signs: SignTable): Advantage {
  const unit = unitRows(advantages);
  const sums = rowSums(unit);
  const draws = maxFlips(unit, signs);
  const reached = sums.reduce((largest, s) => Math.max(largest, s), -Infinity) - TOLERANCE;
  return lazily<Advantage>({
    p: () => draws.filter((draw) => draw >= reached).length / draws.length,
    beats: () => steppedOver(unit, sums, draws, signs),
  });
}

/** @param draws the largest S* of all rows: the first step's */
function steppedOver(unit: BlockRows, sums: Float64Array, draws: Float64Array, signs: SignTable): boolean[] {
  const found = new Array<boolean>(unit.n).fill(false);
  let left = Int32Array.from(found.keys());
  let drawsOfLeft = draws;
  while (left.length > 0) {
    const limit = critical(drawsOfLeft) + TOLERANCE;
    const beyond = left.filter((row) => sums[row]! > limit);
    if (beyond.length === 0) break;
    for (const row of beyond) found[row] = true;
    left = left.filter((row) => !found[row]);
    drawsOfLeft = maxFlips(pickRows(unit, left), signs);
  }
  return found;
}

/** For each row the share of sign vectors in which the largest S* of all distinct rows reaches that row's S. */
export function sharesReached(advantages: BlockRows, signs: SignTable): Float64Array {
  const unit = unitRows(advantages);
  const draws = maxFlips(distinctRowsOf(advantages, unit), signs).sort();
  return rowSums(unit).map((s) => (draws.length - firstAtLeast(draws, s - TOLERANCE)) / draws.length);
}

export type JointWidth = {
  /** c, the 95 % point of max |S*| over distinct rows; null for fewer than two of them */
  readonly critical: number | null;
  /** half widths t·se hold for the means of all rows at once; null where these blocks cannot say */
  readonly t: number | null;
};

/** Half widths that hold for all rows of a list at once: t = c·√((q−1)/(q−c²)). One row: Student's own. */
export function jointWidth(gains: BlockRows, signs: SignTable): JointWidth {
  const { q } = gains;
  const rows = distinctTable(gains);
  if (rows.n < 2) return { critical: null, t: studentQuantile(0.975, q - 1) };
  const c = critical(maxFlips(unitRows(centred(rows)), signs, true));
  return { critical: c, t: c * c >= q - 1e-9 ? null : c * Math.sqrt((q - 1) / (q - c * c)) };
}

export type Luck = {
  /** what the best of these rows gains when all are equal, in the metric's units: its mean, and its 95 % point */
  readonly expected: number;
  readonly q95: number;
  /** so many independent tries have that expected maximum: a lower bound, since S* ≤ √q */
  readonly nEff: number;
};

/** What the best of these N rows gains by luck alone. Factor √(q/(q−1)) for the deviations from each row's own mean. */
export function luckOf(gains: BlockRows, signs: SignTable): Luck {
  const { q } = gains;
  const deviations = centred(gains);
  const factor = Math.sqrt(q / (q - 1)) / q;
  const drawn = lazily({ gains: () => maxFlips(deviations, signs).map((draw) => draw * factor) });
  return lazily<Luck>({
    expected: () => meanOfDraws(drawn.gains),
    q95: () => critical(drawn.gains),
    nEff: () => effectiveNumber(meanOfDraws(maxFlips(unitRows(deviations), signs))),
  });
}

/**
 * exp of the entropy of the eigenvalues of the rows' correlations by block: how many directions these rows move in.
 */
export function entropyNumber(table: BlockRows): number {
  const { q } = table;
  const unit = unitRows(centred(table));
  const sums = new Float64Array(q * q);
  for (let i = 0; i < unit.n; i += 1) {
    for (let a = 0; a < q; a += 1) {
      const value = unit.values[i * q + a]!;
      for (let b = 0; b < q; b += 1) sums[a * q + b]! += value * unit.values[i * q + b]!;
    }
  }
  const products = Matrix.from1DArray(q, q, sums);
  const eigenvalues = new EigenvalueDecomposition(products, { assumeSymmetric: true }).realEigenvalues;
  const positive = eigenvalues.filter((value) => value > TOLERANCE);
  const total = positive.reduce((sum, value) => sum + value, 0);
  return exp(-positive.reduce((sum, value) => sum + (value / total) * log(value / total), 0));
}

function meanOfDraws(draws: Float64Array): number {
  return draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
}

/** Index of the first sorted value that is at least `limit`. */
function firstAtLeast(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
