/**
 * Lists the rows whose side of the Huber threshold may differ from the recorded one.
 *
 * prediction holds what a row is predicted without the intercept, off by leverageᵢ·distance at the most (see
 * `PredictionSpan`), so where | |clip(yᵢ, ±clip) − offset − predictionᵢ| − threshold | exceeds that, the row's side is
 * known without touching its features; it is listed only if that side is not the recorded one. `slack` covers rounding
 * of the rest.
 *
 * prediction, y, leverage: float32 (nRows); side: int8 (nRows), −1 / 0 / +1 for below, within, above.
 * Writes row numbers (int32) to `list` and returns their count; `open` (int32) gets how many of them are not known.
 */
export function screenRows(
  prediction: usize,
  y: usize,
  clip: f32,
  offset: f32,
  leverage: usize,
  side: usize,
  nRows: i32,
  threshold: f32,
  distance: f32,
  slack: f32,
  list: usize,
  open: usize,
): i32 {
  const t4 = f32x4.splat(threshold);
  const below = f32x4.splat(-threshold);
  const d4 = f32x4.splat(distance);
  const s4 = f32x4.splat(slack);
  const o4 = f32x4.splat(offset);
  const hi = f32x4.splat(clip);
  const lo = f32x4.splat(-clip);
  const n4 = nRows & ~3;
  let found: i32 = 0;
  let unknown: i32 = 0;
  for (let i: i32 = 0; i < n4; i += 4) {
    const at = (<usize>i) << 2;
    const target = f32x4.pmin(f32x4.pmax(v128.load(y + at), lo), hi);
    const r = f32x4.sub(f32x4.sub(target, o4), v128.load(prediction + at));
    const reach = f32x4.add(f32x4.mul(v128.load(leverage + at), d4), s4);
    // Not `le`: what is not a number is not known either.
    const unsure = v128.not(f32x4.gt(f32x4.abs(f32x4.sub(f32x4.abs(r), t4)), reach));
    // −1 / 0 / +1 as int32 lanes: (r < −t) gives −1, (r > t) negated gives +1.
    const now = i32x4.sub(f32x4.lt(r, below), f32x4.gt(r, t4));
    const then = i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(side + <usize>i)));
    const listed = v128.or(unsure, i32x4.ne(now, then));
    if (!v128.any_true(listed)) continue;
    unknown += popcnt<i32>(i32x4.bitmask(unsure));
    found = listLanes(i32x4.bitmask(listed), i, list, found);
  }
  store<i32>(open, unknown);
  return listRest(n4, nRows, list, found);
}

/** Appends the rows first + lane of the lanes in `bits`. */
// @ts-ignore: decorator
@inline
export function listLanes(bits: i32, first: i32, list: usize, found: i32): i32 {
  let left = bits;
  while (left != 0) {
    store<i32>(list + ((<usize>found) << 2), first + ctz<i32>(left));
    found += 1;
    left &= left - 1;
  }
  return found;
}

/** The last rows, fewer than a register holds, are always listed. */
// @ts-ignore: decorator
@inline
export function listRest(first: i32, nRows: i32, list: usize, found: i32): i32 {
  for (let i = first; i < nRows; i++) {
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
    const r = residualOf(row, k, prediction, y, clip, shift);
    const now = sideOf(r, threshold);
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

/**
 * Corrects a Huber certificate that was taken from sums in which rows stand as `side` says, for the listed rows that
 * stand elsewhere at the certificate's point. Nothing is moved.
 *   products (dims) += xᵢ·(ψ now − ψ then), ψ being r·inverseScale within the threshold and ±epsilon beyond it
 *   sums [Σ r² within, Σ |r| beyond, count beyond] likewise
 * prediction, as in `changeSides`, belongs to the list. Returns the number of rows that stand elsewhere.
 */
export function correctCertificate(
  x: usize,
  stride: i32,
  dims: i32,
  list: usize,
  count: i32,
  prediction: usize,
  y: usize,
  clip: f64,
  shift: f64,
  threshold: f64,
  inverseScale: f64,
  epsilon: f64,
  side: usize,
  products: usize,
  sums: usize,
): i32 {
  const step = (<usize>stride) << 2;
  let elsewhere: i32 = 0;
  let squares: f64 = 0;
  let absolutes: f64 = 0;
  let beyond: i32 = 0;
  for (let k: i32 = 0; k < count; k++) {
    const row = <usize>load<i32>(list + ((<usize>k) << 2));
    const r = residualOf(row, k, prediction, y, clip, shift);
    const now = sideOf(r, threshold);
    const then = <i32>load<i8>(side + row);
    if (now == then) continue;
    elsewhere += 1;
    const within = r * inverseScale;
    const change = (now == 0 ? within : epsilon * <f64>now) - (then == 0 ? within : epsilon * <f64>then);
    const c = f64x2.splat(change);
    const from = x + row * step;
    for (let j: usize = 0; j < <usize>dims; j += 4) {
      const four = v128.load(from + (j << 2));
      const high = v128.shuffle<i32>(four, four, 2, 3, 2, 3);
      const to = products + (j << 3);
      v128.store(to, f64x2.add(v128.load(to), f64x2.mul(c, f64x2.promote_low_f32x4(four))));
      v128.store(to, f64x2.add(v128.load(to, 16), f64x2.mul(c, f64x2.promote_low_f32x4(high))), 16);
    }
    squares += r * r * <f64>((now == 0 ? 1 : 0) - (then == 0 ? 1 : 0));
    absolutes += r * <f64>(now - then);
    beyond += (now == 0 ? 0 : 1) - (then == 0 ? 0 : 1);
  }
  store<f64>(sums, load<f64>(sums) + squares);
  store<f64>(sums, load<f64>(sums, 8) + absolutes, 8);
  store<f64>(sums, load<f64>(sums, 16) + <f64>beyond, 16);
  return elsewhere;
}

// @ts-ignore: decorator
@inline
function residualOf(row: usize, k: i32, prediction: usize, y: usize, clip: f64, shift: f64): f64 {
  const target = min(max(<f64>load<f32>(y + (row << 2)), -clip), clip) - shift;
  return target - load<f64>(prediction + ((<usize>k) << 3));
}

// @ts-ignore: decorator
@inline
function sideOf(r: f64, threshold: f64): i32 {
  return r > threshold ? 1 : r < -threshold ? -1 : 0;
}
