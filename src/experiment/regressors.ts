import { type Dataset, partMatrix, sideMatrix } from '../dataset/dataset.ts';
import { LossEvaluator } from '../numerics/loss-evaluator.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { PredictionSpan } from '../numerics/prediction-span.ts';
import { RegressionFitter } from '../numerics/regression-fitter.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { FeatureSet } from './results.ts';
import { columnsOf, edgesOf, type SideContext } from './side-context.ts';

/** Predictions of the regressors of one side and feature set, on all its rows: shared by its fitter and its evaluators. */
export function spanOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  { side, gram, leverages }: SideContext,
  featureSet: FeatureSet,
): PredictionSpan {
  return new PredictionSpan(workspace, arena, {
    matrix: sideMatrix(dataset, side),
    columns: columnsOf(dataset, featureSet),
    gram,
    leverage: leverages[featureSet].values,
    leverageJitter: leverages[featureSet].jitter,
  });
}

/**
 * A fitter for the regressors of one side and feature set, on the side's fit rows and what they share.
 *
 * @param arena where the fitter keeps its state for as long as it lives
 */
export function regressorsOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  { side, gram }: SideContext,
  span: PredictionSpan,
): RegressionFitter {
  const { columns } = span.rows;
  const matrix = partMatrix(dataset, dataset.parts[side]![0]!);
  return new RegressionFitter(workspace, arena, { matrix, columns, gram, y: edgesOf(dataset, side, 0), span });
}

/** A judge of regressors' losses on one split of a side; null where the split has no rows. */
export function lossEvaluatorOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  side: number,
  span: PredictionSpan,
  split: number,
): LossEvaluator | null {
  const parts = dataset.parts[side]!;
  const part = parts[split]!;
  if (part.rowCount === 0) return null;
  return new LossEvaluator(workspace, arena, {
    matrix: partMatrix(dataset, part),
    columns: span.rows.columns,
    y: edgesOf(dataset, side, split),
    dayIndex: dataset.dayIndex.subarray(part.firstRow, part.firstRow + part.rowCount),
    nDays: part.days.length,
    span,
    firstRow: part.firstRow - parts[0]!.firstRow,
  });
}
