import type { RegressorKind } from '../experiment/configuration.ts';
import type { SplitMetrics } from '../experiment/results.ts';
import type { SweepAxes } from './sweep-definition.ts';

export type AxisName = keyof SweepAxes;

export type MetricName = keyof SplitMetrics;

/** What an axis can change at all. */
export type AxisEffect = {
  /** The kinds of regressor whose configurations it multiplies. */
  readonly kinds: readonly RegressorKind[];
  /** The metrics that it can move; every other metric is equal along the axis. */
  readonly moves: readonly MetricName[];
  /** What is to be known beside the metrics. */
  readonly note?: string;
};

const BOTH: readonly RegressorKind[] = ['huber', 'ridge'];

// Ages and cap decide the rows, and with them everything.
const EVERY_METRIC: readonly MetricName[] = [
  'row_count',
  'positive_rate',
  'continue_auc',
  'brier',
  'constant_brier',
  'brier_vs_constant_ratio',
  'edge_mae',
  'edge_constant_mae',
  'edge_mae_vs_constant_ratio',
];

// AUC and Brier come from the classifier, which no setting of the regressor reaches. The constant that a regressor is
// compared with is the median of the targets before they are clipped.
const REGRESSOR_METRICS: readonly MetricName[] = ['edge_mae', 'edge_mae_vs_constant_ratio'];

/** In the order in which a definition lists its axes. */
export const AXIS_EFFECTS: { readonly [axis in AxisName]-?: AxisEffect } = {
  agesMinutes: { kinds: BOTH, moves: EVERY_METRIC },
  regressorKind: { kinds: BOTH, moves: REGRESSOR_METRICS },
  huberAlpha: { kinds: ['huber'], moves: REGRESSOR_METRICS },
  huberEpsilon: { kinds: ['huber'], moves: REGRESSOR_METRICS },
  huberMaxIter: { kinds: ['huber'], moves: [], note: 'decides only whether a fit converges in time' },
  ridgeAlpha: { kinds: ['ridge'], moves: REGRESSOR_METRICS },
  regressionTargetClipBps: { kinds: BOTH, moves: REGRESSOR_METRICS },
  maxRowsPerSplit: { kinds: BOTH, moves: EVERY_METRIC },
};
