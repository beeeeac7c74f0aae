import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { firstOverflow, fitScaler, type Scaler, standardize } from '../numerics/scaler.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import type { Dataset } from './dataset.ts';
import { partRows } from './dataset-table.ts';

/**
 * Standardizes all rows of one side by the scaler of its fit rows (split 0), in place.
 *
 * @throws UserError where float32 cannot hold a standardized value
 */
export function standardizeSide(workspace: Workspace, dataset: Dataset, side: number): Scaler {
  const parts = dataset.parts[side]!;
  const scaler = fitScaler(workspace, partRows(dataset, parts[0]!));
  parts.forEach((part, split) => {
    if (part.rowCount === 0) return;
    const rows = partRows(dataset, part);
    standardize(workspace, rows, scaler);
    const column = firstOverflow(workspace, rows);
    if (column === null) return;
    throw new UserError(
      `state continue ${SIDES[side]}: feature ${dataset.features[column - 1]} (counted from 0, market features first) ` +
        `spreads over ${scaler.scale[column]} on ${ALL_SPLITS[0]} and has values on ${ALL_SPLITS[split]} that float32 ` +
        'cannot hold when they are divided by that. Leave the feature out, or mend its values.',
    );
  });
  return scaler;
}
