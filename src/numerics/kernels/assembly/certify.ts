import { addTransposedProduct, multiplyBlock, widenRows } from './block';
import { GROUPS } from './products';

/** Rows whose state part is multiplied at a time. */
const ROWS: i32 = 32;
/** Bytes of what `placeEntries` says of an entry. */
const PLACE: usize = 24;

/**
 * Certificate and fit-split losses of k fits in one float64 pass over grouped rows (k a multiple of 4; unused columns carry
 * zeros). For each row and fit c, with p = x·w_c, t = clip(y, ±clip_c) and r = t − p:
 *   gradient (packed × k) += x·clip(r·inverseScale_c, ±bound_c)
 *   sums (4 × k): [Σ r² over |r| ≤ threshold_c, Σ |r| over the rest, count of the rest, Σ |y − clip(p, ±clip_c)|]
 * Huber: bound ε, inverseScale 1/σ, threshold ε·σ. Least squares: bound and threshold ∞, inverseScale 1.
 * coef (packed × k), clip, inverseScale, bound, threshold (k): float64. scratch: float64, passScratch.
 */
export function certifyGroups(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, target: usize,
  coef: usize, k: i32, clip: usize, inverseScale: usize, bound: usize, threshold: usize,
  gradient: usize, sums: usize, scratch: usize,
): void {
  const ldk = <usize>k << 3;
  const block = scratch;
  const rowBlock = block + (<usize>(GROUPS * dm) << 3);
  const shared = rowBlock + (<usize>(ROWS * ds) << 3);
  const own = shared + <usize>GROUPS * ldk;
  const psi = own + <usize>ROWS * ldk;
  const places = psi + <usize>GROUPS * ldk;
  const stateCoef = coef + <usize>dm * ldk;
  const stateGradient = gradient + <usize>dm * ldk;
  const one = f64x2.splat(1);
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const count = min(GROUPS, nGroups - start);
    widenRows(market + (<usize>start * <usize>dm << 2), <usize>dm << 2, count, dm, block);
    multiplyBlock(block, coef, shared, (count + 3) & ~3, dm, k);
    memory.fill(psi, 0, <usize>GROUPS * ldk);
    let g: i32 = 0;
    const begin = ds > 0 ? load<i32>(first + (<usize>start << 2)) : start;
    const end = ds > 0 ? load<i32>(first + (<usize>(start + count) << 2)) : start + count;
    for (let entry = begin; entry < end; entry += ROWS) {
      const entries = min(ROWS, end - entry);
      if (ds > 0) {
        widenRows(state + (<usize>entry * <usize>ds << 2), <usize>ds << 2, entries, ds, rowBlock);
        multiplyBlock(rowBlock, stateCoef, own, (entries + 3) & ~3, ds, k);
      }
      g = placeEntries(first, start, g, entry, entries, ds, target, places);
      for (let c: usize = 0; c < ldk; c += 16) {
        const hi = v128.load(clip + c), lo = f64x2.neg(hi), limit = v128.load(threshold + c);
        const cap = v128.load(bound + c), floor = f64x2.neg(cap), inverse = v128.load(inverseScale + c);
        let squares = v128.load(sums + c), absolutes = v128.load(sums + ldk + c);
        let outside = v128.load(sums + 2 * ldk + c), losses = v128.load(sums + 3 * ldk + c);
        for (let i: usize = 0; i < <usize>entries; i++) {
          const place = places + i * PLACE;
          const at = <usize>load<i32>(place);
          const each = v128.load64_splat(place, 8), y = v128.load64_splat(place, 16);
          const ownAt = own + i * ldk + c, psiAt = psi + at * ldk + c;
          let p = v128.load(shared + at * ldk + c);
          if (ds > 0) p = f64x2.add(p, v128.load(ownAt));
          const r = f64x2.sub(f64x2.pmin(f64x2.pmax(y, lo), hi), p);
          const a = f64x2.abs(r);
          const inside = f64x2.le(a, limit);
          squares = f64x2.add(squares, v128.and(inside, f64x2.mul(each, f64x2.mul(r, r))));
          absolutes = f64x2.add(absolutes, v128.andnot(f64x2.mul(each, a), inside));
          outside = f64x2.add(outside, v128.andnot(each, inside));
          const loss = f64x2.abs(f64x2.sub(y, f64x2.pmin(f64x2.pmax(p, lo), hi)));
          losses = f64x2.add(losses, f64x2.mul(each, loss));
          const v = f64x2.mul(each, f64x2.pmin(f64x2.pmax(f64x2.mul(r, inverse), floor), cap));
          if (ds > 0) v128.store(ownAt, v);
          v128.store(psiAt, f64x2.add(v128.load(psiAt), v));
        }
        v128.store(sums + c, squares); v128.store(sums + ldk + c, absolutes);
        v128.store(sums + 2 * ldk + c, outside); v128.store(sums + 3 * ldk + c, losses);
      }
      if (ds > 0) addTransposedProduct(rowBlock, ds, own, k, entries, stateGradient, k, false);
    }
    addTransposedProduct(block, dm, psi, k, count, gradient, k, false);
  }
}

/**
 * Losses of k fits on a split, by day: losses[day·k + c] += Σ |y − clip(x·w_c, ±clip_c)| over the day's rows.
 * day: int32 by group; losses: float64 (nDays × k). The rest as in `certifyGroups`.
 */
export function evaluateGroups(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, target: usize, day: usize,
  coef: usize, k: i32, clip: usize, losses: usize, scratch: usize,
): void {
  const ldk = <usize>k << 3;
  const block = scratch;
  const rowBlock = block + (<usize>(GROUPS * dm) << 3);
  const shared = rowBlock + (<usize>(ROWS * ds) << 3);
  const own = shared + <usize>GROUPS * ldk;
  const places = own + <usize>ROWS * ldk;
  const stateCoef = coef + <usize>dm * ldk;
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const count = min(GROUPS, nGroups - start);
    widenRows(market + (<usize>start * <usize>dm << 2), <usize>dm << 2, count, dm, block);
    multiplyBlock(block, coef, shared, (count + 3) & ~3, dm, k);
    let g: i32 = 0;
    const begin = ds > 0 ? load<i32>(first + (<usize>start << 2)) : start;
    const end = ds > 0 ? load<i32>(first + (<usize>(start + count) << 2)) : start + count;
    for (let entry = begin; entry < end; entry += ROWS) {
      const entries = min(ROWS, end - entry);
      if (ds > 0) {
        widenRows(state + (<usize>entry * <usize>ds << 2), <usize>ds << 2, entries, ds, rowBlock);
        multiplyBlock(rowBlock, stateCoef, own, (entries + 3) & ~3, ds, k);
      }
      g = placeEntries(first, start, g, entry, entries, ds, target, places);
      // Rows of one day mostly stand together, so that a sum stays in its register over a whole run of them.
      let from: i32 = 0;
      while (from < entries) {
        const today = load<i32>(day + (<usize>(start + load<i32>(places + <usize>from * PLACE)) << 2));
        let to = from + 1;
        while (to < entries && load<i32>(day + (<usize>(start + load<i32>(places + <usize>to * PLACE)) << 2)) == today) to++;
        const into = losses + <usize>today * ldk;
        for (let c: usize = 0; c < ldk; c += 16) {
          const hi = v128.load(clip + c), lo = f64x2.neg(hi);
          let sum = v128.load(into + c);
          for (let i: usize = <usize>from; i < <usize>to; i++) {
            const place = places + i * PLACE;
            const at = <usize>load<i32>(place);
            const y = v128.load64_splat(place, 16);
            let p = v128.load(shared + at * ldk + c);
            if (ds > 0) p = f64x2.add(p, v128.load(own + i * ldk + c));
            const loss = f64x2.abs(f64x2.sub(y, f64x2.pmin(f64x2.pmax(p, lo), hi)));
            sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(place, 8), loss));
          }
          v128.store(into + c, sum);
        }
        from = to;
      }
    }
  }
}

/**
 * What is to be known of each of `entries` entries, PLACE bytes each: its group, counted from `start` (int32), how many rows
 * it stands for and its target (float64, at 8 and 16).
 *
 * @param g the group to look from; returns the last one found
 */
// @ts-ignore: decorator
@inline
function placeEntries(
  first: usize, start: i32, g: i32, entry: i32, entries: i32, ds: i32, target: usize, places: usize,
): i32 {
  let group = g;
  for (let i: i32 = 0; i < entries; i++) {
    let weight: f64 = 1;
    if (ds == 0) {
      group = entry + i - start;
      const at = first + (<usize>(entry + i) << 2);
      weight = <f64>(load<i32>(at, 4) - load<i32>(at));
    } else while (load<i32>(first + (<usize>(start + group) << 2), 4) <= entry + i) group += 1;
    const place = places + <usize>i * PLACE;
    store<i32>(place, group);
    store<f64>(place, weight, 8);
    store<f64>(place, <f64>load<f32>(target + (<usize>(start + group) << 2)), 16);
  }
  return group;
}
