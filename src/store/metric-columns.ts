import {
  ALL_SPLITS,
  MODEL_KEYS,
  type ModelKey,
  type ModelResult,
  type SplitId,
  type SplitMetrics,
} from '../experiment/results.ts';
import type { ShownResult } from './shown-result.ts';

export type MetricValue = number | string | null;

/** One number (or status) of a result, which a store keeps where it can be read without the rest. */
export type MetricColumn = {
  /** `long_market_plus_state_tune_edge_mae`, `short_market_only_regressor_iterations`. */
  readonly name: string;
  readonly model: ModelKey;
  /** Null for what describes the fit, not a split. */
  readonly split: SplitId | null;
  readonly metric: SplitMetric | FitMetric;
  readonly type: ColumnType;
  /** Null where the result has no such value. */
  readonly valueOf: (result: ShownResult) => MetricValue;
};

export type ColumnType = 'REAL' | 'INTEGER' | 'TEXT';
export type SplitMetric = keyof SplitMetrics;

/** What a model's fits say of themselves; their settings are the configuration's and are not repeated. */
export type FitMetric = keyof typeof FIT_METRICS;

const SPLIT_METRICS = {
  row_count: 'INTEGER',
  positive_rate: 'REAL',
  brier: 'REAL',
  constant_brier: 'REAL',
  edge_mae: 'REAL',
  edge_constant_mae: 'REAL',
  continue_auc: 'REAL',
  brier_vs_constant_ratio: 'REAL',
  edge_mae_vs_constant_ratio: 'REAL',
} as const satisfies { [metric in SplitMetric]: ColumnType };

const FIT_METRICS = {
  row_count: 'INTEGER',
  feature_count: 'INTEGER',
  regressor_iterations: 'INTEGER',
  regressor_converged: 'INTEGER',
  regressor_status: 'TEXT',
  regressor_objective: 'REAL',
  regressor_kkt_residual: 'REAL',
  regressor_kkt_tolerance: 'REAL',
  regressor_scale: 'REAL',
  regressor_outliers: 'INTEGER',
  classifier_status: 'TEXT',
  classifier_iterations: 'INTEGER',
  classifier_objective: 'REAL',
  classifier_kkt_residual: 'REAL',
  classifier_kkt_tolerance: 'REAL',
} as const satisfies { [metric in keyof ModelResult]?: ColumnType };

// The keys of a literal object are the union of its names; Object.keys only knows them as strings.
export const SPLIT_METRIC_NAMES = Object.keys(SPLIT_METRICS) as readonly SplitMetric[];
export const FIT_METRIC_NAMES = Object.keys(FIT_METRICS) as readonly FitMetric[];

/**
 * The list that reading, writing, sorting and export are made of: for each model its 9 metrics on each of 4 splits, then
 * 15 facts of its fits; 204 columns. Their order is that of a stored verdict's numbers: a new one needs a migration.
 */
export const METRIC_COLUMNS: readonly MetricColumn[] = MODEL_KEYS.flatMap((model) => [
  ...ALL_SPLITS.flatMap((split) => SPLIT_METRIC_NAMES.map((metric) => splitColumn(model, split, metric))),
  ...FIT_METRIC_NAMES.map((metric) => fitColumn(model, metric)),
]);

const BY_NAME: ReadonlyMap<string, MetricColumn> = new Map(METRIC_COLUMNS.map((column) => [column.name, column]));

export function metricColumnName(model: ModelKey, split: SplitId | null, metric: SplitMetric | FitMetric): string {
  return split === null ? `${model}_${metric}` : `${model}_${split}_${metric}`;
}

export function metricColumn(name: string): MetricColumn | undefined {
  return BY_NAME.get(name);
}

function splitColumn(model: ModelKey, split: SplitId, metric: SplitMetric): MetricColumn {
  return {
    name: metricColumnName(model, split, metric),
    model,
    split,
    metric,
    type: SPLIT_METRICS[metric],
    valueOf: (result) => result[model][split]?.[metric] ?? null,
  };
}

function fitColumn(model: ModelKey, metric: FitMetric): MetricColumn {
  return {
    name: metricColumnName(model, null, metric),
    model,
    split: null,
    metric,
    type: FIT_METRICS[metric],
    valueOf: (result) => {
      const value = result[model][metric];
      return typeof value === 'boolean' ? Number(value) : value;
    },
  };
}
