import { countOf } from '../counts.ts';
import { MIN_BLOCKS } from './constants.ts';
import { blocksOfCells } from './day-cells.ts';
import {
  type Metric,
  type SplitDays,
  type SweepLosses,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSplit,
} from './losses.ts';

/** Why something is not said, in one line, in place of a number that would mean nothing. */

/** `tune has 1 block of days, 6 are needed`. */
export function fewBlocksText(split: TrustSplit, q: number): string {
  return `${split} has ${countOf(q, 'block')} of days, ${MIN_BLOCKS} are needed`;
}

/**
 * Why the noise of a gate cannot be told.
 *
 * @param days of the gate's side and split
 * @param blockOf the block of each of these days
 * @param q blocks of the split
 */
export function whyGateUnsaid(
  split: TrustSplit,
  metric: Metric,
  { pos, rows, cells, sets }: SplitDays,
  blockOf: Int32Array,
  q: number,
): string {
  if (q < MIN_BLOCKS) return fewBlocksText(split, q);
  if (metric === 'mae') return `the constant loses nothing on ${split} without one of its blocks of days`;
  if (TRUST_SETS.some((set) => sets[set].pair2 === null)) return `the pairs of ${split} were not counted by day`;
  if (cells !== undefined && blocksOfCells(cells, blockOf) === null) {
    return `the pairs of ${split} were counted by other cells than its blocks of days`;
  }
  const positives = pos.reduce((sum, count) => sum + count, 0);
  const isOneClass = positives === 0 || positives === rows.reduce((sum, count) => sum + count, 0);
  return isOneClass
    ? `all rows of ${split} are of one class`
    : `without one of its blocks of days all rows of ${split} are of one class`;
}

/** What is to be borne in mind of the days that a sweep's splits show, a sentence each. */
export function notesOnDays(losses: SweepLosses, blocks: (split: TrustSplit) => number): string[] {
  const few = TRUST_SPLITS.filter((split) => split !== 'tune' && blocks(split) < MIN_BLOCKS).map(
    (split) => `too few days: ${fewBlocksText(split, blocks(split))} to say how surely its gates are passed or missed`,
  );
  return [...few, ...cappedNotes(losses), ...sharedNotes(losses)];
}

/** A cap keeps the last rows of a split: what it shows of the first of its days is a part. */
function cappedNotes({ datasets, bars }: SweepLosses): string[] {
  const notes = new Set<string>();
  for (const { maxRowsPerSplit: cap = 0, sides } of datasets) {
    for (const split of TRUST_SPLITS) {
      const parts = TRUST_SIDES.map((side) => sides[side].splits[split]);
      const rows = parts.flatMap((part) => part.rows).reduce((sum, count) => sum + count, 0);
      if (cap === 0 || rows < cap) continue;
      const shown = new Set(parts.flatMap(({ days }) => days)).size;
      const known = Object.keys(bars?.[split] ?? {}).length;
      const days = known >= shown ? `${shown} of ${countOf(known, 'day')}` : countOf(shown, 'day');
      notes.add(
        `cap ${cap}: ${split} is never looked at in full: ${days}, the first of them in part, and it counts as a whole one`,
      );
    }
  }
  return [...notes];
}

/** Splits in time order meet on one day at the most. */
function sharedNotes({ bars }: SweepLosses): string[] {
  return TRUST_SPLITS.flatMap((split, i) =>
    TRUST_SPLITS.slice(i + 1).flatMap((other) => {
      const days = new Set(Object.keys(bars?.[split] ?? {}));
      const shared = Object.keys(bars?.[other] ?? {}).filter((day) => days.has(day)).length;
      return shared < 2
        ? []
        : `${split} and ${other} share ${countOf(shared, 'day')}: one is no fresh look at what the other was used for`;
    }),
  );
}
