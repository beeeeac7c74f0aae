/**
 * The median: the middle value, or the mean of the two middle values. Sorts a copy.
 *
 * @param values (n ≥ 1) finite
 */
export function median(values: Float32Array | Float64Array): number {
  if (values.length === 0) throw new RangeError('median: no values');
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Σ|yᵢ − constant| / n. */
export function constantMeanAbsoluteError(values: Float32Array, constant: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.abs(values[i]! - constant);
  return sum / values.length;
}
