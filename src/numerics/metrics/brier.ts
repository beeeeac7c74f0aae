import type { ScoredRows } from './scored-rows.ts';

/** (nCells) Σ weight·(p − label)² by cell, p being the scores; over the number of rows it is the Brier score. */
export function squaredErrorSums({ scores, labels, weights, cells, nCells }: ScoredRows): Float64Array {
  const sums = new Float64Array(nCells);
  for (let i = 0; i < labels.length; i += 1) {
    const error = scores[i]! - labels[i]!;
    sums[cells === null ? 0 : cells[i]!]! += (weights === null ? 1 : weights[i]!) * error * error;
  }
  return sums;
}

/** Σ(p − label)² of rows that are all given one probability p. */
export function constantSquaredErrorSum(positives: number, negatives: number, p: number): number {
  return positives * (1 - p) * (1 - p) + negatives * p * p;
}
