import { updateSums } from './gram';
import { GROUPS } from './products';
import { rowDot } from './rows';

// Sixteen fits move at once: one float32 pass says where each entry stands for each of them as far as float32 can be sure,
// float64 decides the rest, and the entries that changed enter the sums of their fit. A lane is one fit of the pass; what a
// lane gets depends on nothing but its own point.

/** Fits of one pass. */
export const LANES: i32 = 16;
/** Changed entries that a lane collects before they enter its sums; where they are cut depends on the lane alone. */
export const LISTED: i32 = 1024;

/** Bytes of one lane's values in a row of float32 products. */
const LINE: usize = 64;
/** Entries that are classified at a time. */
const CHUNK: i32 = 16;

/**
 * Moves up to LANES partitions to their points: signs[e] of each becomes −1, 0 or +1 as entry e lies below, within or above
 * ±threshold of its prediction, and its sums follow (`updateSums`).
 *
 * lanes: number of them. partition (LANES): int32, which partition a lane moves. signs: int8, signsLength a partition.
 * sums: float64, sumsLength a partition, as in `updateSums`. coef32: float32, packed × LANES, lanes side by side. coef64:
 * float64, LANES × packed. norms: float32 by block, from `groupBlockNorms`.
 * bounds: float32 (5 × LANES): clip, shift, threshold, reach of float32's error per length of a row, reach beside.
 * exact: float64 (3 × LANES): clip, shift, threshold. changed (LANES): int32, gets the entries that changed.
 * lists: int32, LANES × LISTED × 2; codes: int8, LANES × LISTED. scratch: float64, movesScratch.
 * Returns the number of entries that float64 was asked about.
 *
 * The bound. With u = 2⁻²⁴, D packed columns, ‖x‖ ≤ norm and t the shifted, clipped target, the float32 residual is off by
 *   coefficients rounded, D products and sums: 1.02·(D + 6)·u·‖x‖·‖w‖;   target, clip and shift: 4.1·u·(|t| + |shift|),
 * and |t| ≤ |r| + |shift| + ‖x‖·‖w‖, so that it is off by at most 4.1·u·|r| + 8.2·u·|shift| + 1.02·(D + 11)·u·‖x‖·‖w‖. A row
 * whose float32 residual is further than that and 8·u·threshold from ±threshold stands where float32 says. The caller
 * gives reach = norm·bounds[3] + bounds[4] accordingly (`solvers/huber/lockstep.ts`), ∞ where float32 would overflow.
 */
export function moveGroups(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, nMarket: i32, nState: i32, target: usize,
  norms: usize, lanes: i32, partition: usize, signs: usize, signsLength: i32, sums: usize, sumsLength: i32, size: i32,
  coef32: usize, coef64: usize, bounds: usize, exact: usize, changed: usize, lists: usize, codes: usize, scratch: usize,
): i32 {
  const base = scratch; // GROUPS × LANES float32: target − shift − market part
  const products = base + <usize>GROUPS * LINE; // CHUNK × LANES float32, or one row of zeros
  const groupOf = products + <usize>CHUNK * LINE; // CHUNK int32
  const counts = groupOf + <usize>CHUNK * 4; // LANES int32
  const work = counts + <usize>LANES * 4;
  const used = (<usize>lanes + 7 & ~7) << 2;
  const marketBytes = <usize>dm << 2;
  const stateBytes = <usize>ds << 2;
  const stateCoef = coef32 + <usize>dm * LINE;
  const packed = <usize>(dm + ds) << 3;
  let asked: i32 = 0;
  memory.fill(counts, 0, <usize>LANES << 2);
  memory.fill(products, 0, LINE);
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const count = min(GROUPS, nGroups - start);
    const norm = f32x4.splat(load<f32>(norms + (<usize>(start / GROUPS) << 2)));
    multiply32(market + <usize>start * marketBytes, marketBytes, count, dm, coef32, base, used);
    for (let i: usize = 0; i < <usize>count; i++) {
      const y = v128.load32_splat(target + ((<usize>start + i) << 2));
      for (let q: usize = 0; q < used; q += 16) {
        const clip = v128.load(bounds + q);
        const t = f32x4.sub(f32x4.pmin(f32x4.pmax(y, f32x4.neg(clip)), clip), v128.load(bounds + q, 64));
        v128.store(base + i * LINE + q, f32x4.sub(t, v128.load(base + i * LINE + q)));
      }
    }
    const begin = ds > 0 ? load<i32>(first + (<usize>start << 2)) : start;
    const end = ds > 0 ? load<i32>(first + (<usize>(start + count) << 2)) : start + count;
    let g = start;
    let until = ds > 0 ? load<i32>(first + (<usize>g << 2), 4) : g + 1;
    for (let entry = begin; entry < end; entry += CHUNK) {
      const entries = min(CHUNK, end - entry);
      if (ds > 0) multiply32(state + <usize>entry * stateBytes, stateBytes, entries, ds, stateCoef, products, used);
      for (let i: i32 = 0; i < entries; i++) {
        while (entry + i >= until) {
          g += 1;
          until = ds > 0 ? load<i32>(first + (<usize>g << 2), 4) : g + 1;
        }
        store<i32>(groupOf + (<usize>i << 2), g - start);
      }
      // Entries behind the last one read some group's values again; what is found for them is masked.
      for (let i = entries; i < CHUNK; i++) store<i32>(groupOf + (<usize>i << 2), g - start);
      const mask: i32 = entries < CHUNK ? (1 << entries) - 1 : 0xffff;
      const step: usize = ds > 0 ? LINE : 0;
      for (let q: usize = 0; q < <usize>lanes << 2; q += 16) {
        const reach = f32x4.add(f32x4.mul(norm, v128.load(bounds + q, 192)), v128.load(bounds + q, 256));
        const threshold = v128.load(bounds + q, 128);
        const at = base + q, own = products + q;
        const v0 = fourEntries(at, groupOf, own, step, threshold, reach);
        const v1 = fourEntries(at, groupOf + 16, own + 4 * step, step, threshold, reach);
        const v2 = fourEntries(at, groupOf + 32, own + 8 * step, step, threshold, reach);
        const v3 = fourEntries(at, groupOf + 48, own + 12 * step, step, threshold, reach);
        // Each vᵢ holds four entries of lane 0, four of lane 1, …: turned, one register a lane, sixteen entries each.
        const low01 = v128.shuffle<i32>(v0, v1, 0, 4, 1, 5), low23 = v128.shuffle<i32>(v2, v3, 0, 4, 1, 5);
        const high01 = v128.shuffle<i32>(v0, v1, 2, 6, 3, 7), high23 = v128.shuffle<i32>(v2, v3, 2, 6, 3, 7);
        const lane = <i32>(q >> 2);
        for (let l: i32 = 0; l < 4 && lane + l < lanes; l++) {
          const now = l == 0 ? v128.shuffle<i64>(low01, low23, 0, 2)
            : l == 1 ? v128.shuffle<i64>(low01, low23, 1, 3)
            : l == 2 ? v128.shuffle<i64>(high01, high23, 0, 2)
            : v128.shuffle<i64>(high01, high23, 1, 3);
          const c = lane + l;
          const which = <usize>load<i32>(partition + (<usize>c << 2));
          const sign = signs + which * <usize>signsLength + <usize>entry;
          let bits = i8x16.bitmask(i8x16.ne(v128.load(sign), now)) & mask;
          while (bits != 0) {
            const i = ctz(bits);
            bits &= bits - 1;
            asked += 1;
            const group = start + load<i32>(groupOf + (<usize>i << 2));
            const w = coef64 + <usize>c * packed;
            let prediction = rowDot(market + <usize>group * marketBytes, w, dm);
            if (ds > 0) prediction += rowDot(state + <usize>(entry + i) * stateBytes, w + (<usize>dm << 3), ds);
            const exactly = exact + (<usize>c << 3);
            const clip = load<f64>(exactly), shift = load<f64>(exactly, 128), limit = load<f64>(exactly, 256);
            const r = min(max(<f64>load<f32>(target + (<usize>group << 2)), -clip), clip) - shift - prediction;
            const stands: i32 = r > limit ? 1 : r < -limit ? -1 : 0;
            const stood = <i32>load<i8>(sign + <usize>i);
            if (stands == stood) continue;
            store<i8>(sign + <usize>i, <i8>stands);
            const counter = counts + (<usize>c << 2);
            const n = load<i32>(counter);
            const list = lists + (<usize>(c * LISTED) << 3), code = codes + <usize>(c * LISTED);
            store<i32>(list + (<usize>n << 3), group);
            store<i32>(list + (<usize>n << 3), entry + i, 4);
            store<i8>(code + <usize>n, <i8>(((stands + 1) << 2) | (stood + 1)));
            store<i32>(counter, n + 1);
            store<i32>(changed + (<usize>c << 2), load<i32>(changed + (<usize>c << 2)) + 1);
            if (n + 1 < LISTED) continue;
            updateSums(
              market, dm, state, ds, first, nMarket, nState, target, clip, shift, list, code, LISTED,
              sums + ((which * <usize>sumsLength) << 3), size, work,
            );
            store<i32>(counter, 0);
          }
        }
      }
    }
  }
  for (let c: i32 = 0; c < lanes; c++) {
    const n = load<i32>(counts + (<usize>c << 2));
    if (n == 0) continue;
    const which = <usize>load<i32>(partition + (<usize>c << 2));
    const exactly = exact + (<usize>c << 3);
    updateSums(
      market, dm, state, ds, first, nMarket, nState, target, load<f64>(exactly), load<f64>(exactly, 128),
      lists + (<usize>(c * LISTED) << 3), codes + <usize>(c * LISTED), n,
      sums + ((which * <usize>sumsLength) << 3), size, work,
    );
  }
  return asked;
}

/**
 * Signs of four entries for four lanes, int8, lane by lane: −1, 0, +1, or 2 where float32 cannot tell.
 * base + LINE·group: what the group's target leaves after the market part; own + step·i: the state part's product.
 */
// @ts-ignore: decorator
@inline
function fourEntries(base: usize, groupOf: usize, own: usize, step: usize, threshold: v128, reach: v128): v128 {
  const s0 = signOf(base, groupOf, own, threshold, reach);
  const s1 = signOf(base, groupOf + 4, own + step, threshold, reach);
  const s2 = signOf(base, groupOf + 8, own + 2 * step, threshold, reach);
  const s3 = signOf(base, groupOf + 12, own + 3 * step, threshold, reach);
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(s0, s1), i16x8.narrow_i32x4_s(s2, s3));
  return v128.shuffle<i8>(bytes, bytes, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
}

// @ts-ignore: decorator
@inline
function signOf(base: usize, groupOf: usize, own: usize, threshold: v128, reach: v128): v128 {
  const r = f32x4.sub(v128.load(base + <usize>load<i32>(groupOf) * LINE), v128.load(own));
  const sure = f32x4.gt(f32x4.abs(f32x4.sub(f32x4.abs(r), threshold)), reach);
  const sign = i32x4.sub(f32x4.lt(r, f32x4.neg(threshold)), f32x4.gt(r, threshold));
  return v128.bitselect(sign, i32x4.splat(2), sure);
}

/** p (count × LANES float32) = X·W in float32, four rows by eight lanes at a time; `used` bytes of each row are made. */
// @ts-ignore: decorator
@inline
function multiply32(x: usize, step: usize, count: i32, dims: i32, w: usize, p: usize, used: usize): void {
  const length = <usize>dims << 2;
  const last = <usize>(count - 1);
  for (let i: usize = 0; i < <usize>count; i += 4) {
    // Rows behind the last one read it again.
    const r0 = x + i * step, r1 = x + min(i + 1, last) * step;
    const r2 = x + min(i + 2, last) * step, r3 = x + min(i + 3, last) * step;
    for (let c: usize = 0; c < used; c += 32) {
      let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
      let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
      let pw = w + c;
      for (let j: usize = 0; j < length; j += 4) {
        const w0 = v128.load(pw), w1 = v128.load(pw, 16);
        pw += LINE;
        const x0 = v128.load32_splat(r0 + j), x1 = v128.load32_splat(r1 + j);
        a0 = f32x4.add(a0, f32x4.mul(x0, w0)); a1 = f32x4.add(a1, f32x4.mul(x0, w1));
        b0 = f32x4.add(b0, f32x4.mul(x1, w0)); b1 = f32x4.add(b1, f32x4.mul(x1, w1));
        const x2 = v128.load32_splat(r2 + j), x3 = v128.load32_splat(r3 + j);
        c0 = f32x4.add(c0, f32x4.mul(x2, w0)); c1 = f32x4.add(c1, f32x4.mul(x2, w1));
        d0 = f32x4.add(d0, f32x4.mul(x3, w0)); d1 = f32x4.add(d1, f32x4.mul(x3, w1));
      }
      const to = p + i * LINE + c;
      v128.store(to, a0); v128.store(to, a1, 16);
      v128.store(to + LINE, b0); v128.store(to + LINE, b1, 16);
      v128.store(to + 2 * LINE, c0); v128.store(to + 2 * LINE, c1, 16);
      v128.store(to + 3 * LINE, d0); v128.store(to + 3 * LINE, d1, 16);
    }
  }
}
