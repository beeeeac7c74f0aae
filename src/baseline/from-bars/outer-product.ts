/**
 * Adds weight · row · rowᵀ to the lower triangle of `into`.
 *
 * @param into (nColumns × nColumns), row-major
 * @param x the row is x[at] … x[at + nColumns − 1]
 */
export function addOuterProduct(
  into: Float64Array,
  x: Float64Array,
  at: number,
  nColumns: number,
  weight: number,
): void {
  for (let j = 0; j < nColumns; j += 1) {
    const scaled = weight * x[at + j]!;
    const row = j * nColumns;
    for (let k = 0; k <= j; k += 1) into[row + k]! += scaled * x[at + k]!;
  }
}
