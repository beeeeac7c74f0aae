import { BLOCK_ROWS } from './block';
import { rowDots } from './rows';

// Predictions of a few models, float32, model after model, `length` values apart.

/** Rows that are taken at a time: four SIMD registers of float32. */
export const SPAN_ROWS: i32 = 16;

/** out[i] = xᵢ·coef as float32. coef (dims): float64; scratch: BLOCK_ROWS float64. */
export function storePredictions(
  x: usize, stride: i32, nRows: i32, dims: i32, coef: usize, out: usize, scratch: usize,
): void {
  const step = <usize>stride << 2;
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    rowDots(x + <usize>start * step, stride, count, dims, coef, scratch);
    for (let i: i32 = 0; i < count; i++) {
      store<f32>(out + (<usize>(start + i) << 2), <f32>load<f64>(scratch + (<usize>i << 3)));
    }
  }
}

/**
 * out[i] = anchor[i] + Σₖ cₖ·p[numberₖ][i] over `count` models, for rows first..end-1, both multiples of SPAN_ROWS.
 * c, anchor, out: float32; numbers: int32. An anchor of 0 is none.
 */
export function combinePredictions(
  p: usize, length: i32, first: i32, end: i32, count: i32, c: usize, numbers: usize, anchor: usize, out: usize,
): void {
  const models = <usize>count << 2;
  for (let i = first; i < end; i += SPAN_ROWS) {
    const at = <usize>i << 2;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    if (anchor) {
      s0 = v128.load(anchor + at);
      s1 = v128.load(anchor + at, 16);
      s2 = v128.load(anchor + at, 32);
      s3 = v128.load(anchor + at, 48);
    }
    for (let k: usize = 0; k < models; k += 4) {
      const w = v128.load32_splat(c + k);
      const cell = p + (<usize>(load<i32>(numbers + k) * length + i) << 2);
      s0 = f32x4.add(s0, f32x4.mul(w, v128.load(cell)));
      s1 = f32x4.add(s1, f32x4.mul(w, v128.load(cell, 16)));
      s2 = f32x4.add(s2, f32x4.mul(w, v128.load(cell, 32)));
      s3 = f32x4.add(s3, f32x4.mul(w, v128.load(cell, 48)));
    }
    v128.store(out + at, s0);
    v128.store(out + at, s1, 16);
    v128.store(out + at, s2, 32);
    v128.store(out + at, s3, 48);
  }
}
