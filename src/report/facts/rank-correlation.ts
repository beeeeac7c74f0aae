/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values having the mean of their ranks. NaN pairs are left out.
 *
 *   ρ = Σ(rᵢ − r̄)(sᵢ − s̄) / √(Σ(rᵢ − r̄)²·Σ(sᵢ − s̄)²)
 *
 * @param x (n)
 * @param y (n)
 * @param numbers the pairs to take; all of them when left out
 * @returns null for fewer than three pairs, or where one of both does not vary
 * Source: Spearman 1904, The proof and measurement of association between two things.
 */
export function rankCorrelation(
  x: Float64Array,
  y: Float64Array,
  numbers: ArrayLike<number> = Uint32Array.from(x, (_, i) => i),
): number | null {
  const kept = Array.from(numbers).filter((i) => !Number.isNaN(x[i]!) && !Number.isNaN(y[i]!));
  const n = kept.length;
  if (n < 3) return null;
  const r = midRanks(Float64Array.from(kept, (i) => x[i]!));
  const s = midRanks(Float64Array.from(kept, (i) => y[i]!));
  const mean = (n + 1) / 2;
  let both = 0;
  let ofX = 0;
  let ofY = 0;
  for (let i = 0; i < n; i += 1) {
    both += (r[i]! - mean) * (s[i]! - mean);
    ofX += (r[i]! - mean) * (r[i]! - mean);
    ofY += (s[i]! - mean) * (s[i]! - mean);
  }
  return ofX === 0 || ofY === 0 ? null : both / Math.sqrt(ofX * ofY);
}

/** From 1; equal values share the mean of theirs. */
function midRanks(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let at = from; at < to; at += 1) ranks[order[at]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
