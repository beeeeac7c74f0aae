// Elementary functions of two float64 at a time, to the bits of src/numerics/elementary, where formulas, bounds and sources
// stand: the same operations in the same order. Constants are read from a table: an engine makes a constant of a vector anew
// at each use, in three or four instructions, and there are sixty of them.

/** Float64 values of a table. */
export const TABLE: i32 = 34;

/** 1/n! stands at 8·n, n = 0 … 13. */
const INVERSE_FACTORIAL: usize = 0;
/** 2/n for odd n stands at 8·13 + 4·(n − 1), n = 3 … 21. */
const TWO_OVER: usize = 8 * 13;
const LOG2E: usize = 8 * 24;
const ROUNDER: usize = 8 * 25;
const LN2_HIGH: usize = 8 * 26;
const LN2_LOW: usize = 8 * 27;
const LOWEST: usize = 8 * 28;
const HIGHEST: usize = 8 * 29;
const POWER: usize = 8 * 30;
const SQRT2: usize = 8 * 31;
const ONE: usize = 8 * 32;
const HALF: usize = 8 * 33;

/** Fills a table. */
export function writeTable(table: usize): void {
  let factorial: f64 = 1;
  for (let n: i32 = 0; n <= 13; n++) {
    if (n > 0) factorial *= <f64>n;
    store<f64>(table + INVERSE_FACTORIAL + (<usize>n << 3), 1 / factorial);
  }
  for (let n: i32 = 3; n <= 21; n += 2) store<f64>(table + TWO_OVER + (<usize>(n - 1) << 2), 2 / <f64>n);
  store<f64>(table, 1.4426950408889634, LOG2E);
  store<f64>(table, 6755399441055744, ROUNDER);
  store<f64>(table, 3048493539143.0 / 4398046511104.0, LN2_HIGH);
  store<f64>(table, 5.497923018708371e-14, LN2_LOW);
  store<f64>(table, -746, LOWEST);
  store<f64>(table, 710, HIGHEST);
  // 2⁵² + 1023: with k added, k + 1023 stands in the low bits, from where it moves to an exponent's place.
  store<f64>(table, 4503599627371519, POWER);
  // The least sum 1 + x whose half stands for it in `log1pPair`: √2 with the low word 0.
  store<u64>(table, 0x3ff6a09e00000000, SQRT2);
  store<f64>(table, 1, ONE);
  store<f64>(table, 0.5, HALF);
}

/** eˣ. */
// @ts-ignore: decorator
@inline
export function expPair(x: v128, table: usize): v128 {
  // pmax and pmin give their first argument where it is not a number, as Math.max and Math.min do, in one instruction.
  const bounded = f64x2.pmin(f64x2.pmax(x, v128.load64_splat(table, LOWEST)), v128.load64_splat(table, HIGHEST));
  const rounder = v128.load64_splat(table, ROUNDER);
  const k = f64x2.sub(f64x2.add(f64x2.mul(bounded, v128.load64_splat(table, LOG2E)), rounder), rounder);
  const high = f64x2.sub(bounded, f64x2.mul(k, v128.load64_splat(table, LN2_HIGH)));
  const low = f64x2.mul(k, v128.load64_splat(table, LN2_LOW));
  const r = f64x2.sub(high, low);
  const lost = f64x2.sub(f64x2.sub(high, r), low);
  const z = f64x2.mul(r, r);
  let even = v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 12);
  even = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 10), f64x2.mul(z, even));
  even = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 8), f64x2.mul(z, even));
  even = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 6), f64x2.mul(z, even));
  even = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 4), f64x2.mul(z, even));
  even = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 2), f64x2.mul(z, even));
  let odd = v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 13);
  odd = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 11), f64x2.mul(z, odd));
  odd = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 9), f64x2.mul(z, odd));
  odd = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 7), f64x2.mul(z, odd));
  odd = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 5), f64x2.mul(z, odd));
  odd = f64x2.add(v128.load64_splat(table, INVERSE_FACTORIAL + 8 * 3), f64x2.mul(z, odd));
  const tail = f64x2.add(f64x2.mul(z, f64x2.add(even, f64x2.mul(r, odd))), lost);
  const scaled = f64x2.add(v128.load64_splat(table, ONE), f64x2.add(r, tail));
  const half = f64x2.floor(f64x2.mul(k, v128.load64_splat(table, HALF)));
  return f64x2.mul(f64x2.mul(scaled, powerOfTwo(half, table)), powerOfTwo(f64x2.sub(k, half), table));
}

/** ln(1 + x) for 0 ≤ x ≤ 1. @param sum 1 + x  @param inverse 1/sum */
// @ts-ignore: decorator
@inline
export function log1pPair(x: v128, sum: v128, inverse: v128, table: usize): v128 {
  const isHalved = f64x2.ge(sum, v128.load64_splat(table, SQRT2));
  const one = v128.load64_splat(table, ONE);
  const oneHalf = v128.load64_splat(table, HALF);
  const k = v128.and(isHalved, one);
  const f = v128.bitselect(f64x2.sub(f64x2.mul(sum, oneHalf), one), x, isHalved);
  const rest = v128.and(isHalved, f64x2.mul(f64x2.sub(x, f64x2.sub(sum, one)), inverse));
  const s = f64x2.div(f, f64x2.add(f64x2.add(one, one), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let a = v128.load64_splat(table, TWO_OVER + 4 * 18);
  a = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 14), f64x2.mul(w, a));
  a = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 10), f64x2.mul(w, a));
  a = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 6), f64x2.mul(w, a));
  a = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 2), f64x2.mul(w, a));
  let b = v128.load64_splat(table, TWO_OVER + 4 * 20);
  b = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 16), f64x2.mul(w, b));
  b = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 12), f64x2.mul(w, b));
  b = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 8), f64x2.mul(w, b));
  b = f64x2.add(v128.load64_splat(table, TWO_OVER + 4 * 4), f64x2.mul(w, b));
  const series = f64x2.add(f64x2.mul(z, a), f64x2.mul(w, b));
  const half = f64x2.mul(f64x2.mul(oneHalf, f), f);
  const low = f64x2.add(f64x2.mul(k, v128.load64_splat(table, LN2_LOW)), rest);
  const inner = f64x2.sub(half, f64x2.add(f64x2.mul(s, f64x2.add(half, series)), low));
  return f64x2.sub(f64x2.mul(k, v128.load64_splat(table, LN2_HIGH)), f64x2.sub(inner, f));
}

/** 2ᵏ for whole −1022 ≤ k ≤ 1023. */
// @ts-ignore: decorator
@inline
function powerOfTwo(k: v128, table: usize): v128 {
  return i64x2.shl(f64x2.add(k, v128.load64_splat(table, POWER)), 52);
}
