import type { ScoredRows } from './scored-rows.ts';

/** Rows whose probabilities lie between two deciles, and what share of them is positive. */
export type CalibrationBin = {
  readonly rows: number;
  readonly positives: number;
  /** mean of the rows' probabilities; `positives / rows` is what it should be */
  readonly meanPredicted: number;
};

const BINS = 10;

/**
 * A calibration curve by deciles of the predicted probability: the bins of scikit-learn's
 * `calibration_curve(labels, scores, n_bins=10, strategy='quantile')`, which are of the very rows that are looked at.
 *
 *   edge_k = quantile of the n rows at k/10, linear between its neighbours; bin(p) = #{k = 1 … 9 : edge_k < p}
 *
 * The neighbours below are rows ⌊k(n−1)/10⌋, counted from 0 along the sorted rows, so that bin(p) = #{k : ⌊k(n−1)/10⌋ < #rows
 * below p}: whole numbers, no interpolation and nothing to round. Equal probabilities are in one bin; a bin without rows is
 * left out, so that there are at most as many bins as distinct probabilities. An entry stands for as many rows as its weight says.
 *
 * @param order (n) the order that sorts the scores ascending
 * @returns ascending, 1 to 10 bins; none where there are no rows
 */
export function calibrationBins({ scores, labels, weights }: ScoredRows, order: Int32Array): CalibrationBin[] {
  const rowsOf = (entry: number): number => (weights === null ? 1 : weights[entry]!);
  let n = 0;
  for (let entry = 0; entry < labels.length; entry += 1) n += rowsOf(entry);
  const bins: { rows: number; positives: number; predicted: number }[] = [];
  let below = 0;
  let passed = -1;
  for (let first = 0; first < order.length; ) {
    const score = scores[order[first]!]!;
    let number = 0;
    while (number < BINS - 1 && Math.floor(((number + 1) * (n - 1)) / BINS) < below) number += 1;
    if (number !== passed) bins.push({ rows: 0, positives: 0, predicted: 0 });
    passed = number;
    const bin = bins.at(-1)!;
    let end = first;
    for (; end < order.length && scores[order[end]!] === score; end += 1) {
      const entry = order[end]!;
      const rows = rowsOf(entry);
      bin.rows += rows;
      if (labels[entry] === 1) bin.positives += rows;
      bin.predicted += rows * score;
      below += rows;
    }
    first = end;
  }
  return bins.map(({ rows, positives, predicted }) => ({ rows, positives, meanPredicted: predicted / rows }));
}
