import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { type DesignMatrix, strideFor } from '../numerics/design-matrix.ts';
import type { Kernels } from '../numerics/kernels/load.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { firstOverflow, fitScaler, type Scaler, standardize } from '../numerics/scaler.ts';
import { kernelsOn, type Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import type { StateFrame } from './state-frame.ts';
import { type RunFacts, STATE_STRIDE, type StateRows } from './state-rows.ts';

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
  /** where the matrix's values come from */
  readonly sources: DatasetSources;
  /** (rowCount × stride) 1, `features`, zeros, once `layOutSide` has run; standardized once `standardizeSide` has */
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

/** State rows and columns of them, all on shared memory, so that each side can be laid out by a thread of its own. */
type DatasetSources = {
  /** (rowCount) the state row of each row */
  readonly stateRow: Int32Array<SharedArrayBuffer>;
  /** numbers of the market and state features that stand in the matrix */
  readonly marketColumns: Int32Array<SharedArrayBuffer>;
  readonly stateColumns: Int32Array<SharedArrayBuffer>;
  readonly nAllMarket: number;
} & Pick<StateRows, 'marketFeatures' | 'stateFeatures' | 'featureRow'>;

/** Bytes of shared memory that `planDataset` takes. */
export function datasetSizeBytes(rowCount: number, nFeatures: number): number {
  return rowCount * (4 * strideFor(nFeatures) + 4 + 1 + 4 + 4 + 4) + 3 * 4 * nFeatures + 16 * 64;
}

/** Days of each split of a baseline run, added up: at least the days of all parts of one side of any of its datasets. */
export function splitDayCount({ features }: RunFacts): number {
  const seen = new Set<number>();
  for (let row = 0; row < features.rowCount; row += 1) {
    seen.add(Math.floor(features.openTimesMs[row]! / DAY_MS) * 256 + features.splits[row]!);
  }
  return seen.size;
}

/** A dataset with its matrices laid out; features are not standardized yet. */
export function buildDataset(frame: StateFrame, arena: SharedArena): Dataset {
  const dataset = planDataset(frame, arena);
  SIDES.forEach((_, side) => {
    layOutSide(kernelsOn(arena.memory), dataset, side);
  });
  return dataset;
}

/** Everything of a dataset but the matrix's values: which rows and columns stand where, targets, days. */
export function planDataset(frame: StateFrame, arena: SharedArena): Dataset {
  const { rows, order, rowCount } = frame;
  const { featureRow, side } = rows;
  const { openTimesMs, splits } = rows.run.features;
  const nSplits = ALL_SPLITS.length;
  const expectedContinueEdgeBps = arena.float32(rowCount, 'dirty');
  const continueTarget = arena.uint8(rowCount, 'dirty');
  const dayIndex = arena.int32(rowCount, 'dirty');
  const frameRow = arena.int32(rowCount, 'dirty');
  const stateRow = arena.int32(rowCount, 'dirty');
  const partOf = new Uint8Array(rowCount);
  const firstRows = new Int32Array(2 * nSplits + 1);
  for (let i = 0; i < rowCount; i += 1) {
    const row = order[i]!;
    const part = side[row]! * nSplits + splits[featureRow[row]!]!;
    partOf[i] = part;
    firstRows[part + 1]! += 1;
  }
  for (let part = 0; part < 2 * nSplits; part += 1) firstRows[part + 1]! += firstRows[part]!;
  const next = firstRows.slice();
  for (let i = 0; i < rowCount; i += 1) {
    const row = order[i]!;
    const at = next[partOf[i]!]!++;
    stateRow[at] = row;
    frameRow[at] = i;
    expectedContinueEdgeBps[at] = rows.expectedContinueEdgeBps[row]!;
    continueTarget[at] = rows.continueTarget[row]!;
    dayIndex[at] = Math.floor(openTimesMs[featureRow[row]!]! / DAY_MS);
  }
  const parts = SIDES.map((_, s) =>
    ALL_SPLITS.map((_split, split) => {
      const firstRow = firstRows[s * nSplits + split]!;
      const end = firstRows[s * nSplits + split + 1]!;
      return numberDays(dayIndex.subarray(firstRow, end), firstRow);
    }),
  );
  const nAllMarket = rows.run.features.featureOrder.length;
  const fitRows = parts.map(([fit]) => stateRow.subarray(fit!.firstRow, fit!.firstRow + fit!.rowCount));
  const features = varyingFeatures(rows, fitRows, arena);
  const market = features.filter((feature) => feature < nAllMarket);
  const state = features.filter((feature) => feature >= nAllMarket).map((feature) => feature - nAllMarket);
  const marketColumns = arena.int32(market.length, 'dirty');
  const stateColumns = arena.int32(state.length, 'dirty');
  marketColumns.set(market);
  stateColumns.set(state);
  const stride = strideFor(features.length);
  const { marketFeatures, stateFeatures } = rows;
  return {
    rowCount,
    features,
    nMarketFeatures: market.length,
    nFeatures: features.length,
    stride,
    sources: { stateRow, marketColumns, stateColumns, nAllMarket, marketFeatures, stateFeatures, featureRow },
    x: arena.float32(rowCount * stride, 'dirty'),
    expectedContinueEdgeBps,
    continueTarget,
    dayIndex,
    frameRow,
    parts,
  };
}

/** Writes one side's rows of the matrix; features are not standardized yet. */
export function layOutSide(kernels: Kernels, dataset: Dataset, side: number): void {
  const { x, stride, sources } = dataset;
  const { nSamples } = sideMatrix(dataset, side);
  if (nSamples === 0) return;
  const first = dataset.parts[side]![0]!.firstRow;
  kernels.run.layOutRows(
    kernels.at(x),
    stride,
    first,
    first + nSamples,
    kernels.at(sources.stateRow),
    kernels.at(sources.featureRow),
    kernels.at(sources.marketFeatures),
    sources.nAllMarket,
    kernels.at(sources.marketColumns),
    sources.marketColumns.length,
    kernels.at(sources.stateFeatures),
    STATE_STRIDE,
    kernels.at(sources.stateColumns),
    sources.stateColumns.length,
  );
}

/** Features that take two values or more on the fit rows of at least one side. */
function varyingFeatures(rows: StateRows, fitRows: readonly Int32Array[], arena: SharedArena): Int32Array {
  const nMarket = rows.run.features.featureOrder.length;
  const nAll = nMarket + STATE_STRIDE;
  const kernels = kernelsOn(arena.memory);
  const mark = arena.mark();
  const list = arena.int32(nAll, 'dirty');
  const constantOn = fitRows.map((side) => {
    for (let feature = 0; feature < nAll; feature += 1) list[feature] = feature;
    const left = kernels.run.keepConstant(
      kernels.at(side),
      side.length,
      kernels.at(rows.featureRow),
      kernels.at(rows.marketFeatures),
      nMarket,
      kernels.at(rows.stateFeatures),
      STATE_STRIDE,
      list.byteOffset,
      nAll,
    );
    return new Set(list.subarray(0, left));
  });
  arena.release(mark);
  return Int32Array.from({ length: nAll }, (_, feature) => feature).filter(
    (feature) => !constantOn.every((constant) => constant.has(feature)),
  );
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
  // Rows of one day mostly stand together.
  for (let first = 0; first < days.length; ) {
    const day = days[first]!;
    let end = first + 1;
    while (end < days.length && days[end] === day) end += 1;
    counts.set(day, (counts.get(day) ?? 0) + end - first);
    first = end;
  }
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
