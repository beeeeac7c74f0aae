import type { DatasetSize } from '../dataset/dataset-size.ts';
import { Regressions } from '../numerics/regressions.ts';

/** A classifier's fit takes one column of float64, sorting a part's scores three, the interior-point method four. */
const TEMPORARY_BYTES_PER_ROW = 32;

/**
 * Bytes that one task works with beside the dataset: what a batch keeps of four models, which are fitted on the fit split
 * alone, and the larger of what a classifier's fit and a regressor's take while they run, with small square matrices.
 *
 * @param nDays days of one side's parts, see `splitDayCount`
 */
export function workSizeBytes(size: DatasetSize, nDays: number): number {
  const { fitRows, fitGroups, largestPart, nMarket, nState } = size;
  const nCoef = 1 + nMarket + nState;
  const model = (n: number, g: number): number =>
    Regressions.sizeBytes(n, g, nCoef) + Regressions.sizeBytes(g, g, 1 + nMarket);
  // Two models a side. A row is of one side only, and each size grows in proportion to rows: all of them on one side and
  // none on the other take as much as any other division.
  const kept = model(fitRows, fitGroups) + model(0, 0);
  const square = (nCoef + 8) * (nCoef + 8);
  return kept + TEMPORARY_BYTES_PER_ROW * largestPart + 16 * 8 * nDays + 64 * 8 * square + 2 ** 20;
}
