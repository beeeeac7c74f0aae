import { addTransposedProduct, widenRow } from './block';
import { GROUPS } from './products';
import { addRow } from './rows';

// Gram matrices of grouped rows. A group's market part enters once, with the sum of its rows' weights; its products with
// the state part are those with the weighted sum of the state rows. Three blocks are added up (market × market, state ×
// market, state × state), each over packed columns, and then put where a model's coefficients stand: intercept and market
// features, state features.

/** Float64 values of scratch for `wide` market columns and `ds` state columns. */
// @ts-ignore: decorator
@inline
function blocksLength(wide: i32, ds: i32): i32 {
  return wide * wide + ds * wide + ds * ds + wide + ds;
}

/**
 * G (lower triangle, row stride ldg) += Σ weightₑ·xₑ·xₑᵀ over all entries, in the order of coefficients. weights: float64 by
 * entry, or 0 for all ones; a group that is an entry counts as often as it has rows.
 * scratch: float64, GROUPS·(2·dm + 3·ds) and blocksLength(dm, ds).
 */
export function groupGram(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, nMarket: i32, nState: i32,
  weights: usize, g: usize, ldg: i32, scratch: usize,
): void {
  const block = scratch;
  const weighted = block + (<usize>(GROUPS * dm) << 3);
  const sums = weighted + (<usize>(GROUPS * dm) << 3);
  const rows = sums + (<usize>(GROUPS * ds) << 3);
  const scaled = rows + (<usize>(GROUPS * ds) << 3);
  const mm = scaled + (<usize>(GROUPS * ds) << 3);
  const sm = mm + (<usize>(dm * dm) << 3);
  const ss = sm + (<usize>(ds * dm) << 3);
  memory.fill(mm, 0, <usize>blocksLength(dm, ds) << 3);
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const count = min(GROUPS, nGroups - start);
    let held: i32 = 0;
    for (let b: i32 = 0; b < count; b++) {
      const at = first + (<usize>(start + b) << 2);
      const begin = load<i32>(at), end = load<i32>(at, 4);
      const target = block + (<usize>(b * dm) << 3);
      widenRow(market + <usize>(start + b) * (<usize>dm << 2), dm, target);
      const sum = sums + (<usize>(b * ds) << 3);
      memory.fill(sum, 0, <usize>ds << 3);
      let weight: f64 = 0;
      if (ds == 0) weight = <f64>(end - begin) * (weights ? load<f64>(weights + (<usize>(start + b) << 3)) : 1);
      else {
        for (let i = begin; i < end; i++) {
          const w: f64 = weights ? load<f64>(weights + (<usize>i << 3)) : 1;
          const row = rows + (<usize>(held * ds) << 3), scaledRow = scaled + (<usize>(held * ds) << 3);
          widenRow(state + <usize>i * (<usize>ds << 2), ds, row);
          scaleInto(row, w, scaledRow, ds);
          addInto(scaledRow, sum, ds);
          weight += w;
          held += 1;
          if (held == GROUPS) {
            addTransposedProduct(rows, ds, scaled, ds, held, ss, ds, true);
            held = 0;
          }
        }
      }
      scaleInto(target, weight, weighted + (<usize>(b * dm) << 3), dm);
    }
    if (held > 0) addTransposedProduct(rows, ds, scaled, ds, held, ss, ds, true);
    addTransposedProduct(block, dm, weighted, dm, count, mm, dm, true);
    if (ds > 0) addTransposedProduct(sums, ds, block, dm, count, sm, dm, false);
  }
  addBlocks(mm, sm, ss, dm, ds, nMarket, nState, g, ldg);
}

/** Float64 values of one partition's sums: gram (size × size), signed (size), the number of outliers and room. */
// @ts-ignore: decorator
@inline
function signedAt(size: i32): usize {
  return <usize>(size * size) << 3;
}

/**
 * Brings a partition's sums up to date with `count` entries that changed sign. With a = [x, t], t the target clipped to
 * ±clip less shift, standing behind the coefficients:
 *   gram += Σ w·a·aᵀ,  signed += Σ s·a,  outliers −= Σ w,
 * w being +1 where the entry is within the threshold now, −1 where it was, s the change of its sign, both as often as the
 * entry has rows.
 * list: int32 pairs (group, entry), ascending; codes: int8, (now + 1)·4 + then + 1. sums: gram (size × size, lower
 * triangle), signed (size), outliers (1), float64. scratch: float64, GROUPS·(2·wide + 3·ds) and blocksLength(wide, ds),
 * wide = nMarket + 2 rounded up to a multiple of 4.
 */
export function updateSums(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nMarket: i32, nState: i32, target: usize,
  clip: f64, shift: f64, list: usize, codes: usize, count: i32, sums: usize, size: i32, scratch: usize,
): void {
  const wide = (nMarket + 5) & ~3;
  const yAt = <usize>(nMarket + 1) << 3;
  const block = scratch;
  const weighted = block + (<usize>(GROUPS * wide) << 3);
  const stateSums = weighted + (<usize>(GROUPS * wide) << 3);
  const rows = stateSums + (<usize>(GROUPS * ds) << 3);
  const scaled = rows + (<usize>(GROUPS * ds) << 3);
  const mm = scaled + (<usize>(GROUPS * ds) << 3);
  const sm = mm + (<usize>(wide * wide) << 3);
  const ss = sm + (<usize>(ds * wide) << 3);
  const um = ss + (<usize>(ds * ds) << 3);
  const us = um + (<usize>wide << 3);
  memory.fill(mm, 0, <usize>blocksLength(wide, ds) << 3);
  let held: i32 = 0, groups: i32 = 0, k: i32 = 0;
  let outliers: f64 = 0;
  while (k < count) {
    const g = load<i32>(list + (<usize>k << 3));
    const a = block + (<usize>(groups * wide) << 3);
    widenRow(market + <usize>g * (<usize>dm << 2), dm, a);
    if (wide > dm) memory.fill(a + (<usize>dm << 3), 0, <usize>(wide - dm) << 3);
    store<f64>(a + yAt, min(max(<f64>load<f32>(target + (<usize>g << 2)), -clip), clip) - shift);
    const each: f64 = ds > 0 ? 1 : <f64>(load<i32>(first + (<usize>g << 2), 4) - load<i32>(first + (<usize>g << 2)));
    const sum = stateSums + (<usize>(groups * ds) << 3);
    memory.fill(sum, 0, <usize>ds << 3);
    let weight: f64 = 0, sign: f64 = 0;
    for (; k < count && load<i32>(list + (<usize>k << 3)) == g; k++) {
      const code = <i32>load<i8>(codes + <usize>k);
      const now = (code >> 2) - 1, then = (code & 3) - 1;
      const w = each * <f64>((now == 0 ? 1 : 0) - (then == 0 ? 1 : 0)), s = each * <f64>(now - then);
      weight += w;
      sign += s;
      if (ds == 0) continue;
      const row = rows + (<usize>(held * ds) << 3), scaledRow = scaled + (<usize>(held * ds) << 3);
      widenRow(state + <usize>load<i32>(list + (<usize>k << 3), 4) * (<usize>ds << 2), ds, row);
      scaleInto(row, w, scaledRow, ds);
      addInto(scaledRow, sum, ds);
      addScaled(row, s, us, ds);
      held += 1;
      if (held == GROUPS) {
        addTransposedProduct(rows, ds, scaled, ds, held, ss, ds, true);
        held = 0;
      }
    }
    outliers -= weight;
    scaleInto(a, weight, weighted + (<usize>(groups * wide) << 3), wide);
    addScaled(a, sign, um, wide);
    groups += 1;
    if (groups == GROUPS || k == count) {
      addTransposedProduct(block, wide, weighted, wide, groups, mm, wide, true);
      if (ds > 0) addTransposedProduct(stateSums, ds, block, wide, groups, sm, wide, false);
      groups = 0;
    }
  }
  if (held > 0) addTransposedProduct(rows, ds, scaled, ds, held, ss, ds, true);
  addBlocks(mm, sm, ss, wide, ds, nMarket, nState, sums, size);
  // The target's row stands behind the coefficients'.
  const nCoef = 1 + nMarket + nState;
  const yRow = sums + (<usize>(nCoef * size) << 3);
  const yMarket = mm + (<usize>((nMarket + 1) * wide) << 3);
  addInto8(yMarket, yRow, nMarket + 1);
  for (let i: i32 = 0; i < nState; i++) addTo(yRow + (<usize>(nMarket + 1 + i) << 3), load<f64>(sm + (<usize>(i * wide) << 3) + yAt));
  addTo(yRow + (<usize>nCoef << 3), load<f64>(yMarket + yAt));
  const signed = sums + signedAt(size);
  addInto8(um, signed, nMarket + 1);
  addInto8(us, signed + (<usize>(nMarket + 1) << 3), nState);
  addTo(signed + (<usize>nCoef << 3), load<f64>(um + yAt));
  addTo(signed + (<usize>size << 3), outliers);
}

/**
 * The sums of a partition whose entries stay where they are, for targets that are clipped to ±to instead of ±from: only
 * entries beyond the nearer clip have another target. signs: int8 by entry. sums as in `updateSums`; shift is the same.
 */
export function changeClip(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, nMarket: i32, nState: i32, target: usize,
  from: f64, to: f64, shift: f64, signs: usize, sums: usize, size: i32, scratch: usize,
): void {
  const nCoef = 1 + nMarket + nState;
  const yRow = sums + (<usize>(nCoef * size) << 3);
  const signedTarget = sums + signedAt(size) + (<usize>nCoef << 3);
  const marketSum = scratch;
  const stateSum = marketSum + (<usize>dm << 3);
  memory.fill(scratch, 0, <usize>(dm + ds) << 3);
  for (let g: i32 = 0; g < nGroups; g++) {
    const y = <f64>load<f32>(target + (<usize>g << 2));
    const was = min(max(y, -from), from) - shift, is = min(max(y, -to), to) - shift;
    if (was == is) continue;
    const begin = load<i32>(first + (<usize>g << 2)), end = load<i32>(first + (<usize>g << 2), 4);
    const change = is - was;
    let within: f64 = 0, sign: f64 = 0;
    if (ds == 0) {
      const stands = <f64>load<i8>(signs + <usize>g);
      sign = stands * <f64>(end - begin);
      if (stands == 0) within = <f64>(end - begin);
    } else {
      for (let i = begin; i < end; i++) {
        const stands = load<i8>(signs + <usize>i);
        sign += <f64>stands;
        if (stands != 0) continue;
        within += 1;
        addRow(state + <usize>i * (<usize>ds << 2), ds, change, stateSum);
      }
    }
    addTo(signedTarget, change * sign);
    if (within == 0) continue;
    addRow(market + <usize>g * (<usize>dm << 2), dm, change * within, marketSum);
    addTo(yRow + (<usize>nCoef << 3), within * (is * is - was * was));
  }
  addInto8(marketSum, yRow, nMarket + 1);
  addInto8(stateSum, yRow + (<usize>(nMarket + 1) << 3), nState);
}

/** Blocks over packed columns into the lower triangle of g, in the order of coefficients. */
// @ts-ignore: decorator
@inline
function addBlocks(
  mm: usize, sm: usize, ss: usize, wide: i32, ds: i32, nMarket: i32, nState: i32, g: usize, ldg: i32,
): void {
  for (let i: i32 = 0; i <= nMarket; i++) addInto8(mm + (<usize>(i * wide) << 3), g + (<usize>(i * ldg) << 3), i + 1);
  for (let i: i32 = 0; i < nState; i++) {
    const row = g + (<usize>((nMarket + 1 + i) * ldg) << 3);
    addInto8(sm + (<usize>(i * wide) << 3), row, nMarket + 1);
    addInto8(ss + (<usize>(i * ds) << 3), row + (<usize>(nMarket + 1) << 3), i + 1);
  }
}

/** to[j] += from[j] for any count of float64. */
// @ts-ignore: decorator
@inline
function addInto8(from: usize, to: usize, count: i32): void {
  for (let j: usize = 0; j < <usize>count << 3; j += 8) store<f64>(to + j, load<f64>(to + j) + load<f64>(from + j));
}

// @ts-ignore: decorator
@inline
function addTo(to: usize, value: f64): void {
  store<f64>(to, load<f64>(to) + value);
}

/** to ← from·scale, dims (even) float64. */
// @ts-ignore: decorator
@inline
function scaleInto(from: usize, scale: f64, to: usize, dims: i32): void {
  const s = f64x2.splat(scale);
  for (let j: usize = 0; j < <usize>dims << 3; j += 16) v128.store(to + j, f64x2.mul(v128.load(from + j), s));
}

// @ts-ignore: decorator
@inline
function addInto(from: usize, to: usize, dims: i32): void {
  for (let j: usize = 0; j < <usize>dims << 3; j += 16) v128.store(to + j, f64x2.add(v128.load(to + j), v128.load(from + j)));
}

// @ts-ignore: decorator
@inline
function addScaled(from: usize, scale: f64, to: usize, dims: i32): void {
  const s = f64x2.splat(scale);
  for (let j: usize = 0; j < <usize>dims << 3; j += 16) {
    v128.store(to + j, f64x2.add(v128.load(to + j), f64x2.mul(v128.load(from + j), s)));
  }
}
