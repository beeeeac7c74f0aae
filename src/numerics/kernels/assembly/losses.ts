import { BLOCK_ROWS } from './block';
import { transposedVector } from './gram';
import { rowDots } from './rows';
import { listLanes, listRest } from './screen';

// Where a row stands for its loss |y − clip(p, ±clip)|: −1 and +1 below and above its prediction p, which lies within the
// clip, −2 and +2 with p below and above it. While a row's state stands, its loss is linear in the coefficients.

// @ts-ignore: decorator
@inline
function stateOf(y: f64, p: f64, clip: f64): i32 {
  if (p > clip) return 2;
  if (p < -clip) return -2;
  return y < p ? -1 : 1;
}

// @ts-ignore: decorator
@inline
function lossIn(state: i32, y: f64, p: f64, clip: f64): f64 {
  if (state == 1) return y - p;
  if (state == -1) return p - y;
  return state == 2 ? Math.abs(y - clip) : Math.abs(y + clip);
}

/**
 * Takes the rows' states at a reference model, and the sums that give the losses of every model in which they stand as
 * here: the loss of day d is constant[d] − signed[d]·w.
 *
 * signed (nDays × dims), constant (nDays), zeroed by the caller: Σ ±xᵢ over the rows within the clip; Σ ±yᵢ over them
 * and |yᵢ ∓ clip| over the others. state: int8 (nRows). y: float32 (nRows); day: int32 (nRows); coef (dims): float64.
 * scratch: 2·BLOCK_ROWS float64.
 */
export function takeLossReference(
  x: usize,
  stride: i32,
  nRows: i32,
  dims: i32,
  y: usize,
  day: usize,
  coef: usize,
  clip: f64,
  state: usize,
  signed: usize,
  constant: usize,
  scratch: usize,
): void {
  const step = (<usize>stride) << 2;
  const signs = scratch + ((<usize>BLOCK_ROWS) << 3);
  for (let start: i32 = 0; start < nRows; start += BLOCK_ROWS) {
    const count = min(BLOCK_ROWS, nRows - start);
    const rows = x + <usize>start * step;
    rowDots(rows, stride, count, dims, coef, scratch);
    for (let i: i32 = 0; i < count; i++) {
      const row = <usize>(start + i);
      const p = load<f64>(scratch + ((<usize>i) << 3));
      const yi = <f64>load<f32>(y + (row << 2));
      const now = stateOf(yi, p, clip);
      const sign: f64 = now == 1 || now == -1 ? <f64>now : 0;
      const cell = constant + ((<usize>load<i32>(day + (row << 2))) << 3);
      store<f64>(cell, load<f64>(cell) + (sign == 0 ? lossIn(now, yi, p, clip) : sign * yi));
      store<f64>(signs + ((<usize>i) << 3), sign);
      store<i8>(state + row, <i8>now);
    }
    // Rows of one day mostly stand together, and four of them take a day's sums in and out of memory once.
    let first: i32 = 0;
    while (first < count) {
      const today = load<i32>(day + ((<usize>(start + first)) << 2));
      let end = first + 1;
      while (end < count && load<i32>(day + ((<usize>(start + end)) << 2)) == today) end++;
      const into = signed + ((<usize>today * <usize>dims) << 3);
      transposedVector(rows + <usize>first * step, stride, end - first, dims, signs + ((<usize>first) << 3), into);
      first = end;
    }
  }
}

/**
 * Lists the rows whose state may not be the recorded one. prediction holds what a row is predicted without the
 * intercept, off by leverageᵢ·distance at the most, `intercept` what has to be added. Where that decides a row's state, it
 * is listed only if it stands elsewhere. prediction, y, leverage: float32 (nRows); state: int8 (nRows).
 * Writes row numbers to `list` and returns their count; `open` (int32) gets how many of them are not known.
 */
export function screenLosses(
  prediction: usize,
  intercept: f32,
  y: usize,
  leverage: usize,
  state: usize,
  nRows: i32,
  clip: f32,
  distance: f32,
  list: usize,
  open: usize,
): i32 {
  const i4 = f32x4.splat(intercept);
  const d4 = f32x4.splat(distance);
  const hi = f32x4.splat(clip);
  const lo = f32x4.splat(-clip);
  // Rounding of the target, the intercept and their sum, with room.
  const rounding = f32x4.splat(1e-6);
  const plain = f32x4.splat(1e-6 * Mathf.abs(intercept));
  const n4 = nRows & ~3;
  let found: i32 = 0;
  let unknown: i32 = 0;
  for (let i: i32 = 0; i < n4; i += 4) {
    const at = (<usize>i) << 2;
    const target = v128.load(y + at);
    const p = f32x4.add(v128.load(prediction + at), i4);
    const slack = f32x4.add(f32x4.mul(f32x4.add(f32x4.abs(target), f32x4.abs(p)), rounding), plain);
    const reach = f32x4.add(f32x4.mul(v128.load(leverage + at), d4), slack);
    const toTarget = f32x4.abs(f32x4.sub(target, p));
    const toClip = f32x4.abs(f32x4.sub(hi, f32x4.abs(p)));
    // Not `le`: what is not a number is not known either.
    const unsure = v128.not(v128.and(f32x4.gt(toTarget, reach), f32x4.gt(toClip, reach)));
    // ±1 by the side of the target, ±2 beyond the clip.
    const inside = v128.bitselect(i32x4.splat(-1), i32x4.splat(1), f32x4.lt(target, p));
    const above = v128.bitselect(i32x4.splat(2), inside, f32x4.gt(p, hi));
    const now = v128.bitselect(i32x4.splat(-2), above, f32x4.lt(p, lo));
    const then = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(state + <usize>i)));
    const listed = v128.or(unsure, i32x4.ne(now, then));
    if (!v128.any_true(listed)) continue;
    unknown += popcnt<i32>(i32x4.bitmask(unsure));
    found = listLanes(i32x4.bitmask(listed), i, list, found);
  }
  store<i32>(open, unknown);
  return listRest(n4, nRows, list, found);
}

/**
 * Corrects losses (nDays, float64) that were taken from a reference's sums for the listed rows whose state is another one
 * at the model whose predictions (float64, belonging to the list) are given.
 */
export function correctLosses(
  list: usize,
  count: i32,
  prediction: usize,
  y: usize,
  day: usize,
  clip: f64,
  state: usize,
  losses: usize,
): void {
  for (let k: i32 = 0; k < count; k++) {
    const row = <usize>load<i32>(list + ((<usize>k) << 2));
    const p = load<f64>(prediction + ((<usize>k) << 3));
    const yi = <f64>load<f32>(y + (row << 2));
    const then = <i32>load<i8>(state + row);
    const now = stateOf(yi, p, clip);
    if (now == then) continue;
    const cell = losses + ((<usize>load<i32>(day + (row << 2))) << 3);
    store<f64>(cell, load<f64>(cell) + (lossIn(now, yi, p, clip) - lossIn(then, yi, p, clip)));
  }
}
