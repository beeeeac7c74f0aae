import { LN2_HIGH, LN2_LOW } from './ln2.ts';

/** The high word of √½ and its distance to that of 1: mantissas are taken from [√½, √2). */
const SQRT_HALF_HIGH_WORD = 0x3fe6a09e;
const ONE_HIGH_WORD = 0x3ff00000;
const LEAST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18_014_398_509_481_984;

const bits = new DataView(new ArrayBuffer(8));

/**
 * ln x within an ulp, by +, −, ×, ÷ and operations on its bits only, so that the result's bits are the same on every
 * machine and engine; Math.log's are not.
 *
 *   x = 2ᵏ·(1 + f),  √½ ≤ 1 + f < √2,   s = f/(2 + f),
 *   ln(1 + f) = 2·artanh s = f − (f²/2 − s·(f²/2 + R)),   R = 2·(s²/3 + s⁴/5 + … + s²⁰/21), off by 2⁻⁵⁹
 *
 * @returns −∞ for 0, NaN below
 * Source: P. T. P. Tang, ACM TOMS 16 (1990) and the identity that the BSD libm uses; the series is artanh's own.
 */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) return x === 0 ? -Infinity : x === Infinity ? x : Number.NaN;
  const { exponent, mantissa } = splitNumber(x);
  return logOfParts(exponent, mantissa - 1, 0);
}

/**
 * ln(1 + x) within an ulp, near 0 too, where 1 + x has forgotten most of x: what that sum's rounding lost, over the
 * sum, is added again.
 *
 * @returns −∞ for −1, NaN below
 */
export function log1p(x: number): number {
  const sum = 1 + x;
  if (!(sum > 0) || sum === Infinity) return log(sum);
  const { exponent, mantissa } = splitNumber(sum);
  if (exponent === 0) return logOfParts(0, x, 0);
  const lost = x < 1 ? x - (sum - 1) : 1 - (sum - x);
  return logOfParts(exponent, mantissa - 1, lost * (1 / sum));
}

/** k·ln 2 + ln(1 + f) + rest, rest being tiny. */
function logOfParts(k: number, f: number, rest: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  // Every second power apart: two short chains instead of a long one.
  const a = 2 / 3 + w * (2 / 7 + w * (2 / 11 + w * (2 / 15 + w * (2 / 19))));
  const b = 2 / 5 + w * (2 / 9 + w * (2 / 13 + w * (2 / 17 + w * (2 / 21))));
  const series = z * a + w * b;
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + series) + (k * LN2_LOW + rest)) - f);
}

/** x > 0 as 2^exponent · mantissa, √½ ≤ mantissa < √2. */
function splitNumber(x: number): { exponent: number; mantissa: number } {
  const isSubnormal = x < LEAST_NORMAL;
  bits.setFloat64(0, isSubnormal ? x * TWO_54 : x);
  const shifted = bits.getInt32(0) + (ONE_HIGH_WORD - SQRT_HALF_HIGH_WORD);
  bits.setInt32(0, (shifted & 0xfffff) + SQRT_HALF_HIGH_WORD);
  return { exponent: (shifted >> 20) - 1023 - (isSubnormal ? 54 : 0), mantissa: bits.getFloat64(0) };
}
