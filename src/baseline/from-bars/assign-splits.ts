import { countOf } from '../../counts.ts';
import { MINUTE_MS } from '../../time-units.ts';
import { UserError } from '../../user-error.ts';
import { ALL_SPLITS, type SplitId } from '../splits.ts';

/** Rows of the purge gap; the experiment takes rows of the four splits only. */
export const PURGED = 'purged';
export const SPLIT_NAMES = [...ALL_SPLITS, PURGED] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];
const PURGED_CODE = SPLIT_NAMES.indexOf(PURGED);

export const WALK_FORWARD_FOLDS = 6;

export type Splits = {
  /** One (nBars) column a symbol: indexes into SPLIT_NAMES. */
  readonly splitOfBar: readonly Uint8Array[];
  /** One (nBars) column a symbol: 0 to WALK_FORWARD_FOLDS − 1, equal shares of the minutes in time order. */
  readonly foldOfBar: readonly Int32Array[];
  /** Each split's whole span, purge gap included: from ≤ open_time_ms < to. */
  readonly spans: readonly { readonly id: SplitId; readonly fromMs: number; readonly toMs: number }[];
};

/**
 * Splits in time order, at the same minutes for every symbol, so that no symbol tells of another's future. A split's
 * fraction is of the minutes in which any symbol has a bar; minutes without one count for nothing.
 *
 * The last `purgeBars` rows of each symbol before a boundary belong to no split. With labels that look `horizon`
 * rows ahead and positions of `maxAge` rows, purgeBars = horizon + maxAge keeps every label of an earlier split before
 * the first minute that a position of the later one has seen. Rows, not minutes, since windows are counted in rows:
 * over missing bars they last longer.
 *
 * @param openTimeMs one ascending column a symbol
 * @param fractions of ALL_SPLITS, > 0, sum 1
 * @throws UserError when a split would have no row
 */
export function assignSplits(
  openTimeMs: readonly Float64Array[],
  fractions: readonly number[],
  purgeBars: number,
): Splits {
  const minutes = distinctAscending(openTimeMs);
  const starts = splitStarts(minutes, fractions);
  const foldStarts = foldStartsOf(minutes);
  const splitOfBar = openTimeMs.map((times) => purge(codesOf(times, starts), purgeBars));
  const codes = ALL_SPLITS.map((_, code) => code);
  const empty = codes.filter((code) => !splitOfBar.some((column) => column.includes(code)));
  if (empty.length > 0) {
    throw new UserError(
      `splits: every split needs rows beyond its purge gap of ${countOf(purgeBars, 'bar')}, ` +
        `got none in ${empty.map((code) => ALL_SPLITS[code]).join(', ')} of ${countOf(minutes.length, 'minute')}. ` +
        'Give more bars, other split fractions or shorter horizons',
    );
  }
  return {
    splitOfBar,
    foldOfBar: openTimeMs.map((times) => Int32Array.from(codesOf(times, foldStarts))),
    spans: ALL_SPLITS.map((id, code) => ({
      id,
      fromMs: starts[code]!,
      toMs: starts[code + 1] ?? minutes.at(-1)! + MINUTE_MS,
    })),
  };
}

function distinctAscending(columns: readonly Float64Array[]): Float64Array {
  if (columns.length === 1) return columns[0]!;
  const all = new Float64Array(columns.reduce((total, column) => total + column.length, 0));
  let offset = 0;
  for (const column of columns) {
    all.set(column, offset);
    offset += column.length;
  }
  return all.sort().filter((time, i, sorted) => i === 0 || time !== sorted[i - 1]);
}

function splitStarts(minutes: Float64Array, fractions: readonly number[]): number[] {
  let cumulated = 0;
  return fractions.map((fraction) => {
    const start = minutes[Math.round(cumulated * minutes.length)] ?? Infinity;
    cumulated += fraction;
    return start;
  });
}

function foldStartsOf(minutes: Float64Array): number[] {
  return Array.from({ length: WALK_FORWARD_FOLDS }, (_, fold) => {
    return minutes[Math.round((fold * minutes.length) / WALK_FORWARD_FOLDS)] ?? Infinity;
  });
}

/** For each time the last start at or before it. */
function codesOf(times: Float64Array, starts: readonly number[]): Uint8Array {
  let code = 0;
  return Uint8Array.from(times, (time) => {
    while (code + 1 < starts.length && starts[code + 1]! <= time) code += 1;
    return code;
  });
}

function purge(codes: Uint8Array, purgeBars: number): Uint8Array {
  const purged = Uint8Array.from(codes);
  for (let bar = 1; bar < codes.length; bar += 1) {
    if (codes[bar] === codes[bar - 1]) continue;
    // A short split may lie within the gap of the one after it.
    purged.fill(PURGED_CODE, Math.max(0, bar - purgeBars), bar);
  }
  return purged;
}
