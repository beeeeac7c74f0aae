import { addTransposedProduct, BLOCK_ROWS, widenRow, widenRows } from './block';

/**
 * G += Σᵢ weightᵢ·xᵢ·xᵢᵀ over nRows consecutive rows; only tiles on and below the diagonal are written.
 * weights: float64 (nRows), or 0 for all ones. G (dims × dims, row-major) float64.
 * scratch: 2·BLOCK_ROWS·dims float64.
 */
export function gramAll(
  x: usize, stride: i32, nRows: i32, dims: i32, weights: usize, g: usize, scratch: usize,
): void {
  const step = <usize>stride << 2;
  const block = scratch;
  const weighted = weights ? scratch + (<usize>(BLOCK_ROWS * dims) << 3) : block;
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    widenRows(x + <usize>start * step, step, count, dims, block);
    if (weights) {
      for (let i: i32 = 0; i < count; i++) {
        scaleRow(block, weighted, i, dims, load<f64>(weights + (<usize>(start + i) << 3)));
      }
    }
    addTransposedProduct(block, dims, weighted, dims, count, g, dims, true);
  }
}

/**
 * The update that lets a sweep reuse a Gram matrix: for a list of rows of [X, y], with y clipped to ±clip, less
 * shift, standing in column `yColumn`,
 *   G += Σ weightᵢ·aᵢ·aᵢᵀ (lower tiles),   u += Σ signᵢ·aᵢ,   aᵢ = [xᵢ, yᵢ].
 * index: int32 (count); weights, signs: float64 (count); G (dims × dims), u (dims): float64; dims > yColumn, multiple
 * of 4; columns behind yColumn are zero. scratch: 2·BLOCK_ROWS·dims float64.
 */
export function gramRows(
  x: usize, stride: i32, dims: i32, yColumn: i32, y: usize, clip: f64, shift: f64,
  index: usize, count: i32, weights: usize, signs: usize, g: usize, u: usize, scratch: usize,
): void {
  const step = <usize>stride << 2;
  const block = scratch;
  const weighted = scratch + (<usize>(BLOCK_ROWS * dims) << 3);
  // Whole groups of 4 columns that hold x values; the last group may carry a few columns of another feature set.
  const whole = (yColumn + 3) & ~3;
  for (let start: i32 = 0; start < count; start += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, count - start);
    for (let i: i32 = 0; i < rows; i++) {
      const at = start + i;
      const row = <usize>load<i32>(index + (<usize>at << 2));
      const target = block + (<usize>(i * dims) << 3);
      widenRow(x + row * step, min(whole, dims), target);
      for (let j = yColumn; j < dims; j++) store<f64>(target + (<usize>j << 3), 0);
      const target_y = <f64>load<f32>(y + (row << 2));
      store<f64>(target + (<usize>yColumn << 3), min(max(target_y, -clip), clip) - shift);
      scaleRow(block, weighted, i, dims, load<f64>(weights + (<usize>at << 3)));
      addScaledRow(target, u, dims, load<f64>(signs + (<usize>at << 3)));
    }
    addTransposedProduct(block, dims, weighted, dims, rows, g, dims, true);
  }
}

/** out[j] += Σᵢ vᵢ·xᵢⱼ: Xᵀv without widening a block, four rows at a time. v (nRows), out (dims): float64. */
export function transposedVector(x: usize, stride: i32, nRows: i32, dims: i32, v: usize, out: usize): void {
  const step = <usize>stride << 2;
  const whole = nRows & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const row = x + <usize>i * step;
    const at = v + (<usize>i << 3);
    const v0 = v128.load64_splat(at), v1 = v128.load64_splat(at, 8);
    const v2 = v128.load64_splat(at, 16), v3 = v128.load64_splat(at, 24);
    for (let j: usize = 0; j < <usize>dims; j += 2) {
      const cell = row + (j << 2);
      const to = out + (j << 3);
      let s = v128.load(to);
      s = f64x2.add(s, f64x2.mul(v0, f64x2.promote_low_f32x4(v128.load64_zero(cell))));
      s = f64x2.add(s, f64x2.mul(v1, f64x2.promote_low_f32x4(v128.load64_zero(cell + step))));
      s = f64x2.add(s, f64x2.mul(v2, f64x2.promote_low_f32x4(v128.load64_zero(cell + 2 * step))));
      s = f64x2.add(s, f64x2.mul(v3, f64x2.promote_low_f32x4(v128.load64_zero(cell + 3 * step))));
      v128.store(to, s);
    }
  }
  for (let i = whole; i < nRows; i++) {
    const vi = load<f64>(v + (<usize>i << 3));
    for (let j: i32 = 0; j < dims; j++) {
      const to = out + (<usize>j << 3);
      store<f64>(to, load<f64>(to) + vi * <f64>load<f32>(x + <usize>i * step + (<usize>j << 2)));
    }
  }
}

/** out (dims × k) += Σᵢ xᵢ·vᵢᵀ, v (nRows × k) float64 row-major, k a multiple of 4. scratch: BLOCK_ROWS·dims float64. */
export function transposedProduct(
  x: usize, stride: i32, nRows: i32, dims: i32, v: usize, k: i32, out: usize, scratch: usize,
): void {
  const step = <usize>stride << 2;
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    widenRows(x + <usize>start * step, step, count, dims, scratch);
    addTransposedProduct(scratch, dims, v + (<usize>(start * k) << 3), k, count, out, k, false);
  }
}

// @ts-ignore: decorator
@inline
function scaleRow(block: usize, weighted: usize, i: i32, dims: i32, weight: f64): void {
  const offset = <usize>(i * dims) << 3;
  const w = f64x2.splat(weight);
  for (let j: i32 = 0; j < dims; j += 2) {
    const at = offset + (<usize>j << 3);
    v128.store(weighted + at, f64x2.mul(v128.load(block + at), w));
  }
}

// @ts-ignore: decorator
@inline
function addScaledRow(row: usize, u: usize, dims: i32, sign: f64): void {
  if (sign == 0) return;
  const s = f64x2.splat(sign);
  for (let j: i32 = 0; j < dims; j += 2) {
    const at = <usize>j << 3;
    v128.store(u + at, f64x2.add(v128.load(u + at), f64x2.mul(v128.load(row + at), s)));
  }
}
