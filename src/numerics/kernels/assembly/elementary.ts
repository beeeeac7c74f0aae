// Elementary functions of two float64 at a time, to the bits of src/numerics/elementary, where formulas, bounds and sources
// stand: the same operations in the same order.

const LN2_HIGH: f64 = 3048493539143.0 / 4398046511104.0;
const LN2_LOW: f64 = 5.497923018708371e-14;
const LOG2E: f64 = 1.4426950408889634;
const ROUNDER: f64 = 6755399441055744.0;
/** The least sum 1 + x whose half stands for it in `log1pPair`: √2 with the low word 0. */
const SQRT2: f64 = reinterpret<f64>(0x3ff6a09e00000000);

/** eˣ. */
// @ts-ignore: decorator
@inline
export function expPair(x: v128): v128 {
  // pmax and pmin give their first argument where it is not a number, as Math.max and Math.min do, in one instruction.
  const bounded = f64x2.pmin(f64x2.pmax(x, f64x2.splat(-746)), f64x2.splat(710));
  const rounder = f64x2.splat(ROUNDER);
  const k = f64x2.sub(f64x2.add(f64x2.mul(bounded, f64x2.splat(LOG2E)), rounder), rounder);
  const high = f64x2.sub(bounded, f64x2.mul(k, f64x2.splat(LN2_HIGH)));
  const low = f64x2.mul(k, f64x2.splat(LN2_LOW));
  const r = f64x2.sub(high, low);
  const lost = f64x2.sub(f64x2.sub(high, r), low);
  const z = f64x2.mul(r, r);
  let even = plus(1.0 / 3628800.0, z, f64x2.splat(1.0 / 479001600.0));
  even = plus(1.0 / 40320.0, z, even);
  even = plus(1.0 / 720.0, z, even);
  even = plus(1.0 / 24.0, z, even);
  even = plus(1.0 / 2.0, z, even);
  let odd = plus(1.0 / 39916800.0, z, f64x2.splat(1.0 / 6227020800.0));
  odd = plus(1.0 / 362880.0, z, odd);
  odd = plus(1.0 / 5040.0, z, odd);
  odd = plus(1.0 / 120.0, z, odd);
  odd = plus(1.0 / 6.0, z, odd);
  const tail = f64x2.add(f64x2.mul(z, f64x2.add(even, f64x2.mul(r, odd))), lost);
  const scaled = f64x2.add(f64x2.splat(1), f64x2.add(r, tail));
  const half = f64x2.floor(f64x2.mul(k, f64x2.splat(0.5)));
  return f64x2.mul(f64x2.mul(scaled, powerOfTwo(half)), powerOfTwo(f64x2.sub(k, half)));
}

/** ln(1 + x) for 0 ≤ x ≤ 1. @param sum 1 + x  @param inverse 1/sum */
// @ts-ignore: decorator
@inline
export function log1pPair(x: v128, sum: v128, inverse: v128): v128 {
  const isHalved = f64x2.ge(sum, f64x2.splat(SQRT2));
  const one = f64x2.splat(1);
  const k = v128.and(isHalved, one);
  const f = v128.bitselect(f64x2.sub(f64x2.mul(sum, f64x2.splat(0.5)), one), x, isHalved);
  const rest = v128.and(isHalved, f64x2.mul(f64x2.sub(x, f64x2.sub(sum, one)), inverse));
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let a = plus(2.0 / 15.0, w, f64x2.splat(2.0 / 19.0));
  a = plus(2.0 / 11.0, w, a);
  a = plus(2.0 / 7.0, w, a);
  a = plus(2.0 / 3.0, w, a);
  let b = plus(2.0 / 17.0, w, f64x2.splat(2.0 / 21.0));
  b = plus(2.0 / 13.0, w, b);
  b = plus(2.0 / 9.0, w, b);
  b = plus(2.0 / 5.0, w, b);
  const series = f64x2.add(f64x2.mul(z, a), f64x2.mul(w, b));
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const low = f64x2.add(f64x2.mul(k, f64x2.splat(LN2_LOW)), rest);
  const inner = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, series)), low));
  return f64x2.sub(f64x2.mul(k, f64x2.splat(LN2_HIGH)), f64x2.sub(inner, f));
}

/** constant + z·rest */
// @ts-ignore: decorator
@inline
function plus(constant: f64, z: v128, rest: v128): v128 {
  return f64x2.add(f64x2.splat(constant), f64x2.mul(z, rest));
}

/** 2ᵏ for whole −1022 ≤ k ≤ 1023: k + 1023 stands in the low bits of 2⁵² + k + 1023, and moves to the exponent's place. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: v128): v128 {
  return i64x2.shl(f64x2.add(k, f64x2.splat(4503599627371519.0)), 52);
}
