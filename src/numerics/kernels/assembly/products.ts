import { addRow, rowDot } from './rows';

// Grouped rows (`rows/grouped-rows.ts`), as every kernel here takes them: market (nGroups × dm) and state (nRows × ds)
// float32, first (nGroups + 1) int32. With ds = 0 a model reads the market part alone and each group is one entry that
// weighs as much as it has rows; else each row is an entry. Packed vectors have dm + ds values.

/** out[e] = xₑ·coef for every entry, in float64. coef: packed float64. */
export function groupDots(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, coef: usize, out: usize,
): void {
  const marketBytes = <usize>dm << 2;
  const stateBytes = <usize>ds << 2;
  const stateCoef = coef + (<usize>dm << 3);
  for (let g: i32 = 0; g < nGroups; g++) {
    const shared = rowDot(market + <usize>g * marketBytes, coef, dm);
    if (ds == 0) {
      store<f64>(out + (<usize>g << 3), shared);
      continue;
    }
    const end = load<i32>(first + (<usize>g << 2), 4);
    for (let i = load<i32>(first + (<usize>g << 2)); i < end; i++) {
      store<f64>(out + (<usize>i << 3), shared + rowDot(state + <usize>i * stateBytes, stateCoef, ds));
    }
  }
}

/** out (packed) += Xᵀv, v (float64) by entry; a group that is an entry counts as often as it has rows. */
export function groupTransposedVector(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, v: usize, out: usize,
): void {
  const marketBytes = <usize>dm << 2;
  const stateBytes = <usize>ds << 2;
  const stateOut = out + (<usize>dm << 3);
  for (let g: i32 = 0; g < nGroups; g++) {
    const begin = load<i32>(first + (<usize>g << 2));
    const end = load<i32>(first + (<usize>g << 2), 4);
    let shared: f64 = 0;
    if (ds == 0) shared = load<f64>(v + (<usize>g << 3)) * <f64>(end - begin);
    else {
      for (let i = begin; i < end; i++) {
        const vi = load<f64>(v + (<usize>i << 3));
        shared += vi;
        addRow(state + <usize>i * stateBytes, ds, vi, stateOut);
      }
    }
    addRow(market + <usize>g * marketBytes, dm, shared, out);
  }
}

/** Groups of a block: what shares one bound of its rows' length, and one block of products. */
export const GROUPS: i32 = 32;

/** norms[b] ≥ ‖xₑ‖ of every entry of block b (GROUPS groups), float32. */
export function groupBlockNorms(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, norms: usize,
): void {
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const last = min(start + GROUPS, nGroups);
    let largest: f64 = 0;
    for (let g = start; g < last; g++) {
      const shared = squares(market + <usize>g * (<usize>dm << 2), dm);
      let own: f64 = 0;
      if (ds > 0) {
        const end = load<i32>(first + (<usize>g << 2), 4);
        for (let i = load<i32>(first + (<usize>g << 2)); i < end; i++) {
          own = max(own, squares(state + <usize>i * (<usize>ds << 2), ds));
        }
      }
      largest = max(largest, shared + own);
    }
    // Rounded up: the square root and its rounding to float32 lose less than this gives.
    store<f32>(norms + (<usize>(start / GROUPS) << 2), <f32>(Math.sqrt(largest) * 1.000001));
  }
}

// @ts-ignore: decorator
@inline
function squares(row: usize, dims: i32): f64 {
  let s = f64x2.splat(0);
  for (let j: usize = 0; j < <usize>dims << 2; j += 8) {
    const v = f64x2.promote_low_f32x4(v128.load64_zero(row + j));
    s = f64x2.add(s, f64x2.mul(v, v));
  }
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}
