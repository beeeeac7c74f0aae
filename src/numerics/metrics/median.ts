/**
 * The median: the middle value, or the mean of the two middle values.
 *
 * @param values (n ≥ 1) finite
 */
export function median(values: Float32Array | Float64Array): number {
  if (values.length === 0) throw new RangeError('median: no values');
  const copy = Float64Array.from(values);
  const half = copy.length >> 1;
  const upper = selectInPlace(copy, half);
  if (copy.length % 2 === 1) return upper;
  // What stands before the selected value is not above it.
  let lower = -Infinity;
  for (let i = 0; i < half; i += 1) lower = Math.max(lower, copy[i]!);
  return (lower + upper) / 2;
}

/**
 * The value that would stand at place k if the values were sorted; they are left partitioned around it.
 * Source: Hoare, Algorithm 65: FIND, CACM 4(7), 1961.
 */
function selectInPlace(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[k]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      const swapped = values[i]!;
      values[i] = values[j]!;
      values[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (j < k) left = i;
    if (k < i) right = j;
  }
  return values[k]!;
}

/** Σ|yᵢ − constant| / n. */
export function constantMeanAbsoluteError(values: Float32Array, constant: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += Math.abs(values[i]! - constant);
  return sum / values.length;
}
