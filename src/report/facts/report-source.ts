import type { Configuration } from '../../experiment/configuration.ts';
import { type FeatureSet, MODEL_KEYS, type ModelKey, modelKey, type Side } from '../../experiment/results.ts';
import type { SplitName } from '../../page-data/report.ts';
import { type MetricColumn, metricColumn, metricColumnName } from '../../store/metric-columns.ts';
import type { OutcomeQuery, OutcomeSet, RunHistory, StoredOutcome, StoredSweep } from '../../store/records.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import type { SweepLosses } from '../../trust/losses.ts';
import { UserError } from '../../user-error.ts';
import { type Standings, standingsOfAll } from '../standings.ts';
import { type KnownLooks, looksBeside, type NamedBook } from '../sweep-budget.ts';
import { DaysMissing, sweepLosses } from '../sweep-losses.ts';
import { refuseTooMany } from '../too-many.ts';

/** What a sweep's facts are computed from: what the store has of it, read once. */
export type ReportSource = {
  readonly sweep: StoredSweep;
  /** With the metrics of `REPORT_METRICS`. */
  readonly outcomes: OutcomeSet;
  /** Those without an outcome, as far as the definition tells which they are. */
  readonly pending: readonly Configuration[];
  /** The first one first. */
  readonly runs: readonly RunHistory[];
  /** Null where the store does not know the days of the sweep's datasets. */
  readonly losses: SweepLosses | null;
  /** Looks at its locked splits that others made, with its own; null where its own are all that are known. */
  readonly looks: KnownLooks | null;
  /** One outcome in full. */
  readonly find: (configurationId: string) => Promise<StoredOutcome>;
  readonly shortIdLength: (configurationIds: readonly string[]) => Promise<number>;
};

export const REPORT_SPLITS: readonly SplitName[] = ['tune', 'validation_locked', 'latest_stress'];
const METRICS = ['edge_mae_vs_constant_ratio', 'continue_auc'] as const;

/** A model's MAE ratio or AUC on a split, and what its column is called in a report. */
export type ReportMetric = {
  readonly name: string;
  readonly model: ModelKey;
  readonly split: SplitName;
  readonly what: 'mae' | 'auc';
  readonly column: MetricColumn;
};

/** 24: of both sides and feature sets on the three splits. */
export const REPORT_METRICS: readonly ReportMetric[] = MODEL_KEYS.flatMap((model) =>
  REPORT_SPLITS.flatMap((split) =>
    METRICS.map((metric): ReportMetric => {
      const what = metric === 'continue_auc' ? 'auc' : 'mae';
      const column = metricColumn(metricColumnName(model, split, metric));
      if (column === undefined) throw new RangeError(`no metric ${metric} of ${model} on ${split}`);
      return { name: `${model}_${split}_${what}`, model, split, what, column };
    }),
  ),
);

const PLACES: ReadonlyMap<string, number> = new Map(REPORT_METRICS.map(({ name }, i) => [name, i]));

/** Where a metric stands in `JudgedConfiguration.metrics` of a source. */
export function metricPlace(side: Side, set: FeatureSet, split: SplitName, what: 'mae' | 'auc'): number {
  const place = PLACES.get(`${modelKey(side, set)}_${split}_${what}`);
  if (place === undefined) throw new RangeError(`no ${what} of ${side} ${set} on ${split}`);
  return place;
}

/**
 * @param others stores and ledgers whose looks at the locked splits are counted, too
 * @throws UserError when there is no such sweep, data or code
 */
export async function readReportSource(
  store: VerdictStore,
  query: Pick<OutcomeQuery, 'data' | 'code'> & { readonly sweep: string },
  others: readonly NamedBook[] = [],
): Promise<ReportSource> {
  const sweep = await store.sweep(query.sweep);
  if (sweep === null) throw new UserError(`${store.location}: no sweep ${JSON.stringify(query.sweep)} in this store`);
  // Its losses are gone through, too.
  await refuseTooMany(store, query.sweep, 'losses');
  const outcomes = await store.outcomes({ ...query, metrics: REPORT_METRICS.map(({ column }) => column) });
  return {
    sweep,
    outcomes,
    pending: await pendingOf(sweep, outcomes),
    runs: await store.history(query.sweep),
    losses: outcomes.judged.length === 0 ? null : await knownLosses(store, query, standingsOfAll(outcomes.judged)),
    looks: await looksBeside(store, query, others),
    find: (id) => store.find(id, query),
    shortIdLength: (ids) => store.shortIdLength(ids),
  };
}

/** What reads definitions is loaded for those alone that are not through. */
async function pendingOf(sweep: StoredSweep, outcomes: OutcomeSet): Promise<readonly Configuration[]> {
  if (outcomes.pendingCount === 0) return [];
  const { pendingConfigurations } = await import('./pending-configurations.ts');
  return pendingConfigurations(sweep, outcomes);
}

async function knownLosses(
  store: VerdictStore,
  query: OutcomeQuery & { readonly sweep: string },
  standings: Standings,
): Promise<SweepLosses | null> {
  try {
    return await sweepLosses(store, query, standings);
  } catch (error) {
    if (error instanceof DaysMissing) return null;
    throw error;
  }
}
