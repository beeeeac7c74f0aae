/** π/2 in three parts, the first two so short that their products with a whole number up to 8 are exact. */
const HALF_PI_HIGH = 221_069_929_750_888 / 140_737_488_355_328;
const HALF_PI_MIDDLE = 5.390302858158106e-15;
const HALF_PI_REST = 1.2706558760139879e-29;
const LARGEST = 4 * Math.PI;

/**
 * sin x within an ulp for |x| ≤ 4π, by +, −, ×, ÷ only, so that the bits are the same on every machine and engine;
 * Math.sin's are not.
 *
 *   x = n·π/2 + r + rest,  |r| ≤ π/4;   by n mod 4: sin r, cos r, −sin r, −cos r
 *
 * @throws RangeError beyond 4π: the three parts of π/2 would not do
 * Source: J.-M. Muller, Elementary Functions, 3rd ed., §11.1 (Cody and Waite's reduction); the series are Taylor's.
 */
export function sin(x: number): number {
  return wave(x, 0);
}

/** cos x, as `sin`: within an ulp for |x| ≤ 4π. */
export function cos(x: number): number {
  return wave(x, 1);
}

/** sin(x + quarters·π/2). */
function wave(x: number, quarters: number): number {
  if (!(Math.abs(x) <= LARGEST)) throw new RangeError(`sine: expected an angle of at most 4π, got ${x}`);
  const n = Math.round(x / (Math.PI / 2));
  const high = x - n * HALF_PI_HIGH;
  const middle = n * HALF_PI_MIDDLE;
  const r = high - middle;
  const rest = high - r - middle - n * HALF_PI_REST;
  // n ≥ −8, and a remainder takes its sign.
  const quarter = (n + quarters + 8) % 4;
  const value = quarter % 2 === 0 ? sineNear(r, rest) : cosineNear(r, rest);
  return quarter < 2 ? value : -value;
}

/** sin(r + rest), |r| ≤ π/4: Taylor's series to r¹⁷, off by 2⁻⁶³ of the value. */
function sineNear(r: number, rest: number): number {
  const z = r * r;
  const tail =
    1 / 120 -
    z *
      (1 / 5040 -
        z *
          (1 / 362_880 -
            z *
              (1 / 39_916_800 -
                z * (1 / 6_227_020_800 - z * (1 / 1_307_674_368_000 - z * (1 / 355_687_428_096_000))))));
  return r + (r * z * (z * tail - 1 / 6) + rest * (1 - 0.5 * z));
}

/** cos(r + rest), |r| ≤ π/4: Taylor's series to r¹⁶, off by 2⁻⁵⁸ of the value. */
function cosineNear(r: number, rest: number): number {
  const z = r * r;
  const tail =
    1 / 24 -
    z *
      (1 / 720 -
        z *
          (1 / 40_320 -
            z * (1 / 3_628_800 - z * (1 / 479_001_600 - z * (1 / 87_178_291_200 - z * (1 / 20_922_789_888_000))))));
  const half = 0.5 * z;
  const most = 1 - half;
  // 1 − most − half is what the difference lost, exactly.
  return most + (1 - most - half + (z * z * tail - r * rest));
}
