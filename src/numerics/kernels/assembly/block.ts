// Blocks: every kernel that multiplies matrices first widens BLOCK_ROWS rows of float32 into a float64 scratch block
// that stays in the L1 cache, so that each value is widened once however many products it enters.

/** Rows of a block. 32 rows of 80 columns in float64 are 20 KiB, which leaves room in a 32 KiB L1 cache. */
export const BLOCK_ROWS: i32 = 32;

/** Widens `count` (≤ BLOCK_ROWS) consecutive rows; rows up to the next multiple of 4 are filled with zeros. */
// @ts-ignore: decorator
@inline
export function widenRows(x: usize, strideBytes: usize, count: i32, dims: i32, block: usize): void {
  for (let i: i32 = 0; i < count; i++) {
    widenRow(x + <usize>i * strideBytes, dims, block + (<usize>(i * dims) << 3));
  }
  zeroTail(block, count, dims);
}

/** One row of `dims` (a multiple of 4) float32 values as float64. */
// @ts-ignore: decorator
@inline
export function widenRow(source: usize, dims: i32, target: usize): void {
  for (let j: i32 = 0; j < dims; j += 4) {
    const four = v128.load(source + (<usize>j << 2));
    v128.store(target + (<usize>j << 3), f64x2.promote_low_f32x4(four));
    v128.store(target + (<usize>j << 3) + 16, f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)));
  }
}

// @ts-ignore: decorator
@inline
function zeroTail(block: usize, count: i32, dims: i32): void {
  const padded = (count + 3) & ~3;
  if (padded > count) memory.fill(block + (<usize>(count * dims) << 3), 0, <usize>((padded - count) * dims) << 3);
}

/**
 * P = A·W for one block. A (rows × dims) and P (rows × k) row-major, W (dims × k) row-major; rows and k multiples of 4.
 * Each entry is summed over the columns in their order by one accumulator, so it does not depend on k or on its
 * neighbours: a configuration's numbers are the same alone and in company.
 */
export function multiplyBlock(a: usize, w: usize, p: usize, rows: i32, dims: i32, k: i32): void {
  const lda = <usize>dims << 3;
  const ldk = <usize>k << 3;
  for (let i: i32 = 0; i < rows; i += 4) {
    const a0 = a + <usize>i * lda;
    for (let c: i32 = 0; c < k; c += 4) {
      let s00 = f64x2.splat(0), s01 = f64x2.splat(0), s10 = f64x2.splat(0), s11 = f64x2.splat(0);
      let s20 = f64x2.splat(0), s21 = f64x2.splat(0), s30 = f64x2.splat(0), s31 = f64x2.splat(0);
      let pa = a0;
      let pw = w + (<usize>c << 3);
      const end = a0 + lda;
      while (pa < end) {
        const w0 = v128.load(pw);
        const w1 = v128.load(pw, 16);
        const x0 = v128.load64_splat(pa);
        const x1 = v128.load64_splat(pa + lda);
        const x2 = v128.load64_splat(pa + 2 * lda);
        const x3 = v128.load64_splat(pa + 3 * lda);
        s00 = f64x2.add(s00, f64x2.mul(x0, w0)); s01 = f64x2.add(s01, f64x2.mul(x0, w1));
        s10 = f64x2.add(s10, f64x2.mul(x1, w0)); s11 = f64x2.add(s11, f64x2.mul(x1, w1));
        s20 = f64x2.add(s20, f64x2.mul(x2, w0)); s21 = f64x2.add(s21, f64x2.mul(x2, w1));
        s30 = f64x2.add(s30, f64x2.mul(x3, w0)); s31 = f64x2.add(s31, f64x2.mul(x3, w1));
        pa += 8;
        pw += ldk;
      }
      let out = p + <usize>i * ldk + (<usize>c << 3);
      v128.store(out, s00); v128.store(out, s01, 16); out += ldk;
      v128.store(out, s10); v128.store(out, s11, 16); out += ldk;
      v128.store(out, s20); v128.store(out, s21, 16); out += ldk;
      v128.store(out, s30); v128.store(out, s31, 16);
    }
  }
}

/**
 * C += Aᵀ·B for one block: A (rows × m), B (rows × k), C (m × k, row stride ldc), all row-major, m and k multiples of 4.
 * With `lower`, only tiles on and below the diagonal (A and B being the same columns).
 */
export function addTransposedProduct(
  a: usize, m: i32, b: usize, k: i32, rows: i32, c: usize, ldc: i32, lower: bool,
): void {
  const lda = <usize>m << 3;
  const ldb = <usize>k << 3;
  const stride = <usize>ldc << 3;
  for (let i: i32 = 0; i < m; i += 4) {
    const last = lower ? i + 4 : k;
    for (let j: i32 = 0; j < last; j += 4) {
      const c0 = c + <usize>i * stride + (<usize>j << 3);
      const c1 = c0 + stride, c2 = c1 + stride, c3 = c2 + stride;
      let s00 = v128.load(c0), s01 = v128.load(c0, 16), s10 = v128.load(c1), s11 = v128.load(c1, 16);
      let s20 = v128.load(c2), s21 = v128.load(c2, 16), s30 = v128.load(c3), s31 = v128.load(c3, 16);
      let pa = a + (<usize>i << 3);
      let pb = b + (<usize>j << 3);
      for (let r: i32 = 0; r < rows; r++) {
        const b0 = v128.load(pb);
        const b1 = v128.load(pb, 16);
        const x0 = v128.load64_splat(pa);
        const x1 = v128.load64_splat(pa, 8);
        const x2 = v128.load64_splat(pa, 16);
        const x3 = v128.load64_splat(pa, 24);
        s00 = f64x2.add(s00, f64x2.mul(x0, b0)); s01 = f64x2.add(s01, f64x2.mul(x0, b1));
        s10 = f64x2.add(s10, f64x2.mul(x1, b0)); s11 = f64x2.add(s11, f64x2.mul(x1, b1));
        s20 = f64x2.add(s20, f64x2.mul(x2, b0)); s21 = f64x2.add(s21, f64x2.mul(x2, b1));
        s30 = f64x2.add(s30, f64x2.mul(x3, b0)); s31 = f64x2.add(s31, f64x2.mul(x3, b1));
        pa += lda;
        pb += ldb;
      }
      v128.store(c0, s00); v128.store(c0, s01, 16); v128.store(c1, s10); v128.store(c1, s11, 16);
      v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c3, s30); v128.store(c3, s31, 16);
    }
  }
}
