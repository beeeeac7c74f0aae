import { modelColumns } from '../numerics/design-matrix.ts';
import { LossEvaluator } from '../numerics/loss-evaluator.ts';

/**
 * Bytes that one task works with beside the dataset: the larger of what a classifier's fit takes (four columns of
 * float64) and what a batch takes (four fitters with four partitions of 21 bytes a row each, a move's lists of 28 bytes a
 * row, and the evaluators of four models), with small square matrices beside them.
 *
 * @param nDays days of one side's parts, see `splitDayCount`
 */
export function workSizeBytes(rowCount: number, nFeatures: number, nDays: number): number {
  const { dims } = modelColumns(nFeatures + 4);
  const evaluators = 4 * LossEvaluator.sizeBytes(rowCount, nDays, dims);
  return rowCount * (4 * 4 * (5 + 16) + 48) + evaluators + 64 * 8 * dims * dims + 2 ** 20;
}

/** The rows that a dataset can have at the most: a cap holds for each of the four splits. */
export function cappedRowCount(rowCount: number, maxRowsPerSplit: number): number {
  return maxRowsPerSplit > 0 ? Math.min(rowCount, 4 * maxRowsPerSplit) : rowCount;
}
