import { AUC_MIN, distanceBeyond, type Gate, gatesOf, MAE_RATIO_MAX } from './gates.ts';
import { pythonRepr } from './python-text.ts';
import { type ExperimentResult, modelKey, SIDES } from './results.ts';

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

/** The seed's rule. A regressor that did not converge is a reason of its own, beside the eight gates. */
export function verdictOf(result: ExperimentResult): Verdict {
  const gates = gatesOf(result);
  const reasons: string[] = [];
  for (const side of SIDES) {
    if (!result[modelKey(side, 'market_plus_state')].regressor_converged) {
      reasons.push(`${side.toLowerCase()} market_plus_state regressor did not converge`);
    }
    reasons.push(...gates.filter((gate) => gate.side === side).flatMap(reasonsOf));
  }
  return {
    status: reasons.length === 0 ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN',
    acceptance_rule: {
      validation_and_latest_auc_min: AUC_MIN,
      validation_and_latest_edge_mae_vs_constant_max: MAE_RATIO_MAX,
      must_beat_market_only: true,
      regressor_must_converge: true,
    },
    passed_checks: gates.filter((gate) => gate.passed).map((gate) => gate.name),
    reasons,
  };
}

/** The seed's sentences for what a gate misses. */
function reasonsOf({ name, metric, value, limit, marketOnly }: Gate): string[] {
  const isAuc = metric === 'continue_auc';
  const reasons: string[] = [];
  if (value === null || distanceBeyond(metric, value, limit) < 0) {
    reasons.push(`${name} ${isAuc ? 'below' : 'above'} ${limit.toFixed(2)}: ${pythonRepr(value)}`);
  }
  if (marketOnly !== null && (value === null || distanceBeyond(metric, value, marketOnly) <= 0)) {
    reasons.push(
      `${name} not better than market_only: ${pythonRepr(value)} ${isAuc ? '<=' : '>='} ${pythonRepr(marketOnly)}`,
    );
  }
  return reasons;
}
