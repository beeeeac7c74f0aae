import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import type { Kernels } from '../numerics/kernels/load.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { wholeFours } from '../numerics/whole-fours.ts';
import { kernelsOn } from '../numerics/workspace.ts';
import { DAY_MS } from '../time-units.ts';
import type { DatasetSize } from './dataset-size.ts';
import { groupRows } from './group-rows.ts';
import { STATE_STRIDE } from './state-features.ts';
import type { StateFrame } from './state-frame.ts';
import type { RunFacts, StateRows } from './state-rows.ts';

/** Rows of one side and split: consecutive rows, and consecutive groups, of the dataset. */
export type Part = {
  /** side · number of splits + split */
  readonly number: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly firstGroup: number;
  readonly groupCount: number;
  /** UTC days that have rows, ascending, in days since 1970-01-01 */
  readonly days: Int32Array;
  /** rows of each of these days */
  readonly dayRowCounts: Int32Array;
  /** the cell of each of these days, ascending from 0, by which an AUC's pairs are counted; null: by none */
  readonly pairCells: Int32Array | null;
};

/**
 * A state frame's matrices for one ages set and cap, in groups (`rows/grouped-rows.ts`): side after side, within a side split
 * after split, within a split by feature row, a group's rows in frame order. All arrays stand on shared memory, so that
 * threads read one copy; `datasetTable` has them as columns with names.
 */
export type Dataset = {
  readonly rowCount: number;
  readonly groupCount: number;
  /**
   * The features that stand in the matrix, numbered market features first, then state features, ascending. A feature that
   * is constant over the fit rows of both sides is left out: standardized it is a column of zeros there, its coefficient
   * is 0 in every fit, and so it moves no prediction on any split.
   */
  readonly features: Int32Array;
  /** how many of `features` are market features */
  readonly nMarketFeatures: number;
  readonly nFeatures: number;
  readonly marketStride: number;
  readonly stateStride: number;
  /** where the matrix's values come from */
  readonly sources: DatasetSources;
  /** (groupCount × marketStride) 1, market features, zeros, once `layOutSide` has run; standardized once `standardizeSide` has */
  readonly market: Float32Array<SharedArrayBuffer>;
  /** (rowCount × stateStride) state features, zeros, likewise */
  readonly state: Float32Array<SharedArrayBuffer>;
  /** each group's first row, counted from its part's first row, and at the end of each part its rows: one more a part than groups */
  readonly first: Int32Array<SharedArrayBuffer>;
  /** (groupCount) the feature row that is "now" */
  readonly featureRow: Int32Array<SharedArrayBuffer>;
  /** (groupCount) bps */
  readonly expectedContinueEdgeBps: Float32Array<SharedArrayBuffer>;
  /** (groupCount) 0 or 1 */
  readonly continueTarget: Uint8Array<SharedArrayBuffer>;
  /** (groupCount) index into the part's `days` */
  readonly dayIndex: Int32Array<SharedArrayBuffer>;
  /** (rowCount) the state row of each row */
  readonly stateRow: Int32Array<SharedArrayBuffer>;
  /** parts[side][split], side 0 LONG and 1 SHORT, splits as in ALL_SPLITS */
  readonly parts: readonly (readonly Part[])[];
};

/** State rows and columns of them, all on shared memory, so that each side can be laid out by a thread of its own. */
type DatasetSources = {
  /** numbers of the market and state features that stand in the matrix */
  readonly marketColumns: Int32Array<SharedArrayBuffer>;
  readonly stateColumns: Int32Array<SharedArrayBuffer>;
  readonly nAllMarket: number;
} & Pick<StateRows, 'marketFeatures' | 'stateFeatures'>;

/** Bytes of shared memory that `planDataset` takes. */
export function datasetSizeBytes({
  rows,
  groups,
  nMarket,
  nState,
}: Pick<DatasetSize, 'rows' | 'groups' | 'nMarket' | 'nState'>): number {
  const perGroup = 4 * wholeFours(1 + nMarket) + 4 + 4 + 4 + 1 + 4;
  const perRow = 4 * wholeFours(nState) + 4;
  return groups * perGroup + rows * perRow + 3 * 4 * (nMarket + nState) + 4 * 8 + 16 * 64;
}

/** Days of each split of a baseline run, added up: at least the days of all parts of one side of any of its datasets. */
export function splitDayCount({ features }: Pick<RunFacts, 'features'>): number {
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
  const { rows, rowCount } = frame;
  const { openTimesMs } = rows.run.features;
  const stateRow = arena.int32(rowCount, 'dirty');
  const grouping = groupRows(frame, stateRow);
  const { groupCount, groupRow } = grouping;
  const first = arena.int32(groupCount + grouping.parts.length, 'dirty');
  const featureRow = arena.int32(groupCount, 'dirty');
  const expectedContinueEdgeBps = arena.float32(groupCount, 'dirty');
  const continueTarget = arena.uint8(groupCount, 'dirty');
  const dayIndex = arena.int32(groupCount, 'dirty');
  for (let g = 0; g < groupCount; g += 1) {
    // What a group's rows share is that of its first one.
    const row = stateRow[groupRow[g]!]!;
    featureRow[g] = rows.featureRow[row]!;
    expectedContinueEdgeBps[g] = rows.expectedContinueEdgeBps[row]!;
    continueTarget[g] = rows.continueTarget[row]!;
    dayIndex[g] = Math.floor(openTimesMs[featureRow[g]!]! / DAY_MS);
  }
  const parts = grouping.parts.map((part, number) => {
    const { firstGroup, groupCount: count } = part;
    const offsets = first.subarray(firstGroup + number, firstGroup + number + count + 1);
    for (let g = 0; g < count; g += 1) offsets[g] = groupRow[firstGroup + g]! - part.firstRow;
    offsets[count] = part.rowCount;
    const days = numberDays(dayIndex.subarray(firstGroup, firstGroup + count), offsets);
    return { number, ...part, ...days, pairCells: null };
  });
  const sided = SIDES.map((_, s) => parts.slice(s * ALL_SPLITS.length, (s + 1) * ALL_SPLITS.length));
  const nAllMarket = rows.run.features.featureOrder.length;
  const fitRows = sided.map(([fit]) => stateRow.subarray(fit!.firstRow, fit!.firstRow + fit!.rowCount));
  const features = varyingFeatures(rows, fitRows, arena);
  const market = features.filter((feature) => feature < nAllMarket);
  const state = features.filter((feature) => feature >= nAllMarket).map((feature) => feature - nAllMarket);
  const marketColumns = arena.int32(market.length, 'dirty');
  const stateColumns = arena.int32(state.length, 'dirty');
  marketColumns.set(market);
  stateColumns.set(state);
  const marketStride = wholeFours(1 + market.length);
  const stateStride = wholeFours(state.length);
  const { marketFeatures, stateFeatures } = rows;
  return {
    rowCount,
    groupCount,
    features,
    nMarketFeatures: market.length,
    nFeatures: features.length,
    marketStride,
    stateStride,
    sources: { marketColumns, stateColumns, nAllMarket, marketFeatures, stateFeatures },
    market: arena.float32(groupCount * marketStride, 'dirty'),
    state: arena.float32(rowCount * stateStride, 'dirty'),
    first,
    featureRow,
    expectedContinueEdgeBps,
    continueTarget,
    dayIndex,
    stateRow,
    parts: sided,
  };
}

/** Writes one side's part of the matrices; features are not standardized yet. */
export function layOutSide(kernels: Kernels, dataset: Dataset, side: number): void {
  const { market, marketStride, state, stateStride, sources } = dataset;
  for (const { firstGroup, groupCount, firstRow, rowCount } of dataset.parts[side]!) {
    if (rowCount === 0) continue;
    kernels.run.gatherRows(
      kernels.at(market) + 4 * firstGroup * marketStride,
      marketStride,
      groupCount,
      true,
      kernels.at(sources.marketFeatures),
      sources.nAllMarket,
      kernels.at(dataset.featureRow) + 4 * firstGroup,
      kernels.at(sources.marketColumns),
      sources.marketColumns.length,
    );
    kernels.run.gatherRows(
      kernels.at(state) + 4 * firstRow * stateStride,
      stateStride,
      rowCount,
      false,
      kernels.at(sources.stateFeatures),
      STATE_STRIDE,
      kernels.at(dataset.stateRow) + 4 * firstRow,
      kernels.at(sources.stateColumns),
      sources.stateColumns.length,
    );
  }
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

/** Replaces groups' UTC days by their index among the part's days. */
function numberDays(days: Int32Array, first: Int32Array): Pick<Part, 'days' | 'dayRowCounts'> {
  const counts = new Map<number, number>();
  // Groups of one day mostly stand together.
  for (let from = 0; from < days.length; ) {
    const day = days[from]!;
    let end = from + 1;
    while (end < days.length && days[end] === day) end += 1;
    counts.set(day, (counts.get(day) ?? 0) + first[end]! - first[from]!);
    from = end;
  }
  const distinct = [...counts.keys()].sort((a, b) => a - b);
  const index = new Map(distinct.map((day, i) => [day, i]));
  for (let g = 0; g < days.length; g += 1) days[g] = index.get(days[g]!)!;
  return { days: Int32Array.from(distinct), dayRowCounts: Int32Array.from(distinct, (day) => counts.get(day)!) };
}
