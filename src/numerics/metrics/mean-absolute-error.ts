/** (nCells) Σ weight·|yᵢ − constant| by cell. @param values, weights, cells (n) */
export function constantAbsoluteErrorSums(
  values: Float32Array,
  weights: Int32Array,
  cells: Int32Array,
  nCells: number,
  constant: number,
): Float64Array {
  const sums = new Float64Array(nCells);
  for (let i = 0; i < values.length; i += 1) sums[cells[i]!]! += weights[i]! * Math.abs(values[i]! - constant);
  return sums;
}
