import {
  type ExperimentResult,
  GATE_SPLITS,
  modelKey,
  SIDES,
  type SplitMetrics,
  TUNE_SPLIT,
} from '../experiment/results.ts';
import { checksOf, type Verdict } from '../experiment/verdict.ts';

/** What a leaderboard shows of a verdict, small enough to be read for 100,000 of them at once. */
export type VerdictSummary = {
  readonly passed: boolean;
  /** Of the eight checks. All eight do not make a pass: the regressors must have converged, too. */
  readonly checksPassed: number;
  /** The smallest margin of the eight checks; null where the metric of one is missing. */
  readonly smallestMargin: number | null;
  /** The check with that margin, or the first whose metric is missing: an index into `CHECK_NAMES`. */
  readonly weakestCheck: number;
  /** What configurations are ranked by: the mean over both sides of market_plus_state on `tune`; null where one is missing. */
  readonly tuneEdgeMaeRatio: number | null;
  readonly tuneAuc: number | null;
};

/** The names of the eight checks, in the order of `checksOf`. */
export const CHECK_NAMES: readonly string[] = SIDES.flatMap((side) =>
  GATE_SPLITS.flatMap((split) =>
    ['continue_auc', 'edge_mae_vs_constant_ratio'].map((metric) => `${side.toLowerCase()} ${split} ${metric}`),
  ),
);

export function summaryOf(result: ExperimentResult, verdict: Verdict): VerdictSummary {
  const checks = checksOf(result);
  let weakestCheck = 0;
  for (const [i, check] of checks.entries()) {
    const smallest = checks[weakestCheck]!.margin;
    if (smallest !== null && (check.margin === null || check.margin < smallest)) weakestCheck = i;
  }
  return {
    passed: verdict.status === 'PASS_TO_FORMAL_CHAIN',
    checksPassed: checks.filter((check) => check.passed).length,
    smallestMargin: checks[weakestCheck]!.margin,
    weakestCheck,
    tuneEdgeMaeRatio: meanOverSides(result, 'edge_mae_vs_constant_ratio'),
    tuneAuc: meanOverSides(result, 'continue_auc'),
  };
}

function meanOverSides(result: ExperimentResult, metric: keyof SplitMetrics): number | null {
  let sum = 0;
  for (const side of SIDES) {
    const value = result[modelKey(side, 'market_plus_state')][TUNE_SPLIT]?.[metric] ?? null;
    if (value === null) return null;
    sum += value;
  }
  return sum / SIDES.length;
}
