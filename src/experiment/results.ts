/** The words of the result file, `state_continue_result.json`: the seed's keys, in the seed's order. */

import { type EvalSplitId, SIDES, type Side, type SplitId } from '../baseline/splits.ts';

export {
  ALL_SPLITS,
  EVAL_SPLITS,
  type EvalSplitId,
  FIT_SPLIT,
  GATE_SPLITS,
  type GateSplitId,
  LATEST_STRESS_SPLIT,
  SIDES,
  type Side,
  type SplitId,
  TUNE_SPLIT,
  VALIDATION_LOCKED_SPLIT,
} from '../baseline/splits.ts';

export const FEATURE_SETS = ['market_only', 'market_plus_state'] as const;
export type FeatureSet = (typeof FEATURE_SETS)[number];

export function bySet<T>(make: (featureSet: FeatureSet) => T): Record<FeatureSet, T> {
  const [marketOnly, marketPlusState] = FEATURE_SETS;
  return { [marketOnly]: make(marketOnly), [marketPlusState]: make(marketPlusState) };
}

/** `long_market_only`, `long_market_plus_state`, `short_market_only`, `short_market_plus_state`. */
export type ModelKey = `${Lowercase<Side>}_${FeatureSet}`;

export function modelKey(side: Side, featureSet: FeatureSet): ModelKey {
  return `${side === 'LONG' ? 'long' : 'short'}_${featureSet}`;
}

/** In the order in which the seed trains and writes them. */
export const MODEL_KEYS: readonly ModelKey[] = SIDES.flatMap((side) => FEATURE_SETS.map((set) => modelKey(side, set)));

/** One model judged on one split. Edges are in bps. `continue_auc` is absent where all labels are of one class. */
export type SplitMetrics = {
  row_count: number;
  positive_rate: number;
  brier: number;
  constant_brier: number;
  edge_mae: number;
  edge_constant_mae: number;
  continue_auc?: number;
  brier_vs_constant_ratio: number | null;
  edge_mae_vs_constant_ratio: number | null;
};

/** How a fit ended: what the solver certifies about its own answer, measured on the data. */
export type FitCertificate = {
  /** The objective of `../numerics` at the returned coefficients. */
  objective: number;
  /** max |gradient| of that objective, computed from the data at the returned coefficients. */
  kkt_residual: number;
  /** The bound that `kkt_residual` has to stay below for the fit to count as converged. */
  kkt_tolerance: number;
  status: 'converged' | 'stalled' | 'max-iterations';
  iterations: number;
  intercept: number;
};

/** One side and feature set: its metrics by split and what made them. The seed's keys first, ours after them. */
export type ModelResult = { [split in SplitId]?: SplitMetrics } & {
  row_count: number;
  feature_count: number;
  feature_hash: string;
  regressor_kind: 'huber' | 'ridge';
  ridge_alpha: number | null;
  huber_alpha: number | null;
  huber_epsilon: number | null;
  regressor_iterations: number;
  regressor_max_iter: number;
  regressor_converged: boolean;
  regression_target_clip_bps: number | null;
  regressor_status: FitCertificate['status'];
  regressor_objective: number;
  regressor_kkt_residual: number;
  regressor_kkt_tolerance: number;
  /** Huber's jointly fitted scale sigma, bps; null for ridge. */
  regressor_scale: number | null;
  /** Rows of the fit split beyond epsilon·sigma; null for ridge. */
  regressor_outliers: number | null;
  /** Whether sigma stands at its lower bound: rows are met exactly, and a smaller one would be better still; null for ridge. */
  regressor_scale_at_bound: boolean | null;
  /** Directions of the coefficients that the data leave open (alpha 0 only), in which they are of least norm. */
  regressor_undetermined: number;
  classifier_status: FitCertificate['status'];
  classifier_iterations: number;
  classifier_objective: number;
  classifier_kkt_residual: number;
  classifier_kkt_tolerance: number;
};

export type ExperimentResult = { [key in ModelKey]: ModelResult };

/**
 * What later statistics stand on: for one model and evaluation split, the sum of absolute errors and the number of
 * rows of each UTC day that has rows, days ascending. Row counts do not depend on the model.
 */
export type DailyLosses = {
  modelKey: ModelKey;
  split: EvalSplitId;
  /** (nDays) days since 1970-01-01 UTC */
  days: Int32Array;
  /** (nDays) */
  rowCounts: Int32Array;
  /** (nDays) Σ |y − ŷ|, bps */
  absErrorSums: Float64Array;
};
