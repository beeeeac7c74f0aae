import { rowDots } from './rows';

/**
 * out[i] = float32(clip(yᵢ, ±clip) − shift − xᵢ·coef): the residuals at a reference point, against which later points are
 * screened. scratch: nRows float64.
 */
export function referenceResiduals(
  x: usize,
  stride: i32,
  nRows: i32,
  dims: i32,
  coef: usize,
  y: usize,
  clip: f64,
  shift: f64,
  out: usize,
  scratch: usize,
): void {
  rowDots(x, stride, nRows, dims, coef, scratch);
  for (let i: i32 = 0; i < nRows; i++) {
    const t = min(max(<f64>load<f32>(y + ((<usize>i) << 2)), -clip), clip) - shift;
    store<f32>(out + ((<usize>i) << 2), <f32>(t - load<f64>(scratch + ((<usize>i) << 3))));
  }
}

/**
 * Lists the rows whose side of the Huber threshold may differ from the recorded one.
 *
 * Row i moved by at most leverageᵢ·distance since the reference residuals were taken (Cauchy–Schwarz in the metric of
 * the Gram matrix), so where ||residualᵢ| − threshold| exceeds that, its side is known without touching its features;
 * it is listed only if that side is not the recorded one. `slack` covers float32 rounding.
 *
 * residual, leverage: float32 (nRows); side: int8 (nRows), −1 / 0 / +1 for below, within, above.
 * Writes row numbers (int32) to `list` and returns their count; stops and returns −1 beyond `limit`.
 */
export function screenRows(
  residual: usize,
  leverage: usize,
  side: usize,
  nRows: i32,
  threshold: f32,
  distance: f32,
  slack: f32,
  list: usize,
  limit: i32,
): i32 {
  const t4 = f32x4.splat(threshold);
  const d4 = f32x4.splat(distance);
  const s4 = f32x4.splat(slack);
  const n4 = nRows & ~3;
  let found: i32 = 0;
  for (let i: i32 = 0; i < n4; i += 4) {
    const r = v128.load(residual + ((<usize>i) << 2));
    const a = f32x4.abs(r);
    const reach = f32x4.add(f32x4.mul(v128.load(leverage + ((<usize>i) << 2)), d4), s4);
    const unsure = f32x4.le(f32x4.abs(f32x4.sub(a, t4)), reach);
    // −1 / 0 / +1 as int32 lanes: (r < −t) gives −1, (r > t) negated gives +1.
    const now = i32x4.sub(f32x4.lt(r, f32x4.neg(t4)), f32x4.gt(r, t4));
    const then = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(side + <usize>i)));
    const listed = v128.or(unsure, i32x4.ne(now, then));
    if (!v128.any_true(listed)) continue;
    if (found + 4 > limit) return -1;
    const bits = i32x4.bitmask(listed);
    for (let lane: i32 = 0; lane < 4; lane++) {
      if (!(bits & (1 << lane))) continue;
      store<i32>(list + ((<usize>found) << 2), i + lane);
      found += 1;
    }
  }
  for (let i = n4; i < nRows; i++) {
    if (found + 1 > limit) return -1;
    store<i32>(list + ((<usize>found) << 2), i);
    found += 1;
  }
  return found;
}

/**
 * Puts listed rows on the side where they are: row i's residual is clip(yᵢ, ±clip) − shift − prediction, prediction[k]
 * belonging to list[k]. `list` is cut down to the rows that changed, and for each of them weights gets +1 where it is
 * now within the threshold and −1 where it was, signs the change of its side; both float64. Returns their count.
 */
export function changeSides(
  list: usize,
  count: i32,
  prediction: usize,
  y: usize,
  clip: f64,
  shift: f64,
  threshold: f64,
  side: usize,
  weights: usize,
  signs: usize,
): i32 {
  let changed: i32 = 0;
  for (let k: i32 = 0; k < count; k++) {
    const row = <usize>load<i32>(list + ((<usize>k) << 2));
    const t = min(max(<f64>load<f32>(y + (row << 2)), -clip), clip) - shift;
    const r = t - load<f64>(prediction + ((<usize>k) << 3));
    const now: i32 = r > threshold ? 1 : r < -threshold ? -1 : 0;
    const then = <i32>load<i8>(side + row);
    if (now == then) continue;
    store<i8>(side + row, <i8>now);
    store<i32>(list + ((<usize>changed) << 2), <i32>row);
    store<f64>(weights + ((<usize>changed) << 3), <f64>((now == 0 ? 1 : 0) - (then == 0 ? 1 : 0)));
    store<f64>(signs + ((<usize>changed) << 3), <f64>(now - then));
    changed += 1;
  }
  return changed;
}
