import type { DatasetSize } from '../dataset/dataset.ts';
import { Regressions } from '../numerics/regressions.ts';

/** A classifier's fit takes one column of float64, the interior-point method four. */
const TEMPORARY_BYTES_PER_ROW = 32;

/**
 * Bytes that one task works with beside the dataset: what a batch keeps of four models, and the larger of what a
 * classifier's fit and a regressor's take while they run, with small square matrices.
 *
 * @param size an upper bound of both sides' rows together
 * @param nDays days of one side's parts, see `splitDayCount`
 */
export function workSizeBytes({ rows, groups, nMarket, nState }: DatasetSize, nDays: number): number {
  const nCoef = 1 + nMarket + nState;
  const model = (n: number, g: number): number =>
    Regressions.sizeBytes(n, g, nCoef) + Regressions.sizeBytes(g, g, 1 + nMarket);
  // Two models a side. A row is of one side only, and each size grows in proportion to rows: all of them on one side and
  // none on the other take as much as any other division.
  const kept = model(rows, groups) + model(0, 0);
  const square = (nCoef + 8) * (nCoef + 8);
  return kept + TEMPORARY_BYTES_PER_ROW * rows + 16 * 8 * nDays + 64 * 8 * square + 2 ** 20;
}

/** The rows that a dataset can have at the most: a cap holds for each of the four splits. */
export function cappedRowCount(rowCount: number, maxRowsPerSplit: number): number {
  return maxRowsPerSplit > 0 ? Math.min(rowCount, 4 * maxRowsPerSplit) : rowCount;
}
