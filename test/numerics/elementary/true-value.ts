/**
 * Elementary functions in fixed-point arithmetic on whole numbers of any length: references that share nothing with
 * float64. `POINT` bits stand behind the point.
 */
const POINT = 1400n;
const ONE = 1n << POINT;

/** A float64 as a fixed-point number; exact for whatever is at least 2⁻¹⁰⁷⁴. */
export function fixed(x: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = (word >> 52n) & 0x7ffn;
  const digits = (word & 0xfffffffffffffn) | (exponent > 0n ? 1n << 52n : 0n);
  const place = (exponent > 0n ? exponent : 1n) - 1075n;
  const size = place >= 0n ? digits << (place + POINT) : digits << (POINT + place);
  return word >> 63n === 1n ? -size : size;
}

const LN2 = 2n * artanhOfInverse(3n);
const LN10 = 3n * LN2 + 2n * artanhOfInverse(9n);

/** eˣ by halving the argument until it is small, Taylor's series, and squaring as often. */
export function trueExp(x: bigint): bigint {
  const k = x / LN2;
  const halvings = 20n;
  const r = (x - k * LN2) >> halvings;
  let sum = ONE;
  let term = ONE;
  for (let n = 1n; term !== 0n; n += 1n) {
    term = (term * r) / (n << POINT);
    sum += term;
  }
  for (let i = 0n; i < halvings; i += 1n) sum = (sum * sum) >> POINT;
  return k >= 0n ? sum << k : sum >> -k;
}

export function truePowerOfTen(x: bigint): bigint {
  return trueExp((x * LN10) >> POINT);
}

/** ln x: the powers of two taken out, then ln m = 2·artanh((m − 1)/(m + 1)). */
export function trueLog(x: bigint): bigint {
  const k = BigInt(x.toString(2).length) - POINT;
  const m = k >= 0n ? x >> k : x << -k;
  const s = ((m - ONE) << POINT) / (m + ONE);
  const square = (s * s) >> POINT;
  let sum = 0n;
  let power = s;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    // A division rounds towards 0 and gets there, a shift of a negative number never does.
    power = (power * square) / ONE;
  }
  return k * LN2 + 2n * sum;
}

/** sin x by its series, which converges for every x. */
export function trueSin(x: bigint): bigint {
  return alternating(x, x, 1n);
}

export function trueCos(x: bigint): bigint {
  return alternating(ONE, x, 0n);
}

function alternating(first: bigint, x: bigint, from: bigint): bigint {
  const square = (x * x) >> POINT;
  let sum = 0n;
  let term = first;
  for (let n = from; term !== 0n; n += 2n) {
    sum += term;
    term = (-term * square) / (((n + 1n) * (n + 2n)) << POINT);
  }
  return sum;
}

function artanhOfInverse(q: bigint): bigint {
  let sum = 0n;
  let power = ONE / q;
  for (let n = 1n; power > 0n; n += 2n) {
    sum += power / n;
    power /= q * q;
  }
  return sum;
}

/** |got − truth| in units of the last place of a float64 of the true value's size. */
export function errorUlps(got: number, truth: bigint): number {
  const size = truth < 0n ? -truth : truth;
  const exponent = BigInt(size.toString(2).length) - 1n - POINT;
  const place = exponent - 52n > -1074n ? exponent - 52n : -1074n;
  const difference = fixed(got) - truth;
  // Sixteen bits behind the point are enough to compare by.
  const sixteenths = (difference < 0n ? -difference : difference) >> (place + POINT - 16n);
  return Number(sixteenths) / 65_536;
}
