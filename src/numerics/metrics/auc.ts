/**
 * Area under the ROC curve: the share of (positive, negative) pairs that the scores order rightly, ties counted as
 * half. Null when all labels are of one class.
 *
 *   auc = (#{s⁺ > s⁻} + ½·#{s⁺ = s⁻}) / (n⁺·n⁻)
 *
 * Both classes' scores are sorted apart and merged, which needs no sorting of pairs. Counts are exact up to 2⁵³.
 *
 * @param labels (n) each 0 or 1
 * @param scores (n) finite
 */
export function rocAuc(labels: Uint8Array, scores: Float64Array): number | null {
  let nPositives = 0;
  for (let i = 0; i < labels.length; i += 1) nPositives += labels[i]!;
  const nNegatives = labels.length - nPositives;
  if (nPositives === 0 || nNegatives === 0) return null;
  const positives = new Float64Array(nPositives);
  const negatives = new Float64Array(nNegatives);
  let p = 0;
  let q = 0;
  for (let i = 0; i < labels.length; i += 1) {
    if (labels[i] === 1) positives[p++] = scores[i]!;
    else negatives[q++] = scores[i]!;
  }
  positives.sort();
  negatives.sort();
  // Twice the numerator, so that halves stay whole numbers.
  let doubled = 0;
  let below = 0;
  let notAbove = 0;
  for (const score of positives) {
    while (below < nNegatives && negatives[below]! < score) below += 1;
    notAbove = Math.max(notAbove, below);
    while (notAbove < nNegatives && negatives[notAbove]! === score) notAbove += 1;
    doubled += below + notAbove;
  }
  return doubled / 2 / nPositives / nNegatives;
}
