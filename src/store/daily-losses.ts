import {
  type DailyLosses,
  EVAL_SPLITS,
  type EvalSplitId,
  FEATURE_SETS,
  MODEL_KEYS,
  type ModelKey,
  modelKey,
  SIDES,
} from '../experiment/results.ts';

/**
 * Losses by day in two parts. Days and row counts are facts of the dataset, the same for all of its verdicts; the sums of
 * a verdict are one list of float64:
 *
 *   for each side and evaluation split that has losses, in the order of the days:
 *     its market_only sums, one a day, then its market_plus_state sums
 */
export type LossDays = readonly {
  /** Indices into `SIDES` and `EVAL_SPLITS`. */
  readonly side: number;
  readonly split: number;
  /** Days since 1970-01-01 UTC, ascending. */
  readonly days: readonly number[];
  readonly rowCounts: readonly number[];
}[];

/** A verdict's losses as they are stored: what the sums are of is one object for all verdicts on a dataset. */
export type DayLosses = { readonly lossDays: LossDays; readonly lossSums: Float64Array };

/** @throws RangeError when the losses are not of both feature sets of a side, on the same ascending days */
export function lossDaysOf(losses: readonly DailyLosses[]): LossDays {
  return groupsOf(losses).map(({ side, split, entries: [first, ...others] }) => {
    const days = Array.from(first.days);
    const rowCounts = Array.from(first.rowCounts);
    if (rowCounts.length !== days.length)
      throw new RangeError(`daily losses: ${days.length} days, ${rowCounts.length} counts`);
    if (days.some((day, i) => i > 0 && day <= days[i - 1]!)) throw new RangeError('daily losses: days must ascend');
    for (const other of others) {
      if (String(other.days) !== String(days) || String(other.rowCounts) !== String(rowCounts)) {
        throw new RangeError('daily losses: the models of a side differ in their days');
      }
    }
    return { side, split, days, rowCounts };
  });
}

export function lossSumsOf(losses: readonly DailyLosses[]): Float64Array {
  const sums = groupsOf(losses).flatMap(({ entries }) =>
    entries.flatMap(({ days, absErrorSums }) => {
      if (absErrorSums.length !== days.length) {
        throw new RangeError(`daily losses: ${days.length} days, ${absErrorSums.length} sums`);
      }
      return Array.from(absErrorSums);
    }),
  );
  return Float64Array.from(sums);
}

/** How many sums a verdict has of these days. */
export function sumCountOf(lossDays: LossDays): number {
  return lossDays.reduce((count, { days }) => count + FEATURE_SETS.length * days.length, 0);
}

/** Where in the list the sums of each model on each split stand. */
export function placesOf(
  lossDays: LossDays,
): { readonly modelKey: ModelKey; readonly split: EvalSplitId; readonly first: number; readonly count: number }[] {
  let at = 0;
  return lossDays.flatMap((group) => {
    const side = SIDES[group.side];
    const split = EVAL_SPLITS[group.split];
    if (side === undefined || split === undefined) throw new RangeError('daily losses: of no side or split');
    return FEATURE_SETS.map((set) => {
      const place = { modelKey: modelKey(side, set), split, first: at, count: group.days.length };
      at += group.days.length;
      return place;
    });
  });
}

/** The sums of some splits alone. */
export function lossesOn(
  { lossDays, lossSums }: DayLosses,
  isWanted: (split: EvalSplitId) => boolean,
): { lossDays: LossDays; lossSums: Float64Array } {
  const kept = placesOf(lossDays).filter(({ split }) => isWanted(split));
  return {
    lossDays: lossDays.filter(({ split }) => isWanted(EVAL_SPLITS[split]!)),
    lossSums: Float64Array.from(kept.flatMap(({ first, count }) => [...lossSums.subarray(first, first + count)])),
  };
}

/** By model and split, as an experiment gives them. @throws RangeError when the sums are too few or too many */
export function dailyLossesOf(lossDays: LossDays, sums: Float64Array): DailyLosses[] {
  const losses: DailyLosses[] = [];
  let at = 0;
  for (const group of lossDays) {
    const side = SIDES[group.side];
    const split = EVAL_SPLITS[group.split];
    if (side === undefined || split === undefined) throw new RangeError('daily losses: of no side or split');
    const days = Int32Array.from(group.days);
    const rowCounts = Int32Array.from(group.rowCounts);
    for (const set of FEATURE_SETS) {
      const absErrorSums = sums.slice(at, at + days.length);
      if (absErrorSums.length < days.length) throw new RangeError('daily losses: fewer sums than days');
      losses.push({ modelKey: modelKey(side, set), split, days, rowCounts, absErrorSums });
      at += days.length;
    }
  }
  if (at !== sums.length) throw new RangeError('daily losses: sums are left over');
  const place = (entry: DailyLosses): number =>
    MODEL_KEYS.indexOf(entry.modelKey) * EVAL_SPLITS.length + EVAL_SPLITS.indexOf(entry.split);
  return losses.sort((a, b) => place(a) - place(b));
}

type Group = {
  readonly side: number;
  readonly split: number;
  readonly entries: readonly [DailyLosses, ...DailyLosses[]];
};

function groupsOf(losses: readonly DailyLosses[]): Group[] {
  return SIDES.flatMap((side, sideIndex) =>
    EVAL_SPLITS.flatMap((split, splitIndex) => {
      const entries = FEATURE_SETS.flatMap((set) =>
        losses.filter((entry) => entry.modelKey === modelKey(side, set) && entry.split === split),
      );
      const [first, ...others] = entries;
      if (first === undefined) return [];
      if (entries.length !== FEATURE_SETS.length) {
        throw new RangeError(`daily losses: ${entries.length} models of ${side} on ${split}`);
      }
      return [{ side: sideIndex, split: splitIndex, entries: [first, ...others] as const }];
    }),
  );
}
