import { type Parameter, type ParameterName, parameterOf } from '../experiment/parameters.ts';
import type { SplitMetrics } from '../experiment/results.ts';

/** An axis of a grid is a parameter that takes several values. */
export type AxisName = ParameterName;

export type MetricName = keyof SplitMetrics;

/** What an axis can change at all. */
export type AxisEffect = {
  /** The kinds of regressor whose configurations it multiplies. */
  readonly kinds: Parameter['kinds'];
  /** The metrics that it can move; every other metric is equal along the axis. */
  readonly moves: readonly MetricName[];
  /** What is to be known beside the metrics. */
  readonly note?: string;
};

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

export function axisEffect(axis: AxisName): AxisEffect {
  return { kinds: parameterOf(axis).kinds, ...EFFECTS[axis] };
}

const EFFECTS: { readonly [axis in AxisName]: Omit<AxisEffect, 'kinds'> } = {
  agesMinutes: { moves: EVERY_METRIC },
  regressorKind: { moves: REGRESSOR_METRICS },
  huberAlpha: { moves: REGRESSOR_METRICS },
  huberEpsilon: { moves: REGRESSOR_METRICS },
  huberMaxIter: { moves: [], note: 'decides only whether a fit converges in time' },
  ridgeAlpha: { moves: REGRESSOR_METRICS },
  regressionTargetClipBps: { moves: REGRESSOR_METRICS },
  maxRowsPerSplit: { moves: EVERY_METRIC },
};
