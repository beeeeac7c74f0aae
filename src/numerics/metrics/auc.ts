import type { Workspace } from '../workspace.ts';
import type { ScoredRows } from './scored-rows.ts';
import { sortedOrder } from './sorted-order.ts';

/** How the pairs of a positive and a negative row are ordered, by the cells of the two. */
export type PairCounts = {
  /**
   * (nCells × nCells) by the positive's cell, then the negative's: 2·#{score⁺ > score⁻} + #{score⁺ = score⁻}, a whole number
   * (twice, so that a tie's half is one), exact up to 2⁵³
   */
  readonly doubled: Float64Array;
  /** (nCells) rows of each class */
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
};

/**
 * Counts pairs by one walk along the sorted scores: O(n + entries of positives × nCells).
 *
 * @param order (n) the order that sorts the scores ascending
 */
export function countPairs(rows: ScoredRows, order: Int32Array): PairCounts {
  const { scores, labels, weights, cells, nCells } = rows;
  const n = labels.length;
  const lengths = [scores, weights ?? labels, cells ?? labels, order].map((each) => each.length);
  if (lengths.some((length) => length !== n)) {
    throw new RangeError(
      `AUC: ${n} labels, ${scores.length} scores, ${weights?.length} weights, ${cells?.length} cells, ${order.length} places: ` +
        'expected as many of each',
    );
  }
  const doubled = new Float64Array(nCells * nCells);
  const positives = new Float64Array(nCells);
  // Negatives below the score that is looked at, by cell; in the end all of them.
  const below = new Float64Array(nCells);
  for (let first = 0; first < n; ) {
    const score = scores[order[first]!]!;
    let end = first + 1;
    while (end < n && scores[order[end]!] === score) end += 1;
    // Half of the tied negatives before the positives are met, half after: a tie counts half.
    addNegatives(rows, order, first, end, below);
    for (let k = first; k < end; k += 1) {
      const entry = order[k]!;
      if (labels[entry] !== 1) continue;
      const weight = weights === null ? 1 : weights[entry]!;
      const cell = cells === null ? 0 : cells[entry]!;
      positives[cell]! += weight;
      const row = cell * nCells;
      for (let e = 0; e < nCells; e += 1) doubled[row + e]! += 2 * weight * below[e]!;
    }
    addNegatives(rows, order, first, end, below);
    first = end;
  }
  return { doubled, positives, negatives: below };
}

/** Adds half of the negative rows among the entries order[first..end-1]. */
function addNegatives(
  { labels, weights, cells }: ScoredRows,
  order: Int32Array,
  first: number,
  end: number,
  below: Float64Array,
): void {
  for (let k = first; k < end; k += 1) {
    const entry = order[k]!;
    if (labels[entry] === 1) continue;
    below[cells === null ? 0 : cells[entry]!]! += weights === null ? 0.5 : 0.5 * weights[entry]!;
  }
}

/**
 * Area under the ROC curve: the share of (positive, negative) pairs that the scores order rightly, ties counted as half.
 *
 *   auc = (#{s⁺ > s⁻} + ½·#{s⁺ = s⁻}) / (n⁺·n⁻)
 *
 * @returns null when all rows are of one class
 */
export function aucOf({ doubled, positives, negatives }: PairCounts): number | null {
  const [nPositives, nNegatives] = [positives.reduce(add, 0), negatives.reduce(add, 0)];
  if (nPositives === 0 || nNegatives === 0) return null;
  return doubled.reduce(add, 0) / 2 / nPositives / nNegatives;
}

/** The AUC of plain rows. @param labels (n) each 0 or 1  @param scores (n) finite */
export function rocAuc(workspace: Workspace, labels: Uint8Array, scores: Float64Array): number | null {
  const rows = { scores, labels, weights: null, cells: null, nCells: 1 };
  return aucOf(countPairs(rows, sortedOrder(workspace, scores)));
}

function add(a: number, b: number): number {
  return a + b;
}
