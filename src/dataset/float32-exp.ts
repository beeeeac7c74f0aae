import { powerOfTwo } from '../numerics/elementary/power-of-two.ts';

const { fround } = Math;

/** Coefficients of numerator and denominator, highest power first. */
const P = [
  5.082762527590694e-4, 6.757896990527505e-3, 5.114512081637298e-2, 2.473615434895521e-1, 7.257664613233124e-1,
  9.99999999998087e-1,
].map(fround);
const Q = [2.15950937568583e-2, -2.742335390411667e-1, 1].map(fround);
const LOG2E = fround(Math.LOG2E);
/** ln 2 in two parts, the first with so few bits that its product with a whole power is exact. */
const LN2_HIGH = fround(6.93145752e-1);
const LN2_LOW = fround(1.42860677e-6);
/** Adding and taking away 1.5·2²³ rounds a float32 to a whole number. */
const ROUNDER = fround(12_582_912);
/** Below this the result is smaller than the least float32. */
const UNDERFLOW = -103.97208;

/**
 * exp of a float32 for x ≤ 0, in float32 arithmetic: 2ᵏ·P(r)/Q(r) with x = k·ln 2 + r.
 *
 * The direction model's probabilities are float32 numbers that the experiment's original program takes from NumPy, and
 * an ulp of a feature can swap two rows in an AUC. This is NumPy's float32 exp (its AVX2 and AVX-512 versions, equal to
 * each other), within 2 ulps of the true value but not the nearest float32 to it.
 * Source of the coefficients: NumPy 1.17+, `npyv`-based float32 exp, a minimax rational approximation.
 */
export function expFloat32(x: number): number {
  if (x < UNDERFLOW) return 0;
  const power = fround(fround(fround(x * LOG2E) + ROUNDER) - ROUNDER);
  const rest = multiplyAdd(multiplyAdd(x, power, -LN2_HIGH), power, -LN2_LOW);
  const above = P.reduce((sum, p) => multiplyAdd(p, sum, rest));
  const below = Q.reduce((sum, q) => multiplyAdd(q, sum, rest));
  return fround(fround(above / below) * powerOfTwo(power));
}

/** sum + a·b rounded once to float32: the product of two float32 is exact in float64. */
export function multiplyAdd(sum: number, a: number, b: number): number {
  return fround(sum + a * b);
}
