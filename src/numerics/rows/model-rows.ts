import type { GroupedRows } from './grouped-rows.ts';

/**
 * Grouped rows as one model sees them. What a model tells apart is an *entry*: a group, with the weight of its rows, where
 * the model reads market features alone; a row where it reads the position's state too.
 *
 * Coefficients stand in two orders. As a vector (nCoef): intercept, market features, state features. As kernels read them,
 * *packed* (packedLength): the market part's marketStride values, then the state part's stateStride, zeros between and behind.
 */
export type ModelRows = {
  readonly rows: GroupedRows;
  /** whether the model reads the state part; false where it has no column */
  readonly readsState: boolean;
  readonly nEntries: number;
  /** rows, whatever the entries: what sums over the data are sums of */
  readonly nSamples: number;
  readonly nCoef: number;
  /** the state part's stride, 0 where it is not read */
  readonly stateStride: number;
  readonly packedLength: number;
};

/** The rows for a model on market features, or on these and the state. */
export function modelRows(rows: GroupedRows, withState: boolean): ModelRows {
  const readsState = withState && rows.nState > 0;
  const stateStride = readsState ? rows.stateStride : 0;
  return {
    rows,
    readsState,
    nEntries: readsState ? rows.nRows : rows.nGroups,
    nSamples: rows.nRows,
    nCoef: 1 + rows.nMarket + (readsState ? rows.nState : 0),
    stateStride,
    packedLength: rows.marketStride + stateStride,
  };
}

/** Where coefficient j stands in the packed order. */
export function packedIndex({ rows }: ModelRows, j: number): number {
  return j <= rows.nMarket ? j : rows.marketStride + j - rows.nMarket - 1;
}

/** @param packed (packedLength) overwritten by coef (nCoef), zeros where no coefficient stands */
export function packCoefficients(model: ModelRows, coef: Float64Array, packed: Float64Array): void {
  const { nMarket, marketStride } = model.rows;
  packed.fill(0, 0, model.packedLength);
  packed.set(coef.subarray(0, 1 + nMarket));
  packed.set(coef.subarray(1 + nMarket, model.nCoef), marketStride);
}

/** (nCoef) the coefficients of a packed vector. */
export function unpackCoefficients(model: ModelRows, packed: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: model.nCoef }, (_, j) => packed[packedIndex(model, j)]!);
}

/** How many rows entry e stands for. */
export function weightOf({ rows, readsState }: ModelRows, entry: number): number {
  return readsState ? 1 : rows.first[entry + 1]! - rows.first[entry]!;
}
