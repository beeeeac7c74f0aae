import { FEATURE_SETS, type Side } from '../experiment/results.ts';
import { type LossDays, placesOf } from '../store/daily-losses.ts';
import type { DatasetDays, DatasetDaysPart, OutcomeQuery, VerdictLosses } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import {
  type ConfigurationLosses,
  type DatasetLosses,
  dailySums,
  type SplitDays,
  type SumPlaces,
  type SweepLosses,
  TRUST_SETS,
  TRUST_SIDES,
  TRUST_SPLITS,
  type TrustSide,
} from '../trust/losses.ts';
import { UserError } from '../user-error.ts';
import { type Standings, storedStandings } from './standings.ts';
import { refuseTooMany } from './too-many.ts';

/**
 * A sweep's losses by day, all that statements about its noise are made of, from the store.
 *
 * @param standings how the leaderboard has its configurations, or those of them that matter; without it the store is asked for all
 * @throws UserError when there is no such sweep; DaysMissing when a dataset's days are not known: stores of older versions have none
 */
export async function sweepLosses(store: VerdictStore, query: SweepQuery, standings?: Standings): Promise<SweepLosses> {
  await refuseTooMany(store, query.sweep, 'losses');
  const known = standings ?? (await storedStandings(store, query));
  const { datasets, bars } = await datasetLosses(store, query);
  const ids = new Set(datasets.map(({ id }) => id));
  const configurations: ConfigurationLosses[] = [];
  for await (const page of configurationLosses(store, query, datasets, known)) {
    if (!page.every(({ dataset }) => ids.has(dataset))) throw new DaysMissing(query.sweep);
    configurations.push(...page.map(({ losses }) => losses));
  }
  return { sweep: query.sweep, datasets, configurations, bars };
}

/** Which of a sweep's verdicts. */
export type SweepQuery = OutcomeQuery & { readonly sweep: string };

/** A dataset with what names it for a person. */
export type NamedDataset = DatasetLosses & {
  readonly id: string;
  readonly hash: string;
  readonly run: string;
  readonly maxRowsPerSplit: number;
};

/** What no regressor setting moves of a sweep's datasets, as far as the store knows it, each once; and the splits' bars. */
export async function datasetLosses(
  store: VerdictStore,
  query: SweepQuery,
): Promise<{ readonly datasets: readonly NamedDataset[]; readonly bars: SweepLosses['bars'] }> {
  const known = await store.datasetDays(query);
  const byHash = new Map<string, NamedDataset>();
  for (const { dataset, days } of known) {
    const { contentHash, agesMinutes, maxRowsPerSplit, baselineRunId } = dataset;
    if (contentHash === null || byHash.has(contentHash)) continue;
    byHash.set(contentHash, {
      id: contentHash,
      hash: contentHash,
      ages: agesMinutes,
      maxRowsPerSplit,
      run: baselineRunId,
      sides: sidesOf(days),
    });
  }
  return { datasets: [...byHash.values()], bars: barsOf(known.map(({ days }) => days)) };
}

/**
 * A configuration's losses as the leaderboard has it (its rank there; an unconverged one is no pass), the dataset that they are
 * on, and the verdict that has them; null of one that could not be judged.
 */
export type StoredLosses = {
  readonly losses: ConfigurationLosses;
  readonly dataset: string;
  readonly verdict: VerdictLosses | null;
};

/**
 * Losses of a sweep's configurations, page by page in stored order; then those that could not be judged, without any: they
 * are counted, and leave every statement.
 */
export async function* configurationLosses(
  store: VerdictStore,
  query: SweepQuery,
  datasets: readonly NamedDataset[],
  standings: Standings,
): AsyncGenerator<StoredLosses[]> {
  for await (const page of store.losses(query, PAGE_SIZE)) {
    yield page.map((verdict) => {
      const { verdictId, configurationId, lossDays, lossSums } = verdict;
      const dataset = verdict.dataset.contentHash;
      if (dataset === null) throw new Error(`verdict ${verdictId} is on a dataset without content`);
      const losses = {
        id: configurationId,
        dataset,
        passed: verdict.passed,
        ...standings.get(configurationId),
        absErrorSums: { places: placesByKey(lossDays), values: lossSums },
      };
      return { losses, dataset, verdict };
    });
  }
  const [first] = datasets;
  if (first === undefined) return;
  const failed = await store.failures(query);
  yield failed.map(({ configurationId }) => {
    const losses = { id: configurationId, dataset: first.id, passed: false, absErrorSums: NO_SUMS };
    return { losses, dataset: first.id, verdict: null };
  });
}

/** What no regressor setting moves is not known of a sweep's datasets. */
export class DaysMissing extends UserError {
  constructor(sweep: string) {
    super(
      `sweep ${sweep}: the days of its datasets are not in the store, which an older version made or which was removed from. ` +
        'Run the sweep again: it adds them, and judges only what is missing.',
    );
  }
}

/** Each page looks up once what its verdicts point to. */
const PAGE_SIZE = 2000;
const NO_SUMS = dailySums([]);

const places = new WeakMap<LossDays, SumPlaces>();

/** By `lossKey`; made once for all verdicts on a dataset. */
function placesByKey(lossDays: LossDays): SumPlaces {
  const known = places.get(lossDays);
  if (known !== undefined) return known;
  const made = new Map(placesOf(lossDays).map((place) => [`${place.modelKey}|${place.split}`, place]));
  places.set(lossDays, made);
  return made;
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
    const { squaredErrors, doubledPairs, calibration } = part.sets[set];
    return { sq: squaredErrors, pair2: doubledPairs, calibration };
  });
  return {
    days: part.days,
    rows: part.rows,
    pos: part.positives,
    constAbs: part.constantAbsoluteErrors,
    constSq: part.constantSquaredErrors,
    // A cell a day is what there is without them.
    cells: part.pairCells?.at(-1) === part.days.length - 1 ? undefined : part.pairCells,
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
