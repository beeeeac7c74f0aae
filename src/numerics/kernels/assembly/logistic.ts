import { expPair, log1pPair, TABLE, writeTable } from './elementary';
import { GROUPS } from './products';
import { addRows, rowDots } from './rows';

/** Entries that are looked at together; their numbers stay in the L1 cache. */
const ENTRIES: i32 = 64;

/**
 * One pass of logistic regression over grouped rows at coefficients w: with z = x·w and p = 1/(1 + e^−z) of each row,
 *   returns Σ log(1 + e^z) − label·z,   gradient += Σ x·(p − label),   curvature[e] = p·(1 − p) by entry.
 * label: uint8 by group; coef, gradient: packed float64; curvature: float64, nEntries + 1.
 * scratch: float64, 2·GROUPS + 4·ENTRIES + TABLE.
 */
export function logisticGroups(
  market: usize, dm: i32, state: usize, ds: i32, first: usize, nGroups: i32, label: usize,
  coef: usize, gradient: usize, curvature: usize, scratch: usize,
): f64 {
  const shared = scratch;
  const residual = shared + (<usize>GROUPS << 3);
  const margin = residual + (<usize>GROUPS << 3);
  const sign = margin + (<usize>ENTRIES << 3);
  const weight = sign + (<usize>ENTRIES << 3);
  const groupOf = weight + (<usize>ENTRIES << 3);
  const table = groupOf + (<usize>ENTRIES << 3);
  writeTable(table);
  const marketBytes = <usize>dm << 2, stateBytes = <usize>ds << 2;
  const stateCoef = coef + (<usize>dm << 3), stateGradient = gradient + (<usize>dm << 3);
  let loss: f64 = 0;
  for (let start: i32 = 0; start < nGroups; start += GROUPS) {
    const count = min(GROUPS, nGroups - start);
    const rows = market + <usize>start * marketBytes;
    rowDots(rows, count, dm, coef, shared);
    if (ds == 0) {
      for (let b: i32 = 0; b < count; b++) {
        const at = first + (<usize>(start + b) << 2), to = <usize>b << 3;
        const s = signOf(label, start + b);
        store<f64>(sign + to, s);
        store<f64>(margin + to, s * load<f64>(shared + to));
        store<f64>(weight + to, <f64>(load<i32>(at, 4) - load<i32>(at)));
      }
      loss += pointwise(margin, sign, weight, count, residual, curvature + (<usize>start << 3), table);
    } else {
      memory.fill(residual, 0, <usize>GROUPS << 3);
      const end = load<i32>(first + (<usize>(start + count) << 2));
      let b: i32 = 0;
      for (let entry = load<i32>(first + (<usize>start << 2)); entry < end; entry += ENTRIES) {
        const entries = min(ENTRIES, end - entry);
        const own = state + <usize>entry * stateBytes;
        rowDots(own, entries, ds, stateCoef, margin);
        for (let i: i32 = 0; i < entries; i++) {
          while (load<i32>(first + (<usize>(start + b) << 2), 4) <= entry + i) b += 1;
          const to = <usize>i << 3;
          const s = signOf(label, start + b);
          store<i32>(groupOf + to, b);
          store<f64>(sign + to, s);
          store<f64>(margin + to, s * (load<f64>(shared + (<usize>b << 3)) + load<f64>(margin + to)));
          store<f64>(weight + to, 1);
        }
        loss += pointwise(margin, sign, weight, entries, margin, curvature + (<usize>entry << 3), table);
        for (let i: i32 = 0; i < entries; i++) {
          const to = residual + (<usize>load<i32>(groupOf + (<usize>i << 3)) << 3);
          store<f64>(to, load<f64>(to) + load<f64>(margin + (<usize>i << 3)));
        }
        addRows(own, entries, ds, margin, stateGradient);
      }
    }
    addRows(rows, count, dm, residual, gradient);
  }
  return loss;
}

/** out[i] = 1/(1 + e^−zᵢ), float64; room for n + 1 values each. scratch: float64, TABLE. */
export function logisticProbabilities(z: usize, n: i32, out: usize, scratch: usize): void {
  writeTable(scratch);
  for (let i: usize = 0; i < <usize>n << 3; i += 16) {
    const m = v128.load(z + i);
    const e = expPair(f64x2.neg(f64x2.abs(m)), scratch);
    const inverse = f64x2.div(f64x2.splat(1), f64x2.add(f64x2.splat(1), e));
    v128.store(out + i, v128.bitselect(inverse, f64x2.mul(e, inverse), f64x2.ge(m, f64x2.splat(0))));
  }
}

/** −1 for a label of 1, +1 for 0: margin = sign·z is positive where the model errs, and p − label = sign·σ(margin). */
// @ts-ignore: decorator
@inline
function signOf(label: usize, group: i32): f64 {
  return <f64>(1 - 2 * <i32>load<u8>(label + <usize>group));
}

/**
 * With σ(m) = 1/(1 + e^−m) and m the margin of each of n entries: residual[i] = weight·sign·σ(m), curvature[i] =
 * σ(m)·σ(−m); returns Σ weight·log(1 + e^m). Reads an entry more where n is odd. residual may be margin.
 */
// @ts-ignore: decorator
@inline
function pointwise(margin: usize, sign: usize, weight: usize, n: i32, residual: usize, curvature: usize, table: usize): f64 {
  if (n & 1) {
    // An entry that weighs nothing makes the last pair whole.
    store<f64>(margin + (<usize>n << 3), 0);
    store<f64>(sign + (<usize>n << 3), 0);
    store<f64>(weight + (<usize>n << 3), 0);
  }
  const zero = f64x2.splat(0), one = f64x2.splat(1);
  let sum = zero;
  for (let i: usize = 0; i < <usize>n << 3; i += 16) {
    const m = v128.load(margin + i);
    const each = v128.load(weight + i);
    const e = expPair(f64x2.neg(f64x2.abs(m)), table);
    const plain = f64x2.add(one, e);
    const inverse = f64x2.div(one, plain);
    const other = f64x2.mul(e, inverse);
    sum = f64x2.add(sum, f64x2.mul(each, f64x2.add(f64x2.pmax(m, zero), log1pPair(e, plain, inverse, table))));
    const sigma = v128.bitselect(inverse, other, f64x2.ge(m, zero));
    v128.store(residual + i, f64x2.mul(each, f64x2.mul(v128.load(sign + i), sigma)));
    v128.store(curvature + i, f64x2.mul(other, inverse));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
