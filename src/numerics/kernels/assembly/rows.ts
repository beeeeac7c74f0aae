import { BLOCK_ROWS, multiplyBlock, widenRows } from './block';

/**
 * One row's dot product: Σⱼ xⱼ·coefⱼ over dims (a multiple of 4) columns, products and sums in float64, in column order
 * over two lanes pairs. Every kernel that takes one model's predictions shares it, so a row
 * has one value however it was asked for.
 */
// @ts-ignore: decorator
@inline
export function rowDot(row: usize, coef: usize, dims: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  for (let j: i32 = 0; j < dims; j += 4) {
    const four = v128.load(row + (<usize>j << 2));
    const w = coef + (<usize>j << 3);
    s0 = f64x2.add(s0, f64x2.mul(f64x2.promote_low_f32x4(four), v128.load(w)));
    s1 = f64x2.add(s1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)), v128.load(w, 16)));
  }
  return sumOf(s0, s1);
}

/**
 * Four rows' dot products at a time, each summed as `rowDot` sums it, to out[0..3] (float64): a row's sum waits for itself
 * at each step, and where rows lie anywhere, four waits for memory overlap.
 */
// @ts-ignore: decorator
@inline
export function fourRowDots(r0: usize, r1: usize, r2: usize, r3: usize, coef: usize, dims: i32, out: usize): void {
  const length = <usize>dims << 2;
  let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
  let c0 = f64x2.splat(0), c1 = f64x2.splat(0), d0 = f64x2.splat(0), d1 = f64x2.splat(0);
  for (let j: usize = 0; j < length; j += 16) {
    const w0 = v128.load(coef + (j << 1)), w1 = v128.load(coef + (j << 1), 16);
    const x0 = v128.load(r0 + j), x1 = v128.load(r1 + j), x2 = v128.load(r2 + j), x3 = v128.load(r3 + j);
    a0 = f64x2.add(a0, f64x2.mul(f64x2.promote_low_f32x4(x0), w0));
    a1 = f64x2.add(a1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x0, x0, 2, 3, 2, 3)), w1));
    b0 = f64x2.add(b0, f64x2.mul(f64x2.promote_low_f32x4(x1), w0));
    b1 = f64x2.add(b1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x1, x1, 2, 3, 2, 3)), w1));
    c0 = f64x2.add(c0, f64x2.mul(f64x2.promote_low_f32x4(x2), w0));
    c1 = f64x2.add(c1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x2, x2, 2, 3, 2, 3)), w1));
    d0 = f64x2.add(d0, f64x2.mul(f64x2.promote_low_f32x4(x3), w0));
    d1 = f64x2.add(d1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x3, x3, 2, 3, 2, 3)), w1));
  }
  store<f64>(out, sumOf(a0, a1));
  store<f64>(out, sumOf(b0, b1), 8);
  store<f64>(out, sumOf(c0, c1), 16);
  store<f64>(out, sumOf(d0, d1), 24);
}

/** out[i] = xᵢ·coef for i in 0..nRows-1. x: float32 rows of `stride` values; coef (dims), out (nRows): float64. */
export function rowDots(x: usize, stride: i32, nRows: i32, dims: i32, coef: usize, out: usize): void {
  const step = <usize>stride << 2;
  const whole = nRows & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const row = x + <usize>i * step;
    fourRowDots(row, row + step, row + 2 * step, row + 3 * step, coef, dims, out + (<usize>i << 3));
  }
  for (let i = whole; i < nRows; i++) store<f64>(out + (<usize>i << 3), rowDot(x + <usize>i * step, coef, dims));
}

/** out[i] = x[index[i]]·coef for a list of row numbers (int32). */
export function rowDotsAt(x: usize, stride: i32, index: usize, count: i32, dims: i32, coef: usize, out: usize): void {
  const step = <usize>stride << 2;
  const whole = count & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const at = index + (<usize>i << 2);
    const r0 = x + <usize>load<i32>(at) * step;
    const r1 = x + <usize>load<i32>(at, 4) * step;
    const r2 = x + <usize>load<i32>(at, 8) * step;
    const r3 = x + <usize>load<i32>(at, 12) * step;
    fourRowDots(r0, r1, r2, r3, coef, dims, out + (<usize>i << 3));
  }
  for (let i = whole; i < count; i++) {
    const row = <usize>load<i32>(index + (<usize>i << 2));
    store<f64>(out + (<usize>i << 3), rowDot(x + row * step, coef, dims));
  }
}

// @ts-ignore: decorator
@inline
function sumOf(s0: v128, s1: v128): f64 {
  const s = f64x2.add(s0, s1);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/**
 * out[i] = ‖Linv·xᵢ‖ (float32), the norm of a row in the metric of (L·Lᵀ)⁻¹. linvT (dims × dims): Linv transposed,
 * row-major, upper triangular. scratch: BLOCK_ROWS·2·dims float64.
 */
export function leverages(
  x: usize, stride: i32, nRows: i32, dims: i32, linvT: usize, out: usize, scratch: usize,
): void {
  const step = <usize>stride << 2;
  const block = scratch;
  const product = scratch + (<usize>(BLOCK_ROWS * dims) << 3);
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    widenRows(x + <usize>start * step, step, count, dims, block);
    multiplyBlock(block, linvT, product, (count + 3) & ~3, dims, dims, true);
    for (let i: i32 = 0; i < count; i++) {
      let sum: f64 = 0;
      const p = product + (<usize>(i * dims) << 3);
      for (let j: i32 = 0; j < dims; j++) {
        const v = load<f64>(p + (<usize>j << 3));
        sum += v * v;
      }
      store<f32>(out + (<usize>(start + i) << 2), <f32>Math.sqrt(sum));
    }
  }
}
