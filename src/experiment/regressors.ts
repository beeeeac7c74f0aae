import { EVAL_SPLITS } from '../baseline/splits.ts';
import type { Dataset, Part } from '../dataset/dataset.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { type RegressionRows, Regressions } from '../numerics/regressions.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { FeatureSet } from './results.ts';
import { type JudgingContext, modelRowsOf } from './side-context.ts';

/**
 * The regressions of one side and feature set: fitted on the side's fit rows, evaluated on the other splits.
 *
 * @param arena where they keep their state for as long as they live
 */
export function regressionsOf(
  workspace: Workspace,
  arena: SharedArena,
  dataset: Dataset,
  { side, gram }: JudgingContext,
  featureSet: FeatureSet,
): Regressions {
  const parts = dataset.parts[side]!;
  const rowsOf = (part: Part): RegressionRows => ({
    model: modelRowsOf(dataset, part, featureSet),
    nDays: part.days.length,
  });
  // The fit split stands before the evaluation splits.
  const evaluation = EVAL_SPLITS.map((_, s) => (parts[s + 1]!.rowCount === 0 ? null : rowsOf(parts[s + 1]!)));
  return new Regressions(workspace, arena, { fit: rowsOf(parts[0]!), gram, evaluation });
}
