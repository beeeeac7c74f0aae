import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { type DesignMatrix, strideFor } from '../numerics/design-matrix.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { firstOverflow, fitScaler, type Scaler, standardize } from '../numerics/scaler.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import { type StateFrame, splitOf } from './state-frame.ts';
import { type RunFacts, STATE_STRIDE } from './state-rows.ts';

const DAY_MS = 86_400_000;

/** Rows of one side and split: consecutive rows of the dataset. */
export type Part = {
  readonly firstRow: number;
  readonly rowCount: number;
  /** UTC days that have rows, ascending, in days since 1970-01-01 */
  readonly days: Int32Array;
  /** rows of each of these days */
  readonly dayRowCounts: Int32Array;
};

/**
 * A state frame's matrices for one ages set and cap: side after side, within a side split after split, within a split
 * in frame order. All arrays stand on shared memory, so that threads read one copy.
 */
export type Dataset = {
  readonly rowCount: number;
  /**
   * The features that stand in the matrix, numbered market features first, then state features, ascending. A feature that
   * is constant over the fit rows of both sides is left out: standardized it is a column of zeros there, its coefficient
   * is 0 in every fit, and so it moves no prediction on any split.
   */
  readonly features: Int32Array;
  /** how many of `features` are market features */
  readonly nMarketFeatures: number;
  readonly nFeatures: number;
  readonly stride: number;
  /** (rowCount × stride) 1, `features`, zeros; standardized once `standardizeSide` has run */
  readonly x: Float32Array<SharedArrayBuffer>;
  /** (rowCount) bps */
  readonly expectedContinueEdgeBps: Float32Array<SharedArrayBuffer>;
  /** (rowCount) 0 or 1 */
  readonly continueTarget: Uint8Array<SharedArrayBuffer>;
  /** (rowCount) index into the part's `days` */
  readonly dayIndex: Int32Array<SharedArrayBuffer>;
  /** (rowCount) the row's place in the state frame */
  readonly frameRow: Int32Array<SharedArrayBuffer>;
  /** parts[side][split], side 0 LONG and 1 SHORT, splits as in ALL_SPLITS */
  readonly parts: readonly (readonly Part[])[];
};

/** Bytes of shared memory that `buildDataset` takes. */
export function datasetSizeBytes(rowCount: number, nFeatures: number): number {
  return rowCount * (4 * strideFor(nFeatures) + 4 + 1 + 4 + 4) + 8 * 64;
}

/** Days of each split of a baseline run, added up: at least the days of all parts of one side of any of its datasets. */
export function splitDayCount({ features }: RunFacts): number {
  const seen = new Set<number>();
  for (let row = 0; row < features.rowCount; row += 1) {
    seen.add(Math.floor(features.openTimesMs[row]! / DAY_MS) * 256 + features.splits[row]!);
  }
  return seen.size;
}

/** Lays a state frame out as matrices; features are not standardized yet. */
export function buildDataset(frame: StateFrame, arena: SharedArena): Dataset {
  const { rows, order, rowCount } = frame;
  const nAllMarket = rows.run.features.featureOrder.length;
  const features = varyingFeatures(frame);
  const market = features.filter((feature) => feature < nAllMarket);
  const state = features.filter((feature) => feature >= nAllMarket).map((feature) => feature - nAllMarket);
  const stride = strideFor(features.length);
  const nSplits = ALL_SPLITS.length;
  const x = arena.float32(rowCount * stride, 'dirty');
  const expectedContinueEdgeBps = arena.float32(rowCount, 'dirty');
  const continueTarget = arena.uint8(rowCount, 'dirty');
  const dayIndex = arena.int32(rowCount, 'dirty');
  const frameRow = arena.int32(rowCount, 'dirty');
  const partOf = order.map((row) => rows.side[row]! * nSplits + splitOf(rows, row));
  const firstRows = new Int32Array(2 * nSplits + 1);
  for (const part of partOf) firstRows[part + 1]! += 1;
  for (let part = 0; part < 2 * nSplits; part += 1) firstRows[part + 1]! += firstRows[part]!;
  const next = firstRows.slice();
  // Out of the loop, which runs once for each value of the matrix.
  const { marketFeatures, stateFeatures, featureRow } = rows;
  const { openTimesMs } = rows.run.features;
  const nMarket = market.length;
  const nState = state.length;
  const nBehind = stride - 1 - nMarket - nState;
  for (let i = 0; i < rowCount; i += 1) {
    const row = order[i]!;
    const at = next[partOf[i]!]!++;
    const now = featureRow[row]!;
    const marketRow = now * nAllMarket;
    const stateRow = row * STATE_STRIDE;
    const first = at * stride + 1;
    x[first - 1] = 1;
    for (let j = 0; j < nMarket; j += 1) x[first + j] = marketFeatures[marketRow + market[j]!]!;
    const firstState = first + nMarket;
    for (let j = 0; j < nState; j += 1) x[firstState + j] = stateFeatures[stateRow + state[j]!]!;
    const behind = firstState + nState;
    for (let j = 0; j < nBehind; j += 1) x[behind + j] = 0;
    expectedContinueEdgeBps[at] = rows.expectedContinueEdgeBps[row]!;
    continueTarget[at] = rows.continueTarget[row]!;
    dayIndex[at] = Math.floor(openTimesMs[now]! / DAY_MS);
    frameRow[at] = i;
  }
  const parts = [0, 1].map((side) =>
    ALL_SPLITS.map((_, split) => {
      const firstRow = firstRows[side * nSplits + split]!;
      const count = firstRows[side * nSplits + split + 1]! - firstRow;
      return numberDays(dayIndex.subarray(firstRow, firstRow + count), firstRow);
    }),
  );
  return {
    rowCount,
    features,
    nMarketFeatures: market.length,
    nFeatures: features.length,
    stride,
    x,
    expectedContinueEdgeBps,
    continueTarget,
    dayIndex,
    frameRow,
    parts,
  };
}

/** Features that take two values or more on the fit rows of at least one side. */
function varyingFeatures({ rows, order }: StateFrame): Int32Array {
  const { marketFeatures, stateFeatures, featureRow, side } = rows;
  const { splits, featureOrder } = rows.run.features;
  const nMarket = featureOrder.length;
  const nAll = nMarket + STATE_STRIDE;
  const varies = new Uint8Array(nAll);
  const firstRow = [-1, -1];
  // Of each side the features not seen to vary yet: most do from the second row on, so the lists are soon short.
  const constant = [0, 1].map(() => Int32Array.from({ length: nAll }, (_, feature) => feature));
  for (const row of order) {
    const now = featureRow[row]!;
    if (splits[now] !== 0) continue;
    const s = side[row]!;
    const first = firstRow[s]!;
    if (first < 0) {
      firstRow[s] = row;
      continue;
    }
    const list = constant[s]!;
    const then = featureRow[first]!;
    let found = false;
    for (let k = 0; k < list.length; k += 1) {
      const feature = list[k]!;
      const isSame =
        feature < nMarket
          ? marketFeatures[now * nMarket + feature] === marketFeatures[then * nMarket + feature]
          : stateFeatures[row * STATE_STRIDE + feature - nMarket] ===
            stateFeatures[first * STATE_STRIDE + feature - nMarket];
      if (!isSame) {
        varies[feature] = 1;
        found = true;
      }
    }
    if (found) constant[s] = list.filter((feature) => varies[feature] === 0);
  }
  return Int32Array.from(varies.keys()).filter((feature) => varies[feature] === 1);
}

/**
 * Standardizes all rows of one side by the scaler of its fit rows (split 0), in place.
 *
 * @throws UserError where float32 cannot hold a standardized value
 */
export function standardizeSide(workspace: Workspace, dataset: Dataset, side: number): Scaler {
  const parts = dataset.parts[side]!;
  const scaler = fitScaler(workspace, partMatrix(dataset, parts[0]!), dataset.nFeatures + 1);
  parts.forEach((part, split) => {
    if (part.rowCount === 0) return;
    const matrix = partMatrix(dataset, part);
    standardize(workspace, matrix, scaler);
    const column = firstOverflow(workspace, matrix, dataset.nFeatures + 1);
    if (column === null) return;
    throw new UserError(
      `state continue ${SIDES[side]}: feature ${dataset.features[column - 1]} (counted from 0, market features first) ` +
        `spreads over ${scaler.scale[column]} on ${ALL_SPLITS[0]} and has values on ${ALL_SPLITS[split]} that float32 ` +
        'cannot hold when they are divided by that. Leave the feature out, or mend its values.',
    );
  });
  return scaler;
}

/** The rows of one part as a design matrix. */
export function partMatrix(dataset: Dataset, part: Part): DesignMatrix {
  const { x, stride } = dataset;
  const first = part.firstRow * stride;
  return { x: x.subarray(first, first + part.rowCount * stride), stride, nSamples: part.rowCount };
}

/** All rows of one side, split after split. */
export function sideMatrix(dataset: Dataset, side: number): DesignMatrix {
  const { x, stride } = dataset;
  const parts = dataset.parts[side]!;
  const first = parts[0]!.firstRow;
  const nSamples = parts.reduce((sum, part) => sum + part.rowCount, 0);
  return { x: x.subarray(first * stride, (first + nSamples) * stride), stride, nSamples };
}

/** Replaces UTC days by their index among the part's days. */
function numberDays(days: Int32Array, firstRow: number): Part {
  const counts = new Map<number, number>();
  for (const day of days) counts.set(day, (counts.get(day) ?? 0) + 1);
  const distinct = [...counts.keys()].sort((a, b) => a - b);
  const index = new Map(distinct.map((day, i) => [day, i]));
  for (let i = 0; i < days.length; i += 1) days[i] = index.get(days[i]!)!;
  return {
    firstRow,
    rowCount: days.length,
    days: Int32Array.from(distinct),
    dayRowCounts: Int32Array.from(distinct, (day) => counts.get(day)!),
  };
}
