import {
  ascending,
  type BlockRows,
  distinctRows,
  firstSmallest,
  pickRows,
  rowMeans,
  rowOf,
  rowSums,
  spreadRows,
  unitRows,
} from './block-rows.ts';
import { CONTROLS, RIVALS, SAME_SCORE, TOLERANCE } from './constants.ts';
import { critical, maxFlips } from './max-flips.ts';
import { roundHalfEven } from './round.ts';
import type { SignTable } from './sign-table.ts';

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
  const distinct = pickRows(losses, distinctRows(losses));
  const representatives = pickRows(distinct, spreadRows(distinct, rivals));
  let limit = 0;
  for (const control of controlsOf(representatives, controls)) {
    limit = Math.max(limit, criticalAgainst(representatives, control, signs));
  }
  if (losses.n > 1) limit = Math.max(limit, criticalAgainst(losses, leader, signs));
  return same.map((difference) => ({ stays: staying(losses, leader, difference, limit), critical: limit }));
}

function staying(losses: BlockRows, leader: number, same: number, limit: number): boolean[] {
  const best = rowOf(losses, leader);
  const behind = { ...losses, values: losses.values.map((value, at) => value - best[at % losses.q]! - same) };
  const means = rowMeans(behind);
  const sums = rowSums(unitRows(behind));
  return Array.from(sums, (s, i) => !(means[i]! > 0 && s > limit + TOLERANCE));
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
  const others = Int32Array.from({ length: table.n - 1 }, (_, j) => (j < i ? j : j + 1));
  const rows = pickRows(table, others);
  const row = rowOf(table, i);
  const differences = { ...rows, values: rows.values.map((value, at) => row[at % table.q]! - value) };
  return critical(maxFlips(unitRows(differences), signs));
}
