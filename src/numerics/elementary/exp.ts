import { LN2_HIGH, LN2_LOW } from './ln2.ts';
import { powerOfTwo } from './power-of-two.ts';

/** Below and above these the result is 0 and ∞. */
const LOWEST = -746;
const HIGHEST = 710;
/** Adding and taking away 1.5·2⁵² rounds a float64 to a whole number, ties to even. */
const ROUNDER = 6_755_399_441_055_744;

/**
 * eˣ within an ulp for every float64: only +, −, × and comparisons, so that the bits are
 * the same on every machine and engine, and in the kernels (`kernels/assembly/elementary.ts`), which Math.exp's are not.
 *
 *   eˣ = 2ᵏ·eʳ,   k = x/ln 2 rounded,   r = x − k·ln 2 with what its rounding loses,   |r| ≤ ½·ln 2 (+ 2⁻⁴⁰)
 *   eʳ = 1 + r + r²·(1/2! + r/3! + … + r¹¹/13!),   off by r¹⁴/14! < 2⁻⁵⁷
 *
 * Source: J.-M. Muller, Elementary Functions, 3rd ed., §11.1 (Cody and Waite's reduction); the series is Taylor's.
 */
export function exp(x: number): number {
  const bounded = Math.min(Math.max(x, LOWEST), HIGHEST);
  if (Number.isNaN(bounded)) return bounded;
  const k = bounded * Math.LOG2E + ROUNDER - ROUNDER;
  const high = bounded - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const lost = high - r - low;
  const z = r * r;
  // Even and odd powers apart: two short chains instead of a long one.
  const even = 1 / 2 + z * (1 / 24 + z * (1 / 720 + z * (1 / 40_320 + z * (1 / 3_628_800 + z * (1 / 479_001_600)))));
  const odd =
    1 / 6 + z * (1 / 120 + z * (1 / 5040 + z * (1 / 362_880 + z * (1 / 39_916_800 + z * (1 / 6_227_020_800)))));
  const scaled = 1 + (r + (z * (even + r * odd) + lost));
  // Two factors, so that neither overflows and a subnormal result is rounded once.
  const half = Math.floor(k / 2);
  return scaled * powerOfTwo(half) * powerOfTwo(k - half);
}
