/** Sums and extremes over the `size` values that end at `end`, itself included. The caller sees to it that they exist. */

export function windowSum(values: Float64Array, end: number, size: number): number {
  let sum = 0;
  for (let i = end - size + 1; i <= end; i += 1) sum += values[i]!;
  return sum;
}

export function windowSumOfSquares(values: Float64Array, end: number, size: number): number {
  let sum = 0;
  for (let i = end - size + 1; i <= end; i += 1) sum += values[i]! * values[i]!;
  return sum;
}

export function windowMax(values: Float64Array, end: number, size: number): number {
  let max = -Infinity;
  for (let i = end - size + 1; i <= end; i += 1) if (values[i]! > max) max = values[i]!;
  return max;
}

export function windowMin(values: Float64Array, end: number, size: number): number {
  let min = Infinity;
  for (let i = end - size + 1; i <= end; i += 1) if (values[i]! < min) min = values[i]!;
  return min;
}

/**
 * How far the last value stands from its window's mean, in population standard deviations: (x − mean) / std. 0 where
 * the window does not vary: a standard deviation below 1e-9 of the values' size is rounding, not variation.
 */
export function windowZScore(values: Float64Array, end: number, size: number): number {
  const mean = windowSum(values, end, size) / size;
  let squares = 0;
  for (let i = end - size + 1; i <= end; i += 1) {
    const distance = values[i]! - mean;
    squares += distance * distance;
  }
  const std = Math.sqrt(squares / size);
  return std > 1e-9 * Math.abs(mean) ? (values[end]! - mean) / std : 0;
}

/** a / b, or `otherwise` where b is 0. */
export function ratio(a: number, b: number, otherwise: number): number {
  return b === 0 ? otherwise : a / b;
}
