/**
 * out = A·v for a symmetric A of which only the lower triangle (row stride ld) is kept.
 *
 * @param a   (≥ n × ld) row-major
 * @param v   (≥ n)
 * @param out (≥ n), overwritten
 */
export function symmetricProduct(a: Float64Array, ld: number, n: number, v: Float64Array, out: Float64Array): void {
  out.fill(0, 0, n);
  for (let i = 0; i < n; i += 1) {
    const row = i * ld;
    const vi = v[i]!;
    let sum = a[row + i]! * vi;
    for (let j = 0; j < i; j += 1) {
      const aij = a[row + j]!;
      sum += aij * v[j]!;
      out[j]! += aij * vi;
    }
    out[i]! += sum;
  }
}

/** a·b over the first n entries. */
export function dot(a: Float64Array, b: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

/** max |aᵢ| over the first n entries. */
export function maxAbs(a: Float64Array, n: number): number {
  let max = 0;
  for (let i = 0; i < n; i += 1) {
    const abs = Math.abs(a[i]!);
    // Written so that NaN wins: a residual that is not a number must never look small.
    if (!(abs <= max)) max = abs;
  }
  return max;
}

/** Σ wⱼ² without the intercept, which is not penalised. */
export function penaltyNorm(coef: Float64Array, nCoef: number): number {
  let sum = 0;
  for (let j = 1; j < nCoef; j += 1) sum += coef[j]! * coef[j]!;
  return sum;
}
