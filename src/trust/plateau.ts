import {
  ascending,
  type BlockRows,
  distinctTable,
  firstSmallest,
  pickRows,
  rowMeans,
  rowOf,
  rowSums,
  unitRows,
} from './block-rows.ts';
import { CONTROLS, RIVALS, SAME_SCORE, TOLERANCE } from './constants.ts';
import { critical, maxFlips } from './max-flips.ts';
import { roundHalfEven } from './round.ts';
import type { SignTable } from './sign-table.ts';
import { spreadRows } from './spread-rows.ts';

export type Plateau = {
  /** by row: may it be the best? */
  readonly stays: readonly boolean[];
  /** a row leaves when its S against the leader is beyond this */
  readonly critical: number;
};

export type PlateauOptions = {
  readonly rivals?: number;
  readonly controls?: number;
};

/**
 * Hsu's comparison with the best: a row stays unless it is worse than the leader by more than `same`, beyond c. c is the
 * largest 95 % point of max_j S*(v_i − v_j) over i = 16 controls and j the other of at most 256 representatives, and over
 * i = the leader and j all other rows.
 *
 * @param losses by block, lower is better; one row at least
 * @param same differences of a mean below this are the same by fiat; several give a plateau each
 * Source: Hsu 1981, Simultaneous confidence intervals for all distances from the best.
 */
export function plateausOf(
  losses: BlockRows,
  signs: SignTable,
  same: readonly number[] = [SAME_SCORE],
  options: PlateauOptions = {},
): Plateau[] {
  const { rivals = RIVALS, controls = CONTROLS } = options;
  const leader = firstSmallest(rowMeans(losses));
  const distinct = distinctTable(losses);
  const representatives = pickRows(distinct, spreadRows(distinct, rivals));
  let limit = 0;
  for (const control of controlsOf(representatives, controls)) {
    limit = Math.max(limit, criticalAgainst(representatives, control, signs));
  }
  if (losses.n > 1) limit = Math.max(limit, criticalAgainst(losses, leader, signs));
  return same.map((difference) => ({ stays: staying(losses, leader, difference, limit), critical: limit }));
}

function staying(losses: BlockRows, leader: number, same: number, limit: number): boolean[] {
  const behind = shifted(losses, rowOf(losses, leader), same);
  const means = rowMeans(behind);
  const sums = rowSums(unitRows(behind));
  return Array.from(sums, (s, i) => !(means[i]! > 0 && s > limit + TOLERANCE));
}

/** Each row less another, less a number. */
function shifted({ values, n, q }: BlockRows, row: Float64Array, by: number): BlockRows {
  const out = new Float64Array(values.length);
  for (let i = 0, at = 0; i < n; i += 1) {
    for (let b = 0; b < q; b += 1, at += 1) out[at] = values[at]! - row[b]! - by;
  }
  return { values: out, n, q };
}

/** Rows at even ranks among the best four times as many. */
function controlsOf(representatives: BlockRows, controls: number): number[] {
  if (representatives.n < 2) return [];
  const byMean = ascending(rowMeans(representatives));
  const last = Math.min(representatives.n, 4 * controls) - 1;
  const ranks = Array.from({ length: controls }, (_, i) => roundHalfEven((i * last) / Math.max(1, controls - 1)));
  return [...new Set(ranks)].map((rank) => byMean[rank]!);
}

/** The 95 % point of the largest S* of v_i − v_j over all other rows j. */
function criticalAgainst(table: BlockRows, i: number, signs: SignTable): number {
  const { values, n, q } = table;
  const row = rowOf(table, i);
  const differences = new Float64Array((n - 1) * q);
  for (let j = 0, at = 0; j < n; j += 1) {
    if (j === i) continue;
    for (let b = 0; b < q; b += 1, at += 1) differences[at] = row[b]! - values[j * q + b]!;
  }
  return critical(maxFlips(unitRows({ values: differences, n: n - 1, q }), signs));
}
