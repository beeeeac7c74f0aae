import { type Dataset, partMatrix } from '../dataset/dataset.ts';
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
  const { values, jitter } = context.leverages[featureSet];
  return new RegressionFitter(workspace, arena, {
    matrix: partMatrix(dataset, dataset.parts[context.side]![0]!),
    columns: columnsOf(dataset, featureSet),
    gram: context.gram,
    y: edgesOf(dataset, context.side, 0),
    leverage: values,
    leverageJitter: jitter,
  });
}
