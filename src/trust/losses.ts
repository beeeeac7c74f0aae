import type { CalibrationBin } from '../numerics/metrics/calibration.ts';

/** The splits that statements are made of: the one that ranks, and the two locked ones. */
export const TRUST_SPLITS = ['tune', 'validation_locked', 'latest_stress'] as const;
export type TrustSplit = (typeof TRUST_SPLITS)[number];
export const LOCKED_SPLITS = ['validation_locked', 'latest_stress'] as const;
export type LockedSplit = (typeof LOCKED_SPLITS)[number];
export const TRUST_SIDES = ['long', 'short'] as const;
export type TrustSide = (typeof TRUST_SIDES)[number];
export const TRUST_SETS = ['market_only', 'market_plus_state'] as const;
export type TrustSet = (typeof TRUST_SETS)[number];
/** What gates are of. */
export type Metric = 'auc' | 'mae';

/** A split's days on one side, and what no regressor setting moves. */
export type SplitDays = {
  /** UTC days since 1970-01-01, ascending */
  readonly days: readonly number[];
  readonly rows: readonly number[];
  /** rows whose label is to continue */
  readonly pos: readonly number[];
  /** Σ|y − median of the fit split| by day, bps */
  readonly constAbs: readonly number[];
  /** Σ(rate of the fit split − y)² by day */
  readonly constSq: readonly number[];
  /** the cell of days of each day, ascending from 0, that pairs were counted by; a cell a day where there is none */
  readonly cells?: readonly number[] | undefined;
  readonly sets: Readonly<Record<TrustSet, SetDays>>;
};

export type SetDays = {
  /** Σ(p − y)² by day */
  readonly sq: readonly number[];
  /** [d][e]: 2·#{positives of cell d ranked above negatives of cell e} + #ties; null where pairs were not counted by cell */
  readonly pair2: readonly (readonly number[])[] | null;
  /** the classifier's calibration by deciles of its probability, where it is known: no statement rests on it */
  readonly calibration?: readonly CalibrationBin[] | undefined;
};

export type DatasetLosses = {
  readonly id: number | string;
  readonly ages: readonly number[];
  /** the cap of rows a split, 0 for none */
  readonly maxRowsPerSplit?: number | undefined;
  readonly sides: Readonly<Record<TrustSide, { readonly splits: Readonly<Record<TrustSplit, SplitDays>> }>>;
};

export type ConfigurationLosses = {
  readonly id: string;
  readonly dataset: number | string;
  /** the stored verdict, of an unconverged one no pass; null while its gates are sealed: then there are no sums of locked splits */
  readonly passed: boolean | null;
  /** it rests on a market_only fit that did not converge: neither a pass nor a miss */
  readonly unconverged?: boolean | undefined;
  /** its rank on the leaderboard, where there is one */
  readonly place?: number | undefined;
  /** what it is, where that is known */
  readonly settings?: Settings | undefined;
  readonly absErrorSums: DailySums;
};

/**
 * Σ|y − ŷ| by day, one list for all models and splits: of 100,000 configurations a list for each would be millions. A
 * missing or non-finite sum takes the configuration out of every statement.
 */
export type DailySums = { readonly places: SumPlaces; readonly values: Float64Array };

/** Where the sums of each `SIDE_SET|SPLIT` stand in a list of them: one object for all configurations on a dataset. */
export type SumPlaces = ReadonlyMap<string, { readonly first: number; readonly count: number }>;

export function sumsOf({ places, values }: DailySums, key: string): Float64Array | undefined {
  const place = places.get(key);
  return place === undefined ? undefined : values.subarray(place.first, place.first + place.count);
}

/** @param sums by `SIDE_SET|SPLIT`; null: missing */
export function dailySums(sums: Iterable<readonly [key: string, sums: ArrayLike<number | null>]>): DailySums {
  const places = new Map<string, { first: number; count: number }>();
  const values: number[] = [];
  for (const [key, list] of sums) {
    places.set(key, { first: values.length, count: list.length });
    for (let day = 0; day < list.length; day += 1) values.push(list[day] ?? Number.NaN);
  }
  return { places, values: Float64Array.from(values) };
}

/** What a configuration is, for who has to choose one. */
export type Settings = {
  /** the value of each parameter that it has, by name */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** how little it departs from what is usual: the smaller first number is the plainer, equal ones by the next */
  readonly plainness: readonly number[];
};

export type ParameterValue = number | string | readonly number[];

/** A sweep's losses by day: all that statements of its noise are made of. */
export type SweepLosses = {
  readonly sweep: string;
  readonly datasets: readonly DatasetLosses[];
  readonly configurations: readonly ConfigurationLosses[];
  /** bars of each split on each UTC day; rows of all datasets where they are not known */
  readonly bars?: Partial<Readonly<Record<TrustSplit, Readonly<Record<string, number>>>>> | undefined;
};

export function lossKey(side: TrustSide, set: TrustSet, split: TrustSplit): string {
  return `${side}_${set}|${split}`;
}

/** As many characters of an id as a person reads. */
export function shortId({ id }: ConfigurationLosses): string {
  return id.slice(0, 7);
}
