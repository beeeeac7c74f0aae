const LOWEST = -1074;
const HIGHEST = 1023;
const POWERS = Float64Array.from({ length: HIGHEST - LOWEST + 1 });
POWERS[-LOWEST] = 1;
// Doubling and halving are exact, down to the least float64.
for (let k = 1; k <= HIGHEST; k += 1) POWERS[k - LOWEST] = 2 * POWERS[k - 1 - LOWEST]!;
for (let k = -1; k >= LOWEST; k -= 1) POWERS[k - LOWEST] = POWERS[k + 1 - LOWEST]! / 2;

/** 2ᵏ, exact. @param k whole, −1074 … 1023: what float64 can hold */
export function powerOfTwo(k: number): number {
  return POWERS[k - LOWEST]!;
}
