import { gatesOf } from '../experiment/gates.ts';
import { type ExperimentResult, modelKey, SIDES, type SplitMetrics, TUNE_SPLIT } from '../experiment/results.ts';
import type { Verdict } from '../experiment/verdict.ts';
import { type UnconvergedFit, unconvergedFitsOf } from './unconverged-fits.ts';

/** What a leaderboard shows of a verdict, small enough to be read for 100,000 of them at once. */
export type VerdictSummary = {
  readonly passed: boolean;
  /** Of the eight gates. All eight do not make a pass: the regressors must have converged, too. */
  readonly gatesPassed: number;
  /** The smallest margin of the eight gates; null where the metric of one is missing. */
  readonly smallestMargin: number | null;
  /** The gate with that margin, or the first whose metric is missing: an index into `GATES`. */
  readonly weakestGate: number;
  /** What configurations are ranked by: the mean over both sides of market_plus_state on `tune`; null where one is missing. */
  readonly tuneEdgeMaeRatio: number | null;
  readonly tuneAuc: number | null;
  /** The fits that did not converge. One of market_only makes the gates against it easier to pass. */
  readonly unconverged: readonly UnconvergedFit[];
};

/** What a verdict says of the gates; null, all four, where they are sealed. */
export type ShownGates = {
  readonly isSealed: boolean;
  readonly passed: VerdictSummary['passed'] | null;
  readonly gatesPassed: VerdictSummary['gatesPassed'] | null;
  readonly smallestMargin: VerdictSummary['smallestMargin'];
  readonly weakestGate: VerdictSummary['weakestGate'] | null;
};

/** A verdict's summary as a reader has it. */
export type ShownSummary = Omit<VerdictSummary, keyof ShownGates> & ShownGates;

export function summaryOf(result: ExperimentResult, verdict: Verdict): VerdictSummary {
  const gates = gatesOf(result);
  let weakestGate = 0;
  for (const [i, gate] of gates.entries()) {
    const smallest = gates[weakestGate]!.margin;
    if (smallest !== null && (gate.margin === null || gate.margin < smallest)) weakestGate = i;
  }
  return {
    passed: verdict.status === 'PASS_TO_FORMAL_CHAIN',
    gatesPassed: gates.filter((gate) => gate.passed).length,
    smallestMargin: gates[weakestGate]!.margin,
    weakestGate,
    tuneEdgeMaeRatio: meanOverSides(result, 'edge_mae_vs_constant_ratio'),
    tuneAuc: meanOverSides(result, 'continue_auc'),
    unconverged: unconvergedFitsOf(result),
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
