/**
 * One row's dot product: Σⱼ xⱼ·coefⱼ over dims (a multiple of 4) columns, products and sums in float64, in column order
 * over two lanes pairs. Every kernel that takes one model's predictions shares it, so
 * that a row has one value however it was asked for.
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
 * out[i] = xᵢ·coef for n consecutive rows of dims float32, each summed as `rowDot` sums it; four at a time, since a row's
 * sum waits for itself at each step.
 */
export function rowDots(x: usize, n: i32, dims: i32, coef: usize, out: usize): void {
  const step = <usize>dims << 2;
  const whole = n & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const row = x + <usize>i * step;
    let a0 = f64x2.splat(0), a1 = f64x2.splat(0), b0 = f64x2.splat(0), b1 = f64x2.splat(0);
    let c0 = f64x2.splat(0), c1 = f64x2.splat(0), d0 = f64x2.splat(0), d1 = f64x2.splat(0);
    for (let j: usize = 0; j < step; j += 16) {
      const w0 = v128.load(coef + (j << 1)), w1 = v128.load(coef + (j << 1), 16);
      const at = row + j;
      const x0 = v128.load(at), x1 = v128.load(at + step), x2 = v128.load(at + 2 * step), x3 = v128.load(at + 3 * step);
      a0 = f64x2.add(a0, f64x2.mul(f64x2.promote_low_f32x4(x0), w0));
      a1 = f64x2.add(a1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x0, x0, 2, 3, 2, 3)), w1));
      b0 = f64x2.add(b0, f64x2.mul(f64x2.promote_low_f32x4(x1), w0));
      b1 = f64x2.add(b1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x1, x1, 2, 3, 2, 3)), w1));
      c0 = f64x2.add(c0, f64x2.mul(f64x2.promote_low_f32x4(x2), w0));
      c1 = f64x2.add(c1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x2, x2, 2, 3, 2, 3)), w1));
      d0 = f64x2.add(d0, f64x2.mul(f64x2.promote_low_f32x4(x3), w0));
      d1 = f64x2.add(d1, f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(x3, x3, 2, 3, 2, 3)), w1));
    }
    const to = out + (<usize>i << 3);
    store<f64>(to, sumOf(a0, a1));
    store<f64>(to, sumOf(b0, b1), 8);
    store<f64>(to, sumOf(c0, c1), 16);
    store<f64>(to, sumOf(d0, d1), 24);
  }
  for (let i = whole; i < n; i++) store<f64>(out + (<usize>i << 3), rowDot(x + <usize>i * step, coef, dims));
}

/**
 * out[j] += Σᵢ vᵢ·xᵢⱼ over n consecutive rows of dims float32, in the order of the rows; four at a time, so that a sum
 * leaves its register once for four. v, out: float64.
 */
export function addRows(x: usize, n: i32, dims: i32, v: usize, out: usize): void {
  const step = <usize>dims << 2;
  const whole = n & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const row = x + <usize>i * step;
    const at = v + (<usize>i << 3);
    const v0 = v128.load64_splat(at), v1 = v128.load64_splat(at, 8);
    const v2 = v128.load64_splat(at, 16), v3 = v128.load64_splat(at, 24);
    for (let j: usize = 0; j < step; j += 8) {
      const cell = row + j;
      const to = out + (j << 1);
      let s = v128.load(to);
      s = f64x2.add(s, f64x2.mul(v0, f64x2.promote_low_f32x4(v128.load64_zero(cell))));
      s = f64x2.add(s, f64x2.mul(v1, f64x2.promote_low_f32x4(v128.load64_zero(cell + step))));
      s = f64x2.add(s, f64x2.mul(v2, f64x2.promote_low_f32x4(v128.load64_zero(cell + 2 * step))));
      s = f64x2.add(s, f64x2.mul(v3, f64x2.promote_low_f32x4(v128.load64_zero(cell + 3 * step))));
      v128.store(to, s);
    }
  }
  for (let i = whole; i < n; i++) addRow(x + <usize>i * step, dims, load<f64>(v + (<usize>i << 3)), out);
}

/** out (dims, float64) += scale·row, row float32; dims a multiple of 4. */
// @ts-ignore: decorator
@inline
export function addRow(row: usize, dims: i32, scale: f64, out: usize): void {
  const s = f64x2.splat(scale);
  for (let j: usize = 0; j < <usize>dims << 2; j += 8) {
    const to = out + (j << 1);
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(s, f64x2.promote_low_f32x4(v128.load64_zero(row + j)))));
  }
}

// @ts-ignore: decorator
@inline
function sumOf(s0: v128, s1: v128): f64 {
  const s = f64x2.add(s0, s1);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
