import type { Workspace } from '../workspace.ts';
import { sortedOrder } from './sorted-order.ts';

/**
 * The median: the middle value, or the mean of the two middle values.
 *
 * @param values (n ≥ 1) finite
 */
export function median(values: Float32Array | Float64Array): number {
  if (values.length === 0) throw new RangeError('median: no values');
  return medianInPlace(Float64Array.from(values));
}

/**
 * The median of values that each stand as often as their weight says.
 *
 * @param values (n ≥ 1) finite
 * @param weights (n) whole numbers above 0
 */
export function weightedMedian(workspace: Workspace, values: Float32Array, weights: Int32Array): number {
  const count = weights.reduce((sum, weight) => sum + weight, 0);
  if (count === 0) throw new RangeError('median: no values');
  const order = sortedOrder(workspace, values);
  // The value at a place of the sorted list, found while walking along it.
  let at = 0;
  let before = 0;
  const valueAt = (place: number): number => {
    while (before + weights[order[at]!]! <= place) before += weights[order[at++]!]!;
    return values[order[at]!]!;
  };
  const lower = valueAt((count - 1) >> 1);
  return count % 2 === 1 ? lower : (lower + valueAt(count >> 1)) / 2;
}

/** `median`, which leaves the values in another order: selecting takes a fifth of the time of sorting. */
export function medianInPlace(values: Float64Array): number {
  const half = values.length >> 1;
  const upper = selectInPlace(values, half);
  if (values.length % 2 === 1) return upper;
  // Everything before `half` is not above it: the largest of that is the lower of the two middle values.
  let lower = -Infinity;
  for (let i = 0; i < half; i += 1) lower = Math.max(lower, values[i]!);
  return (lower + upper) / 2;
}

/**
 * The value that would stand at `k` were the values sorted; what stands before it is not above it then.
 * Source: C. A. R. Hoare, Algorithm 65: Find, Communications of the ACM 4 (1961).
 */
function selectInPlace(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
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
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}
