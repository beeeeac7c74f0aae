/**
 * In-place Cholesky factorization of the lower triangle of a (n × n, row stride ld): A = L·Lᵀ. Rows are contiguous, so
 * each entry is one dot product of two row prefixes. Returns 0, or 1 + the row whose pivot is not above `share` of its
 * own diagonal entry: what the rows before it leave is then rounding.
 */
export function choleskyFactor(a: usize, n: i32, ld: i32, share: f64): i32 {
  const stride = <usize>ld << 3;
  for (let i: i32 = 0; i < n; i++) {
    const rowI = a + <usize>i * stride;
    for (let j: i32 = 0; j < i; j++) {
      const rowJ = a + <usize>j * stride;
      const at = <usize>j << 3;
      store<f64>(rowI + at, (load<f64>(rowI + at) - dot(rowI, rowJ, j)) / load<f64>(rowJ + at));
    }
    const diagonal = rowI + (<usize>i << 3);
    const entry = load<f64>(diagonal);
    const pivot = entry - dot(rowI, rowI, i);
    if (!(pivot > share * entry)) return i + 1;
    store<f64>(diagonal, Math.sqrt(pivot));
  }
  return 0;
}

/** Solves L·Lᵀ·x = b in place of b (n), L as choleskyFactor leaves it. */
export function choleskySolve(l: usize, n: i32, ld: i32, b: usize): void {
  const stride = <usize>ld << 3;
  for (let i: i32 = 0; i < n; i++) {
    const at = <usize>i << 3;
    const row = l + <usize>i * stride;
    store<f64>(b + at, (load<f64>(b + at) - dot(row, b, i)) / load<f64>(row + at));
  }
  for (let i = n - 1; i >= 0; i--) {
    const at = <usize>i << 3;
    const row = l + <usize>i * stride;
    const value = load<f64>(b + at) / load<f64>(row + at);
    store<f64>(b + at, value);
    // Taking the solved entry out of those before it reads row i, which is contiguous; a dot product would walk a column.
    for (let j: i32 = 0; j < i; j++) {
      const to = b + (<usize>j << 3);
      store<f64>(to, load<f64>(to) - value * load<f64>(row + (<usize>j << 3)));
    }
  }
}

/** out (n) = A·v for a symmetric A (row stride ld) of which only the lower triangle is kept; v and out apart. */
export function symmetricProduct(a: usize, ld: i32, n: i32, v: usize, out: usize): void {
  const stride = <usize>ld << 3;
  for (let i: i32 = 0; i < n; i++) {
    const row = a + <usize>i * stride;
    const vi = load<f64>(v + (<usize>i << 3));
    const splat = f64x2.splat(vi);
    let s = f64x2.splat(0);
    let j: i32 = 0;
    for (; j + 2 <= i; j += 2) {
      const at = <usize>j << 3;
      const entry = v128.load(row + at);
      s = f64x2.add(s, f64x2.mul(entry, v128.load(v + at)));
      v128.store(out + at, f64x2.add(v128.load(out + at), f64x2.mul(entry, splat)));
    }
    let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
    for (; j < i; j++) {
      const at = <usize>j << 3;
      const entry = load<f64>(row + at);
      sum += entry * load<f64>(v + at);
      store<f64>(out + at, load<f64>(out + at) + entry * vi);
    }
    const diagonal = <usize>i << 3;
    store<f64>(out + diagonal, sum + load<f64>(row + diagonal) * vi);
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, n: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = f64x2.splat(0);
  let j: i32 = 0;
  for (; j + 4 <= n; j += 4) {
    const at = <usize>j << 3;
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a + at), v128.load(b + at)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
  }
  const s = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  for (; j < n; j++) sum += load<f64>(a + (<usize>j << 3)) * load<f64>(b + (<usize>j << 3));
  return sum;
}
