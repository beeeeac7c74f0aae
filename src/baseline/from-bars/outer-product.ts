/** Rows added in one pass over the matrix: each of its entries is read and written once for four. */
const ABREAST = 4;

/**
 * Adds Σ weightᵢ · rowᵢ · rowᵢᵀ to the lower triangle of `into`, row after row: the order of additions, and so the last
 * bit, is that of one row at a time.
 *
 * @param into (nColumns × nColumns), row-major
 * @param x (nRows × nColumns), row-major
 * @param weights (nRows)
 */
export function addOuterProducts(into: Float64Array, x: Float64Array, nColumns: number, weights: Float64Array): void {
  let i = 0;
  for (; i + ABREAST <= weights.length; i += ABREAST) {
    const first = i * nColumns;
    const second = first + nColumns;
    const third = second + nColumns;
    const fourth = third + nColumns;
    for (let j = 0; j < nColumns; j += 1) {
      const a = weights[i]! * x[first + j]!;
      const b = weights[i + 1]! * x[second + j]!;
      const c = weights[i + 2]! * x[third + j]!;
      const d = weights[i + 3]! * x[fourth + j]!;
      const row = j * nColumns;
      for (let k = 0; k <= j; k += 1) {
        let sum = into[row + k]!;
        sum += a * x[first + k]!;
        sum += b * x[second + k]!;
        sum += c * x[third + k]!;
        sum += d * x[fourth + k]!;
        into[row + k] = sum;
      }
    }
  }
  for (; i < weights.length; i += 1) {
    const at = i * nColumns;
    for (let j = 0; j < nColumns; j += 1) {
      const scaled = weights[i]! * x[at + j]!;
      const row = j * nColumns;
      for (let k = 0; k <= j; k += 1) into[row + k]! += scaled * x[at + k]!;
    }
  }
}
