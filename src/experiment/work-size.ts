import { modelColumns } from '../numerics/design-matrix.ts';
import { LossEvaluator } from '../numerics/loss-evaluator.ts';
import { PredictionSpan } from '../numerics/prediction-span.ts';
import { RegressionFitter } from '../numerics/regression-fitter.ts';

/** A classifier's fit takes six columns of float64; a move's lists take 28 bytes a row. */
const TEMPORARY_BYTES_PER_ROW = 48;

/**
 * Bytes that one task works with beside the dataset: what a batch keeps of four models (fitters, evaluators, predictions),
 * and the larger of what a classifier's fit and a move of the rows take while they run, with small square matrices.
 *
 * @param rowCount an upper bound of both sides' rows together
 * @param nDays days of one side's parts, see `splitDayCount`
 */
export function workSizeBytes(rowCount: number, nFeatures: number, nDays: number): number {
  const { dims } = modelColumns(nFeatures + 4);
  const model = (rows: number): number =>
    RegressionFitter.sizeBytes(rows, dims) +
    LossEvaluator.sizeBytes(rows, nDays, dims) +
    PredictionSpan.sizeBytes(rows, dims);
  // Two models a side. A row is of one side only, and each size grows in proportion to rows: all of them on one side and
  // none on the other take as much as any other division.
  const kept = 2 * (model(rowCount) + model(0));
  return kept + TEMPORARY_BYTES_PER_ROW * rowCount + 64 * 8 * dims * dims + 2 ** 20;
}

/** The rows that a dataset can have at the most: a cap holds for each of the four splits. */
export function cappedRowCount(rowCount: number, maxRowsPerSplit: number): number {
  return maxRowsPerSplit > 0 ? Math.min(rowCount, 4 * maxRowsPerSplit) : rowCount;
}
