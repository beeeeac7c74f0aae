/** Rows that are summed column by column before the next ones: so many stay in the L1 cache meanwhile. */
const ROWS: i32 = 64;

/**
 * sums[j] += Σᵢ weightᵢ·xᵢⱼ in float64 over nRows float32 rows, in their order; dims a multiple of 4. first: int32
 * (nRows + 1), a row counting first[i + 1] − first[i] times; or 0, each row counting once.
 */
export function columnSums(x: usize, stride: i32, nRows: i32, dims: i32, first: usize, sums: usize): void {
  const step = (<usize>stride) << 2;
  for (let start: i32 = 0; start < nRows; start += ROWS) {
    const end = min(start + ROWS, nRows);
    for (let j: i32 = 0; j < dims; j += 4) {
      const at = (<usize>j) << 3;
      let s0 = v128.load(sums + at), s1 = v128.load(sums + at, 16);
      let row = x + <usize>start * step + ((<usize>j) << 2);
      for (let i = start; i < end; i++) {
        const four = v128.load(row);
        const w = weightOf(first, i);
        s0 = f64x2.add(s0, f64x2.mul(w, f64x2.promote_low_f32x4(four)));
        s1 = f64x2.add(s1, f64x2.mul(w, f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3))));
        row += step;
      }
      v128.store(sums + at, s0);
      v128.store(sums + at, s1, 16);
    }
  }
}

/**
 * squares[j] += Σᵢ weightᵢ·(xᵢⱼ − meanⱼ)² and rest[j] += Σᵢ weightᵢ·(xᵢⱼ − meanⱼ), whose square over n corrects the mean's
 * rounding; weights as in `columnSums`.
 */
export function columnCentredSquares(
  x: usize, stride: i32, nRows: i32, dims: i32, first: usize, mean: usize, squares: usize, rest: usize,
): void {
  const step = (<usize>stride) << 2;
  for (let start: i32 = 0; start < nRows; start += ROWS) {
    const end = min(start + ROWS, nRows);
    for (let j: i32 = 0; j < dims; j += 4) {
      const at = (<usize>j) << 3;
      const m0 = v128.load(mean + at), m1 = v128.load(mean + at, 16);
      let q0 = v128.load(squares + at), q1 = v128.load(squares + at, 16);
      let r0 = v128.load(rest + at), r1 = v128.load(rest + at, 16);
      let row = x + <usize>start * step + ((<usize>j) << 2);
      for (let i = start; i < end; i++) {
        const four = v128.load(row);
        const d0 = f64x2.sub(f64x2.promote_low_f32x4(four), m0);
        const d1 = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)), m1);
        const w = weightOf(first, i);
        q0 = f64x2.add(q0, f64x2.mul(w, f64x2.mul(d0, d0)));
        q1 = f64x2.add(q1, f64x2.mul(w, f64x2.mul(d1, d1)));
        r0 = f64x2.add(r0, f64x2.mul(w, d0));
        r1 = f64x2.add(r1, f64x2.mul(w, d1));
        row += step;
      }
      v128.store(squares + at, q0);
      v128.store(squares + at, q1, 16);
      v128.store(rest + at, r0);
      v128.store(rest + at, r1, 16);
    }
  }
}

/**
 * In place: x ← float32(float32(x − mean) / scale), each step computed in float64 and rounded to float32, as
 * scikit-learn's StandardScaler does on a float32 matrix.
 */
export function standardizeRows(x: usize, stride: i32, nRows: i32, dims: i32, mean: usize, scale: usize): void {
  const step = (<usize>stride) << 2;
  for (let i: i32 = 0; i < nRows; i++) {
    const row = x + <usize>i * step;
    for (let j: i32 = 0; j < dims; j += 4) {
      const at = (<usize>j) << 3;
      const four = v128.load(row + ((<usize>j) << 2));
      const c0 = f32x4.demote_f64x2_zero(f64x2.sub(f64x2.promote_low_f32x4(four), v128.load(mean + at)));
      const c1 = f32x4.demote_f64x2_zero(
        f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i32>(four, four, 2, 3, 2, 3)), v128.load(mean + at, 16)),
      );
      const z0 = f32x4.demote_f64x2_zero(f64x2.div(f64x2.promote_low_f32x4(c0), v128.load(scale + at)));
      const z1 = f32x4.demote_f64x2_zero(f64x2.div(f64x2.promote_low_f32x4(c1), v128.load(scale + at, 16)));
      v128.store(row + ((<usize>j) << 2), v128.shuffle<i32>(z0, z1, 0, 1, 4, 5));
    }
  }
}

// @ts-ignore: decorator
@inline
function weightOf(first: usize, i: i32): v128 {
  if (first == 0) return f64x2.splat(1);
  const at = first + (<usize>i << 2);
  return f64x2.splat(<f64>(load<i32>(at, 4) - load<i32>(at)));
}
