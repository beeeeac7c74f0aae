import { Table, type TypeMap, type Vector } from 'apache-arrow';
import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import type { Dataset, Part } from '../dataset/dataset.ts';
import { stateRowsOf } from '../dataset/dataset-table.ts';
import { float32Vector, identityColumns, int8Vector, stateColumn, textVector } from '../dataset/frame-table.ts';
import { gatherFloat32, gatherInt8 } from '../dataset/gather.ts';
import { STATE_FEATURES } from '../dataset/state-features.ts';
import type { StateFrame } from '../dataset/state-frame.ts';
import { clipTo } from '../numerics/rows/targets.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { Judgement } from './judge.ts';
import { FEATURE_SETS, modelKey } from './results.ts';
import { continueProbabilities, linearPredictions, type SideContext } from './side-context.ts';

/** State features that a prediction carries along, in the seed's order. */
const CARRIED_STATE = [
  'time_in_position_minutes',
  'unrealized_pnl_bps',
  'mfe_since_entry_bps',
  'mae_since_entry_bps',
  'entry_predicted_edge_bps',
  'entry_direction_prob',
] as const;

/**
 * The file `state_continue_predictions.parquet`: each model's float32 predictions for every row of its side, model after
 * model, split after split, rows in frame order.
 */
export function predictionsTable(
  workspace: Workspace,
  frame: StateFrame,
  dataset: Dataset,
  contexts: readonly SideContext[],
  judgement: Judgement,
): Table<TypeMap> {
  const rowCount = FEATURE_SETS.length * dataset.rowCount;
  const inFrameOrder = frameOrderOf(frame, dataset);
  const stateRows = new Int32Array(rowCount);
  const probabilities = new Float32Array(rowCount);
  const edges = new Float32Array(rowCount);
  const sides = new Int32Array(rowCount);
  const sets = new Int32Array(rowCount);
  let at = 0;
  for (const context of contexts) {
    FEATURE_SETS.forEach((featureSet, set) => {
      const regressor = judgement.regressors[modelKey(SIDES[context.side]!, featureSet)];
      ALL_SPLITS.forEach((_, split) => {
        const part = dataset.parts[context.side]![split]!;
        if (part.rowCount === 0) return;
        const rows = stateRowsOf(dataset, part);
        const where = [workspace, dataset, context.side, split, featureSet] as const;
        const p = continueProbabilities(...where, context.classifiers[featureSet]);
        const e = linearPredictions(...where, regressor.coef);
        for (const i of inFrameOrder(part)) {
          stateRows[at] = rows[i]!;
          probabilities[at] = p[i]!;
          edges[at] = clipTo(e[i]!, regressor.clip);
          sides[at] = context.side;
          sets[at] = set;
          at += 1;
        }
      });
    });
  }
  const { sample_id, symbol, event_time, split_id, position_side } = identityColumns(frame, stateRows);
  const columns: Record<string, Vector> = {
    sample_id: sample_id!,
    symbol: symbol!,
    event_time: event_time!,
    split_id: split_id!,
    position_side: position_side!,
    ...Object.fromEntries(
      CARRIED_STATE.map((name) => [name, stateColumn(frame, STATE_FEATURES.indexOf(name), stateRows)]),
    ),
    continue_target: int8Vector(gatherInt8(frame.rows.continueTarget, stateRows)),
    expected_continue_edge_bps: float32Vector(gatherFloat32(frame.rows.expectedContinueEdgeBps, stateRows)),
    continue_prob: float32Vector(probabilities),
    predicted_continue_edge_bps: float32Vector(edges),
    side: textVector(SIDES, sides),
    feature_set: textVector(FEATURE_SETS, sets),
  };
  return new Table(columns);
}

/** For a part of the dataset, its rows (counted from its first) in the order in which they stand in the frame. */
function frameOrderOf({ order, rows }: StateFrame, dataset: Dataset): (part: Part) => Int32Array {
  const placeOf = new Int32Array(rows.featureRow.length);
  order.forEach((stateRow, place) => {
    placeOf[stateRow] = place;
  });
  const rowAt = new Int32Array(order.length);
  return (part) => {
    const places = stateRowsOf(dataset, part).map((stateRow, row) => {
      const place = placeOf[stateRow]!;
      rowAt[place] = row;
      return place;
    });
    return places.sort().map((place) => rowAt[place]!);
  };
}
