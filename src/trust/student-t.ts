/**
 * P(T > t) of Student's t with a whole number of degrees of freedom, t ≥ 0, to some 1e-14 relative in the tail too:
 *
 *   P = ½·I_x(df/2, ½),   x = df/(df + t²)
 *
 * by the continued fraction of the incomplete beta function. B(df/2, ½) comes from its recurrence and x^(df/2) from square
 * roots and products, so that no function is called whose last bits differ between machines.
 *
 * Source: DLMF 8.17.22 (continued fraction, by Lentz's method); Abramowitz and Stegun 26.7.1.
 */
export function studentTail(t: number, df: number): number {
  if (t === Infinity) return 0;
  const x = df / (df + t * t);
  const root = Math.sqrt(x);
  let power = 1;
  for (let i = 0; i < df; i += 1) power *= root;
  // x^a·(1−x)^½/B(a, ½), the same from both ends; 1 − x without cancellation.
  const front = (power * (Math.abs(t) / Math.sqrt(df + t * t))) / betaOfHalf(df);
  const a = df / 2;
  if (x < (a + 1) / (a + 2.5)) return (0.5 * front * betaFraction(a, 0.5, x)) / a;
  return 0.5 * (1 - (front * betaFraction(0.5, a, (t * t) / (df + t * t))) / 0.5);
}

/** The t with P(T ≤ t) = p, ½ ≤ p < 1, by bisection to the last bit: it is asked for a handful of times. */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0.5 && p < 1)) throw new RangeError(`quantile of ${p}: at least 0.5 and below 1 is expected`);
  let low = 0;
  let high = 1;
  while (studentTail(high, df) > 1 - p) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (studentTail(middle, df) > 1 - p) low = middle;
    else high = middle;
  }
}

/** B(df/2, ½) by B(a + 1, ½) = B(a, ½)·a/(a + ½), from B(½, ½) = π and B(1, ½) = 2. */
function betaOfHalf(df: number): number {
  let beta = df % 2 === 1 ? Math.PI : 2;
  for (let a = df % 2 === 1 ? 0.5 : 1; a < df / 2; a += 1) beta *= a / (a + 0.5);
  return beta;
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) return fraction;
  }
  return fraction;
}
