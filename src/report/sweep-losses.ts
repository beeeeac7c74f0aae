import { type DailyLosses, FEATURE_SETS, type Side } from '../experiment/results.ts';
import type { DatasetDays, DatasetDaysPart, OutcomeQuery } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import {
  type ConfigurationLosses,
  type DatasetLosses,
  type SplitDays,
  type SweepLosses,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSide,
} from '../trust/losses.ts';
import { UserError } from '../user-error.ts';

/**
 * A sweep's losses by day, all that statements about its noise are made of, from the store.
 *
 * @throws UserError when there is no such sweep, or the days of a dataset are not known: stores of older versions have none
 */
export async function sweepLosses(
  store: VerdictStore,
  query: OutcomeQuery & { readonly sweep: string },
): Promise<SweepLosses> {
  const known = await store.datasetDays(query);
  const datasets = known.map(({ dataset, days }, i) => ({
    id: i + 1,
    hash: dataset.contentHash,
    ages: dataset.agesMinutes,
    maxRowsPerSplit: dataset.maxRowsPerSplit,
    run: dataset.baselineRunId,
    sides: sidesOf(days),
  }));
  const numbers = new Map(datasets.map(({ hash, id }) => [hash, id]));
  const configurations: ConfigurationLosses[] = [];
  for await (const page of store.losses(query)) {
    for (const { configurationId, dataset, verdict, dailyLosses } of page) {
      const number = numbers.get(dataset.contentHash);
      if (number === undefined) throw daysMissing(query.sweep);
      configurations.push({
        id: configurationId,
        dataset: number,
        passed: verdict.status === 'PASS_TO_FORMAL_CHAIN',
        absErrorSums: Object.fromEntries(dailyLosses.map(sumsOf)),
      });
    }
  }
  // What could not be judged is counted, and leaves every statement.
  const first = datasets[0];
  if (first !== undefined) {
    const { failed } = await store.outcomes(query);
    for (const { configurationId } of failed) {
      configurations.push({ id: configurationId, dataset: first.id, passed: false, absErrorSums: {} });
    }
  }
  return { sweep: query.sweep, datasets, configurations, bars: barsOf(known.map(({ days }) => days)) };
}

function daysMissing(sweep: string): UserError {
  return new UserError(
    `sweep ${sweep}: the days of its datasets are not in the store, which an older version made or which was removed from. ` +
      'Run the sweep again: it adds them, and judges only what is missing.',
  );
}

function sumsOf({ modelKey, split, absErrorSums }: DailyLosses): [string, number[]] {
  return [`${modelKey}|${split}`, Array.from(absErrorSums)];
}

const SIDE_OF: Readonly<Record<TrustSide, Side>> = { long: 'LONG', short: 'SHORT' };
const NO_DAYS: SplitDays = {
  days: [],
  rows: [],
  pos: [],
  constAbs: [],
  constSq: [],
  sets: { market_only: { sq: [], pair2: [] }, market_plus_state: { sq: [], pair2: [] } },
};

function sidesOf({ parts }: DatasetDays): DatasetLosses['sides'] {
  const [long, short] = TRUST_SIDES.map((side) => {
    const [tune, validation, stress] = TRUST_SPLITS.map((split) => {
      const part = parts.find((one) => one.side === SIDE_OF[side] && one.split === split);
      return part === undefined ? NO_DAYS : splitDaysOf(part);
    });
    return { splits: { tune: tune!, validation_locked: validation!, latest_stress: stress! } };
  });
  return { long: long!, short: short! };
}

function splitDaysOf(part: DatasetDaysPart): SplitDays {
  const [marketOnly, marketPlusState] = FEATURE_SETS.map((set) => {
    const { squaredErrors, doubledPairs } = part.sets[set];
    return { sq: squaredErrors, pair2: doubledPairs };
  });
  return {
    days: part.days,
    rows: part.rows,
    pos: part.positives,
    constAbs: part.constantAbsoluteErrors,
    constSq: part.constantSquaredErrors,
    sets: { [TRUST_SETS[0]]: marketOnly!, [TRUST_SETS[1]]: marketPlusState! },
  };
}

/** One baseline run's bars: the same for all of its datasets. */
function barsOf(days: readonly DatasetDays[]): SweepLosses['bars'] {
  const [first] = days;
  return first === undefined
    ? undefined
    : Object.fromEntries(TRUST_SPLITS.map((split) => [split, Object.fromEntries(first.bars[split])]));
}
