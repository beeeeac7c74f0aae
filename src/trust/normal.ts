import { exp } from '../numerics/elementary/exp.ts';
import { log, log1p } from '../numerics/elementary/log.ts';

const SQRT_2PI = 2.5066282746310002;

/** φ(x) = exp(−x²/2)/√(2π). */
function normalDensity(x: number): number {
  return exp(-0.5 * x * x) / SQRT_2PI;
}

/**
 * P(Z > x) of a standard normal, to some 1e-15 relative, in the tail too: Marsaglia's series below 3, the continued
 * fraction of Mills' ratio beyond.
 *
 * Source: Marsaglia 2004, Evaluating the normal distribution; DLMF 7.9.
 */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 - normalDensity(x) * sum;
  }
  let fraction = x;
  for (let k = 160; k >= 1; k -= 1) fraction = x + k / fraction;
  return normalDensity(x) / fraction;
}

/** log P(Z ≤ x). */
function normalLogCdf(x: number): number {
  return x < 0 ? log(normalTail(-x)) : log1p(-normalTail(x));
}

/**
 * The x with P(Z ≤ x) = p, 0 < p < 1, to some 1e-15 relative.
 *
 * Source: Wichura 1988, Algorithm AS 241 (PPND16): the percentage points of the normal distribution.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(CENTRAL, 0.180625 - q * q);
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const x = r <= 5 ? rational(MIDDLE, r - 1.6) : rational(FAR, r - 5);
  return q < 0 ? -x : x;
}

type Rational = { readonly above: readonly number[]; readonly below: readonly number[] };

const CENTRAL: Rational = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
};
const MIDDLE: Rational = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const FAR: Rational = {
  above: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  below: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

function rational({ above, below }: Rational, x: number): number {
  const horner = (coefficients: readonly number[]): number => coefficients.reduceRight((sum, c) => sum * x + c, 0);
  return horner(above) / horner(below);
}

const GRID_STEP = 0.0025;
const GRID_END = 9;

/** Points x of an even grid over ±9 with x·φ(x) and log Φ(x). */
const grid = madeOnce(() => {
  const points = Math.round((2 * GRID_END) / GRID_STEP) + 1;
  const moment = new Float64Array(points);
  const logCdf = new Float64Array(points);
  for (let i = 0; i < points; i += 1) {
    const x = -GRID_END + i * GRID_STEP;
    moment[i] = x * normalDensity(x);
    logCdf[i] = normalLogCdf(x);
  }
  return { moment, logCdf };
});

/** E[max of n independent standard normals] = ∫ x·n·Φ(x)^(n−1)·φ(x) dx, n real and at least 1, by the trapezoid rule. */
export function expectedNormalMax(n: number): number {
  if (!(n > 1)) return 0;
  const { moment, logCdf } = grid();
  const last = moment.length - 1;
  let sum = 0;
  for (let i = last; i >= 0; i -= 1) {
    const exponent = (n - 1) * logCdf[i]!;
    if (exponent < -745) break;
    sum += (i === 0 || i === last ? 0.5 : 1) * moment[i]! * exp(exponent);
  }
  return n * sum * GRID_STEP;
}

/** The n with E[max of n normals] = `expected`, between 1 and 1e9, to 1e-12 relative. */
export function effectiveNumber(expected: number): number {
  if (!(expected > 0)) return 1;
  let low = 1;
  let high = 1e9;
  while (high / low > 1 + 1e-12) {
    const middle = Math.sqrt(low * high);
    if (expectedNormalMax(middle) < expected) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

function madeOnce<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
