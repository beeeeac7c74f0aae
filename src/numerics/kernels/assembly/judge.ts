import { addTransposedProduct, BLOCK_ROWS, multiplyBlock, widenRows } from './block';

/**
 * Certificate and fit-split losses of k fits in one pass over the fit rows (k a multiple of 4; unused columns carry
 * zeros). For each row i and fit c, with p = xᵢ·w_c, t = clip(yᵢ, ±clip_c) and r = t − p:
 *   gradient (dims × k) += xᵢ·clip(r·inverseScale_c, ±bound_c)
 *   sums (4 × k): [Σ r² over |r| ≤ threshold_c, Σ |r| over the rest, count of the rest, Σ |yᵢ − clip(p, ±clip_c)|]
 * Huber: bound ε, inverseScale 1/σ, threshold ε·σ. Least squares: bound and threshold ∞, inverseScale 1.
 * coef (dims × k), clip, inverseScale, bound, threshold (k): float64; y: float32 (nRows).
 * scratch: BLOCK_ROWS·(dims + k) float64.
 */
export function certifyRows(
  x: usize,
  stride: i32,
  nRows: i32,
  dims: i32,
  y: usize,
  coef: usize,
  k: i32,
  clip: usize,
  inverseScale: usize,
  bound: usize,
  threshold: usize,
  gradient: usize,
  sums: usize,
  scratch: usize,
): void {
  const step = (<usize>stride) << 2;
  const ldk = (<usize>k) << 3;
  const block = scratch;
  const product = scratch + ((<usize>(BLOCK_ROWS * dims)) << 3);
  const one = f64x2.splat(1);
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    widenRows(x + <usize>start * step, step, count, dims, block);
    multiplyBlock(block, coef, product, (count + 3) & ~3, dims, k, false);
    for (let c: i32 = 0; c < k; c += 2) {
      const at = (<usize>c) << 3;
      const hi = v128.load(clip + at),
        lo = f64x2.neg(hi);
      const inverse = v128.load(inverseScale + at);
      const cap = v128.load(bound + at),
        floor = f64x2.neg(cap);
      const limit = v128.load(threshold + at);
      let squares = v128.load(sums + at);
      let absolutes = v128.load(sums + ldk + at);
      let outside = v128.load(sums + 2 * ldk + at);
      let losses = v128.load(sums + 3 * ldk + at);
      let cell = product + at;
      for (let i: i32 = 0; i < count; i++) {
        const yi = f64x2.splat(<f64>load<f32>(y + ((<usize>(start + i)) << 2)));
        const p = v128.load(cell);
        const r = f64x2.sub(f64x2.pmin(f64x2.pmax(yi, lo), hi), p);
        const a = f64x2.abs(r);
        const inside = f64x2.le(a, limit);
        squares = f64x2.add(squares, v128.and(inside, f64x2.mul(r, r)));
        absolutes = f64x2.add(absolutes, v128.andnot(a, inside));
        outside = f64x2.add(outside, v128.andnot(one, inside));
        losses = f64x2.add(losses, f64x2.abs(f64x2.sub(yi, f64x2.pmin(f64x2.pmax(p, lo), hi))));
        v128.store(cell, f64x2.pmin(f64x2.pmax(f64x2.mul(r, inverse), floor), cap));
        cell += ldk;
      }
      v128.store(sums + at, squares);
      v128.store(sums + ldk + at, absolutes);
      v128.store(sums + 2 * ldk + at, outside);
      v128.store(sums + 3 * ldk + at, losses);
    }
    addTransposedProduct(block, dims, product, k, count, gradient, k, false);
  }
}

/**
 * Losses of k fits on an evaluation split, by day: losses[dayᵢ·k + c] += |yᵢ − clip(xᵢ·w_c, ±clip_c)|.
 * day: int32 (nRows), numbers of the split's days from 0; losses: float64 (nDays × k). scratch as in certifyRows.
 */
export function evaluateRows(
  x: usize,
  stride: i32,
  nRows: i32,
  dims: i32,
  y: usize,
  day: usize,
  coef: usize,
  k: i32,
  clip: usize,
  losses: usize,
  scratch: usize,
): void {
  const step = (<usize>stride) << 2;
  const ldk = (<usize>k) << 3;
  const block = scratch;
  const product = scratch + ((<usize>(BLOCK_ROWS * dims)) << 3);
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    widenRows(x + <usize>start * step, step, count, dims, block);
    multiplyBlock(block, coef, product, (count + 3) & ~3, dims, k, false);
    // Rows of one day mostly stand together, so that a sum stays in its register over a whole run of them.
    let first: i32 = 0;
    while (first < count) {
      const today = load<i32>(day + ((<usize>(start + first)) << 2));
      let end = first + 1;
      while (end < count && load<i32>(day + ((<usize>(start + end)) << 2)) == today) end++;
      const into = losses + <usize>today * ldk;
      for (let c: usize = 0; c < ldk; c += 16) {
        const hi = v128.load(clip + c),
          lo = f64x2.neg(hi);
        let sum = v128.load(into + c);
        let cell = product + <usize>first * ldk + c;
        for (let i = first; i < end; i++) {
          const yi = f64x2.splat(<f64>load<f32>(y + ((<usize>(start + i)) << 2)));
          const p = f64x2.pmin(f64x2.pmax(v128.load(cell), lo), hi);
          sum = f64x2.add(sum, f64x2.abs(f64x2.sub(yi, p)));
          cell += ldk;
        }
        v128.store(into + c, sum);
      }
      first = end;
    }
  }
}
