/** Σ|yᵢ − constant| / n. */
export function constantMeanAbsoluteError(values: Float32Array, constant: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.abs(values[i]! - constant);
  return sum / values.length;
}
