import { powerOfTwo } from './power-of-two.ts';

/** Bits behind the point that the first attempt computes with; each further one doubles them. */
const FIRST_BITS = 128n;
const MANTISSA_BITS = 53n;
/** Below and above these 10^x is 0 and ∞ in float64. */
const LOWEST = -324;
const HIGHEST = 309;

/**
 * 10^x, the float64 that is nearest to the true value: whole powers by reading their text, which is rounded correctly by
 * definition, others in fixed-point arithmetic of 128 bits, or more in the rare case that these leave the rounding open.
 * Math.pow's last bit differs between engines, and configuration ids are made of such values.
 *
 *   10^x = 2^(x·log₂10) = 2ᵏ·eʳ,   k = ⌊x·ln 10/ln 2⌋,   r = x·ln 10 − k·ln 2,   eʳ by Taylor's series
 *
 * 10^x is irrational unless x is whole (a float64 is a fraction with a power of two below), so no value lies half way.
 */
export function powerOfTen(x: number): number {
  if (Number.isInteger(x)) return Number(`1e${x}`);
  if (!(x > LOWEST && x < HIGHEST)) return x >= HIGHEST ? Infinity : x <= LOWEST ? 0 : Number.NaN;
  for (let bits = FIRST_BITS; ; bits *= 2n) {
    const { exponent, low, high } = enclosure(x, bits);
    const below = roundedToFloat(low, exponent, bits);
    if (below === roundedToFloat(high, exponent, bits)) return below;
  }
}

/** low·2^(exponent − bits) < 10^x < high·2^(exponent − bits), 1 ≤ low/2^bits < 2. */
function enclosure(x: number, bits: bigint): { exponent: bigint; low: bigint; high: bigint } {
  // Guard bits: x·ln 10 is below 2¹⁰, the series has some 60 terms, each cut off once.
  const guard = 24n;
  const point = bits + guard;
  const { numerator, twos } = asFraction(x);
  const logarithm = (numerator * naturalLogOfTen(point)) >> -twos;
  const ln2 = naturalLogOfTwo(point);
  const exponent = floorDivide(logarithm, ln2);
  const r = logarithm - exponent * ln2;
  let sum = 1n << point;
  let term = sum;
  for (let n = 1n; term > 0n; n += 1n) {
    term = ((term * r) / n) >> point;
    sum += term;
  }
  // The error is far below a unit of `bits`; one is given to each side.
  const middle = sum >> guard;
  return { exponent, low: middle - 1n, high: middle + 2n };
}

/** The float64 nearest to value·2^(exponent − bits); value has bits + 1 binary digits. */
function roundedToFloat(value: bigint, exponent: bigint, bits: bigint): number {
  // A subnormal result has fewer digits, the last of which stands for 2⁻¹⁰⁷⁴.
  const lastPlace = exponent - MANTISSA_BITS + 1n > -1074n ? exponent - MANTISSA_BITS + 1n : -1074n;
  const dropped = lastPlace - (exponent - bits);
  const digits = Number((value + (1n << (dropped - 1n))) >> dropped);
  // Two exact factors: a power of two may be out of range alone.
  const half = lastPlace / 2n;
  return digits * powerOfTwo(Number(half)) * powerOfTwo(Number(lastPlace - half));
}

/** x = numerator·2^twos, exactly. */
function asFraction(x: number): { numerator: bigint; twos: bigint } {
  let twos = 0n;
  // Doubling is exact, and a number that is not whole is small.
  let whole = x;
  for (; !Number.isInteger(whole); twos -= 1n) whole *= 2;
  return { numerator: BigInt(whole), twos };
}

/** ln 2 = 2·artanh(1/3), with `point` bits behind the point. */
function naturalLogOfTwo(point: bigint): bigint {
  return 2n * artanhOfInverse(3n, point);
}

/** ln 10 = 3·ln 2 + ln(5/4), ln(5/4) = 2·artanh(1/9). */
function naturalLogOfTen(point: bigint): bigint {
  return 3n * naturalLogOfTwo(point) + 2n * artanhOfInverse(9n, point);
}

/** artanh(1/q) = 1/q + 1/(3q³) + 1/(5q⁵) + … */
function artanhOfInverse(q: bigint, point: bigint): bigint {
  let sum = 0n;
  let power = (1n << point) / q;
  for (let n = 1n; power > 0n; n += 2n) {
    sum += power / n;
    power /= q * q;
  }
  return sum;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
