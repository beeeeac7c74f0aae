import { rowDot } from './rows';

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
 * and |yᵢ ∓ clip| over the others. state: int8 (nRows). radius: float32 (nRows), how far the coefficients may move in
 * the metric of `leverage` before the row's state can change. y, leverage: float32 (nRows); day: int32 (nRows);
 * coef (dims): float64.
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
  leverage: usize,
  state: usize,
  radius: usize,
  signed: usize,
  constant: usize,
): void {
  const step = (<usize>stride) << 2;
  for (let i: i32 = 0; i < nRows; i++) {
    const row = x + <usize>i * step;
    const p = rowDot(row, coef, dims);
    const yi = <f64>load<f32>(y + ((<usize>i) << 2));
    const now = stateOf(yi, p, clip);
    const d = <usize>load<i32>(day + ((<usize>i) << 2));
    const cell = constant + (d << 3);
    const toClip = Math.abs(clip - Math.abs(p));
    let margin = toClip;
    if (now == 1 || now == -1) {
      margin = min(toClip, Math.abs(yi - p));
      const sign: f64 = <f64>now;
      store<f64>(cell, load<f64>(cell) + sign * yi);
      const s = f64x2.splat(sign);
      let to = signed + ((d * <usize>dims) << 3);
      for (let j: usize = 0; j < <usize>dims; j += 4) {
        const four = v128.load(row + (j << 2));
        const high = v128.shuffle<i32>(four, four, 2, 3, 2, 3);
        v128.store(to, f64x2.add(v128.load(to), f64x2.mul(s, f64x2.promote_low_f32x4(four))));
        v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(s, f64x2.promote_low_f32x4(high))), 16);
        to += 32;
      }
    } else store<f64>(cell, load<f64>(cell) + lossIn(now, yi, p, clip));
    store<i8>(state + <usize>i, <i8>now);
    // Rounding of the prediction is 1e-12 of what it adds up; leverages are float32 and computed with rounding.
    const slack = 1e-9 * (Math.abs(yi) + Math.abs(p));
    const reach = <f64>load<f32>(leverage + ((<usize>i) << 2)) * 1.001;
    // Where the leverage is unknown, no distance is short enough.
    const safe: f64 = reach < 1e29 ? ((margin - slack) * 0.999999) / reach : -1;
    store<f32>(radius + ((<usize>i) << 2), <f32>safe);
  }
}

/**
 * Corrects losses (nDays, float64) that were taken from a reference's sums for the rows whose state is another one at
 * `coef`. A row whose radius is above `distance` is known to stand as it did and is not read; that changes what is read,
 * never the outcome. Returns how many rows were read.
 */
export function correctLosses(
  x: usize,
  stride: i32,
  nRows: i32,
  dims: i32,
  y: usize,
  day: usize,
  coef: usize,
  clip: f64,
  state: usize,
  radius: usize,
  distance: f32,
  losses: usize,
): i32 {
  const step = (<usize>stride) << 2;
  const far = f32x4.splat(distance);
  const n4 = nRows & ~3;
  let read: i32 = 0;
  for (let i: i32 = 0; i < nRows; i++) {
    const at = (<usize>i) << 2;
    if (i < n4 && (i & 3) == 0 && i32x4.all_true(f32x4.gt(v128.load(radius + at), far))) {
      i += 3;
      continue;
    }
    if (load<f32>(radius + at) > distance) continue;
    read += 1;
    const p = rowDot(x + <usize>i * step, coef, dims);
    const yi = <f64>load<f32>(y + at);
    const then = <i32>load<i8>(state + <usize>i);
    const now = stateOf(yi, p, clip);
    if (now == then) continue;
    const cell = losses + ((<usize>load<i32>(day + at)) << 3);
    store<f64>(cell, load<f64>(cell) + (lossIn(now, yi, p, clip) - lossIn(then, yi, p, clip)));
  }
  return read;
}
