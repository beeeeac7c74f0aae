import { pythonRepr } from './python-text.ts';
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

export type VerdictStatus = 'PASS_TO_FORMAL_CHAIN' | 'NOT_READY_FOR_FORMAL_CHAIN';

/** The file `state_continue_verdict.json`, the seed's keys. */
export type Verdict = {
  status: VerdictStatus;
  acceptance_rule: {
    validation_and_latest_auc_min: number;
    validation_and_latest_edge_mae_vs_constant_max: number;
    must_beat_market_only: true;
    regressor_must_converge: true;
  };
  passed_checks: string[];
  reasons: string[];
};

/** One of the eight gates: a side, a gate split and a metric, which has to meet its limit and beat `market_only`. */
export type Check = {
  name: string;
  side: Side;
  split: GateSplitId;
  metric: 'continue_auc' | 'edge_mae_vs_constant_ratio';
  value: number | null;
  limit: number;
  marketOnly: number | null;
  /**
   * Distance to the nearer of the two bars, positive on the passing side, in the metric's own unit:
   * auc: min(value − limit, value − marketOnly); mae ratio: min(limit − value, marketOnly − value).
   * Null where the metric itself is missing.
   */
  margin: number | null;
  passed: boolean;
};

/** The eight checks, in the seed's order. */
export function checksOf(result: ExperimentResult): Check[] {
  const checks: Check[] = [];
  for (const side of SIDES) {
    const plus = result[modelKey(side, 'market_plus_state')];
    const base = result[modelKey(side, 'market_only')];
    for (const split of GATE_SPLITS) {
      checks.push(
        checkAuc(side, split, plus[split], base[split]),
        checkMaeRatio(side, split, plus[split], base[split]),
      );
    }
  }
  return checks;
}

/** The seed's rule. A regressor that did not converge is a reason of its own, beside the eight checks. */
export function verdictOf(result: ExperimentResult): Verdict {
  const reasons: string[] = [];
  const passedChecks: string[] = [];
  for (const side of SIDES) {
    const plus = result[modelKey(side, 'market_plus_state')];
    if (!plus.regressor_converged) reasons.push(`${side.toLowerCase()} market_plus_state regressor did not converge`);
    for (const check of checksOf(result).filter((c) => c.side === side)) {
      reasons.push(...reasonsOf(check));
      if (check.passed) passedChecks.push(check.name);
    }
  }
  return {
    status: reasons.length === 0 ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN',
    acceptance_rule: {
      validation_and_latest_auc_min: AUC_MIN,
      validation_and_latest_edge_mae_vs_constant_max: MAE_RATIO_MAX,
      must_beat_market_only: true,
      regressor_must_converge: true,
    },
    passed_checks: passedChecks,
    reasons,
  };
}

function checkAuc(side: Side, split: GateSplitId, plus?: SplitMetrics, base?: SplitMetrics): Check {
  const value = plus?.continue_auc ?? null;
  const marketOnly = base?.continue_auc ?? null;
  return {
    name: `${side.toLowerCase()} ${split} continue_auc`,
    side,
    split,
    metric: 'continue_auc',
    value,
    limit: AUC_MIN,
    marketOnly,
    margin: value === null ? null : Math.min(value - AUC_MIN, marketOnly === null ? Infinity : value - marketOnly),
    passed: value !== null && value >= AUC_MIN && (marketOnly === null || value > marketOnly),
  };
}

function checkMaeRatio(side: Side, split: GateSplitId, plus?: SplitMetrics, base?: SplitMetrics): Check {
  const value = plus?.edge_mae_vs_constant_ratio ?? null;
  const marketOnly = base?.edge_mae_vs_constant_ratio ?? null;
  return {
    name: `${side.toLowerCase()} ${split} edge_mae_vs_constant_ratio`,
    side,
    split,
    metric: 'edge_mae_vs_constant_ratio',
    value,
    limit: MAE_RATIO_MAX,
    marketOnly,
    margin:
      value === null ? null : Math.min(MAE_RATIO_MAX - value, marketOnly === null ? Infinity : marketOnly - value),
    passed: value !== null && value <= MAE_RATIO_MAX && (marketOnly === null || value < marketOnly),
  };
}

/** The seed's sentences for what a check misses. */
function reasonsOf(check: Check): string[] {
  const where = `${check.side.toLowerCase()} ${check.split} ${check.metric}`;
  const { value, limit, marketOnly } = check;
  const isAuc = check.metric === 'continue_auc';
  const meetsLimit = value !== null && (isAuc ? value >= limit : value <= limit);
  const beatsMarketOnly = marketOnly === null || (value !== null && (isAuc ? value > marketOnly : value < marketOnly));
  const reasons: string[] = [];
  if (!meetsLimit) reasons.push(`${where} ${isAuc ? 'below 0.60' : 'above 0.97'}: ${pythonRepr(value)}`);
  if (!beatsMarketOnly) {
    reasons.push(
      `${where} not better than market_only: ${pythonRepr(value)} ${isAuc ? '<=' : '>='} ${pythonRepr(marketOnly)}`,
    );
  }
  return reasons;
}
