import { modelColumns } from '../numerics/design-matrix.ts';

/**
 * Bytes that one task works with beside the dataset: the larger of what a classifier's fit takes (four columns of
 * float64) and what a batch takes (four fitters with four partitions of 5 bytes a row each, and a move's lists of 28
 * bytes a row), with small square matrices beside them.
 */
export function workSizeBytes(rowCount: number, nFeatures: number): number {
  const { dims } = modelColumns(nFeatures + 4);
  return rowCount * (4 * 4 * 5 + 48) + 64 * 8 * dims * dims + 2 ** 20;
}

/** The rows that a dataset can have at the most: a cap holds for each of the four splits. */
export function cappedRowCount(rowCount: number, maxRowsPerSplit: number): number {
  return maxRowsPerSplit > 0 ? Math.min(rowCount, 4 * maxRowsPerSplit) : rowCount;
}
