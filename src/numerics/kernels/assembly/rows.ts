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

// @ts-ignore: decorator
@inline
function sumOf(s0: v128, s1: v128): f64 {
  const s = f64x2.add(s0, s1);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
