import { type Dataset, partMatrix } from '../dataset/dataset.ts';
import { LossEvaluator } from '../numerics/loss-evaluator.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { RegressionFitter } from '../numerics/regression-fitter.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { FeatureSet } from './results.ts';
import { columnsOf, edgesOf, type SideContext } from './side-context.ts';

/**
 * A fitter for the regressors of one side and feature set, on the side's fit rows and what they share.
 *
 * @param arena where the fitter keeps its state for as long as it lives
 */
export function regressorsOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  context: SideContext,
  featureSet: FeatureSet,
): RegressionFitter {
  const { jitter } = context.leverages[featureSet];
  return new RegressionFitter(workspace, arena, {
    matrix: partMatrix(dataset, dataset.parts[context.side]![0]!),
    columns: columnsOf(dataset, featureSet),
    gram: context.gram,
    y: edgesOf(dataset, context.side, 0),
    leverage: leveragesOf(dataset, context, featureSet, 0),
    leverageJitter: jitter,
  });
}

/** A judge of regressors' losses on one split of a side; null where the split has no rows. */
export function lossEvaluatorOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  context: SideContext,
  featureSet: FeatureSet,
  split: number,
): LossEvaluator | null {
  const part = dataset.parts[context.side]![split]!;
  if (part.rowCount === 0) return null;
  return new LossEvaluator(workspace, arena, {
    matrix: partMatrix(dataset, part),
    columns: columnsOf(dataset, featureSet),
    y: edgesOf(dataset, context.side, split),
    dayIndex: dataset.dayIndex.subarray(part.firstRow, part.firstRow + part.rowCount),
    nDays: part.days.length,
    leverage: leveragesOf(dataset, context, featureSet, split),
  });
}

function leveragesOf(dataset: Dataset, { side, leverages }: SideContext, featureSet: FeatureSet, split: number) {
  const parts = dataset.parts[side]!;
  const first = parts[split]!.firstRow - parts[0]!.firstRow;
  return leverages[featureSet].values.subarray(first, first + parts[split]!.rowCount);
}
