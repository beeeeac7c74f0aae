import { createSharedMemory, SharedArena } from '../../numerics/memory.ts';
import { rocAuc } from '../../numerics/metrics/auc.ts';
import { median } from '../../numerics/metrics/median.ts';
import { sortSizeBytes } from '../../numerics/metrics/sorted-order.ts';
import { Workspace } from '../../numerics/workspace.ts';
import { UserError } from '../../user-error.ts';
import { FIT_SPLIT, SIDES, type Side, TUNE_SPLIT } from '../splits.ts';
import type { BuildPlan } from './build-plan.ts';
import { fitRidge } from './fit-ridge.ts';
import { fitSoftmax } from './fit-softmax.ts';
import { CLASSIFIER_L2, logOdds, MAX_FIT_ROWS, RIDGE_ALPHA_PER_ROW } from './frozen-models.ts';
import { scores } from './linear-head.ts';
import { type PathOutcomes, pathTargets } from './path-outcomes.ts';
import { type StandardizedRows, standardizedRows } from './standardized-rows.ts';
import { type FrameRow, type SymbolFrame, usableRows } from './symbol-frame.ts';

/** `CONTINUE.metrics` of the model manifest, which the experiment's report quotes. */
export type ContinueMetrics = {
  [head in `${Lowercase<Side>}_continue_prob`]: { auc: number | null };
} & {
  [head in `${Lowercase<Side>}_expected_continue_edge_bps`]: { mae_vs_constant_ratio: number | null };
};

/**
 * How far market features alone tell P(continue) and the continue edge of any bar, a position there or not: linear
 * models, trained on `fit_inner`, judged on `tune`. The edge's error is set against that of the fit rows' median.
 *
 * @throws UserError when fit_inner has one class only, or tune has no row
 */
export function continueMetrics(frames: readonly SymbolFrame[], plan: BuildPlan): ContinueMetrics {
  const outcomesOf = (frame: SymbolFrame): PathOutcomes => frame.continueOutcomes;
  const fitRows = usableRows(frames, FIT_SPLIT, outcomesOf, MAX_FIT_ROWS);
  const tuneRows = usableRows(frames, TUNE_SPLIT, outcomesOf);
  if (fitRows.length === 0 || tuneRows.length === 0) {
    throw new UserError(
      `continue labels: ${FIT_SPLIT} and ${TUNE_SPLIT} need bars with history and a label, ` +
        `got ${fitRows.length} and ${tuneRows.length}. Give more bars`,
    );
  }
  const fit = standardizedRows(fitRows);
  const tune = standardizedRows(tuneRows, fit.moments);
  const judged = (side: Side) => judge({ rows: fitRows, x: fit }, { rows: tuneRows, x: tune }, frames, side, plan);
  const [long, short] = [judged(SIDES[0]), judged(SIDES[1])];
  return {
    long_continue_prob: { auc: long.auc },
    long_expected_continue_edge_bps: { mae_vs_constant_ratio: long.maeRatio },
    short_continue_prob: { auc: short.auc },
    short_expected_continue_edge_bps: { mae_vs_constant_ratio: short.maeRatio },
  };
}

type Part = { readonly rows: readonly FrameRow[]; readonly x: StandardizedRows };

function judge(
  fit: Part,
  tune: Part,
  frames: readonly SymbolFrame[],
  side: Side,
  plan: BuildPlan,
): { auc: number | null; maeRatio: number | null } {
  const rule = { ...plan, minExpectedEdgeBps: plan.minExpectedContinueEdgeBps };
  const targets = new Map(frames.map((frame) => [frame, pathTargets(frame.continueOutcomes, rule)[side]]));
  const labelsOf = (part: Part): Uint8Array =>
    Uint8Array.from(part.rows, ({ frame, bar }) => targets.get(frame)![bar]!);
  const edgesOf = (part: Part): Float64Array =>
    Float64Array.from(part.rows, ({ frame, bar }) => {
      return frame.continueOutcomes.bySide[side].returnBps[bar]! - plan.costBps;
    });
  const fitLabels = labelsOf(fit);
  const positives = fitLabels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === fitLabels.length) {
    throw new UserError(
      `continue labels: ${FIT_SPLIT} needs bars of both classes for ${side}, got ${positives} positive of ${fitLabels.length}. ` +
        'Give more bars, or other values for cost, stop, continue horizon and least continue edge',
    );
  }
  const classifier = logOdds(fitSoftmax(fit.x, fitLabels, 2, CLASSIFIER_L2), fit.x);
  const fitEdges = edgesOf(fit);
  const tuneEdges = edgesOf(tune);
  const predicted = scores(tune.x, fitRidge(fit.x, fitEdges, RIDGE_ALPHA_PER_ROW * fit.rows.length));
  const constant = median(fitEdges);
  const error = meanAbsoluteError(tuneEdges, (i) => predicted[i]!);
  const constantError = meanAbsoluteError(tuneEdges, () => constant);
  const workspace = new Workspace(new SharedArena(createSharedMemory(sortSizeBytes(tune.rows.length))));
  return {
    // The log odds order rows as their probabilities do.
    auc: rocAuc(workspace, labelsOf(tune), scores(tune.x, classifier)),
    maeRatio: constantError > 0 ? error / constantError : null,
  };
}

function meanAbsoluteError(values: Float64Array, predicted: (i: number) => number): number {
  return values.reduce((sum, value, i) => sum + Math.abs(value - predicted(i)), 0) / values.length;
}
