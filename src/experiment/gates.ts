import {
  type ExperimentResult,
  GATE_SPLITS,
  type GateSplitId,
  modelKey,
  SIDES,
  type Side,
  type SplitMetrics,
} from './results.ts';

export const AUC_MIN = 0.6;
export const MAE_RATIO_MAX = 0.97;

const GATE_METRICS = ['continue_auc', 'edge_mae_vs_constant_ratio'] as const;
export type GateMetric = (typeof GATE_METRICS)[number];

/** A side, a gate split and a metric, which has to meet its limit and beat `market_only`. */
export type Gate = {
  /** `long latest_stress continue_auc`: what the seed's files list it by. */
  readonly name: string;
  readonly side: Side;
  readonly split: GateSplitId;
  readonly metric: GateMetric;
  readonly value: number | null;
  readonly limit: number;
  readonly marketOnly: number | null;
  /**
   * Distance to the nearer of the two bars, positive on the passing side, in the metric's own unit:
   * auc: min(value − limit, value − marketOnly); mae ratio: min(limit − value, marketOnly − value).
   * Null where the metric itself is missing.
   */
  readonly margin: number | null;
  readonly passed: boolean;
  /**
   * Whether the `market_only` fit that the gate compares with ended at its optimum: the classifier for AUC, the regressor
   * for the ratio. One that did not is easier to beat.
   */
  readonly marketOnlyConverged: boolean;
};

/** Where a gate stands, without a result: side, split and metric, in the seed's order. */
export const GATES: readonly Pick<Gate, 'name' | 'side' | 'split' | 'metric'>[] = SIDES.flatMap((side) =>
  GATE_SPLITS.flatMap((split) =>
    GATE_METRICS.map((metric) => ({ name: `${side.toLowerCase()} ${split} ${metric}`, side, split, metric })),
  ),
);

/** The eight gates of a result, in the order of `GATES`. */
export function gatesOf(result: ExperimentResult): Gate[] {
  return GATES.map((place) => {
    const plus = result[modelKey(place.side, 'market_plus_state')][place.split];
    const base = result[modelKey(place.side, 'market_only')];
    const marketOnlyConverged =
      place.metric === 'continue_auc' ? base.classifier_status === 'converged' : base.regressor_converged;
    return { ...place, ...judgeGate(place.metric, plus, base[place.split]), marketOnlyConverged };
  });
}

/** Whether `value` is on the passing side of `bar`, and how far: AUC has to be high, a ratio of losses low. */
export function distanceBeyond(metric: GateMetric, value: number, bar: number): number {
  return metric === 'continue_auc' ? value - bar : bar - value;
}

function judgeGate(metric: GateMetric, plus: SplitMetrics | undefined, base: SplitMetrics | undefined) {
  const value = plus?.[metric] ?? null;
  const marketOnly = base?.[metric] ?? null;
  const limit = metric === 'continue_auc' ? AUC_MIN : MAE_RATIO_MAX;
  if (value === null) return { value, limit, marketOnly, margin: null, passed: false };
  const toLimit = distanceBeyond(metric, value, limit);
  const toMarketOnly = marketOnly === null ? Infinity : distanceBeyond(metric, value, marketOnly);
  // A limit may be met exactly; market_only has to be beaten.
  return {
    value,
    limit,
    marketOnly,
    margin: Math.min(toLimit, toMarketOnly),
    passed: toLimit >= 0 && toMarketOnly > 0,
  };
}
