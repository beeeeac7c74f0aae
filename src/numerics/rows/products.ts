import type { SharedArena } from '../memory.ts';
import type { Workspace } from '../workspace.ts';
import type { GroupedRows } from './grouped-rows.ts';
import { type ModelRows, packCoefficients } from './model-rows.ts';

/** The first arguments of every kernel on grouped rows: market part, state part as far as it is read, groups. */
export function rowArguments(
  workspace: Workspace,
  { rows, stateStride }: ModelRows,
): readonly [market: number, dm: number, state: number, ds: number, first: number, nGroups: number] {
  const { kernels } = workspace;
  const { market, marketStride, state, first, nGroups } = rows;
  return [kernels.at(market), marketStride, kernels.at(state), stateStride, kernels.at(first), nGroups];
}

/** How many market and state features a model's coefficients stand for, as the kernels take them. */
export function featureCounts({ rows, readsState }: ModelRows): readonly [nMarket: number, nState: number] {
  return [rows.nMarket, readsState ? rows.nState : 0];
}

/**
 * (nEntries) X·coef in float64, into `out`.
 *
 * @param coef (nCoef) intercept first
 */
export function dots(workspace: Workspace, model: ModelRows, coef: Float64Array, out: Float64Array): void {
  workspace.temporary((arena) => {
    const { kernels } = workspace;
    const packed = arena.float64(model.packedLength);
    packCoefficients(model, coef, packed);
    kernels.run.groupDots(...rowArguments(workspace, model), packed.byteOffset, kernels.at(out));
  });
}

/** (nRows) X·coef for each row, in the order of the rows. */
export function predictRows(workspace: Workspace, model: ModelRows, coef: Float64Array): Float64Array<ArrayBuffer> {
  return workspace.temporary((arena) => {
    const out = arena.float64(model.nEntries, 'dirty');
    dots(workspace, model, coef, out);
    return model.readsState ? Float64Array.from(out) : spread(model.rows, out);
  });
}

/** packed (packedLength) += Xᵀv; a group that is an entry counts as often as it has rows. @param v (nEntries) */
export function transposedVector(
  workspace: Workspace,
  model: ModelRows,
  v: Float64Array<SharedArrayBuffer>,
  packed: Float64Array<SharedArrayBuffer>,
): void {
  const { kernels } = workspace;
  kernels.run.groupTransposedVector(...rowArguments(workspace, model), kernels.at(v), kernels.at(packed));
}

/**
 * g (lower triangle, row stride ldg) += Σ weightₑ·xₑ·xₑᵀ over the entries, in the order of coefficients.
 *
 * @param weights (nEntries); null for all ones. A group that is an entry counts as often as it has rows.
 */
export function addGram(
  workspace: Workspace,
  model: ModelRows,
  weights: Float64Array<SharedArrayBuffer> | null,
  g: Float64Array<SharedArrayBuffer>,
  ldg: number,
): void {
  workspace.temporary((arena) => {
    const { kernels } = workspace;
    const scratch = arena.float64(gramScratchLength(model.rows.marketStride, model.stateStride), 'dirty');
    kernels.run.groupGram(
      ...rowArguments(workspace, model),
      ...featureCounts(model),
      weights === null ? 0 : kernels.at(weights),
      kernels.at(g),
      ldg,
      scratch.byteOffset,
    );
  });
}

/** Rows of a block in the kernels on grouped rows. */
const BLOCK = 32;

/** Float64 values that a Gram matrix's blocks take, over `wide` market columns. */
export function gramScratchLength(wide: number, stateStride: number): number {
  return BLOCK * (2 * wide + 3 * stateStride) + (wide + stateStride + 1) * (wide + stateStride + 1);
}

/** Float64 values that a pass for k fits takes (certificates, losses). */
export function passScratchLength({ rows, stateStride }: ModelRows, k: number): number {
  return BLOCK * (rows.marketStride + stateStride + 3 * k + 3);
}

/** (nBlocks) a bound of the length of each block's rows, float32; kept in `arena`. */
export function blockNorms(
  workspace: Workspace,
  arena: SharedArena,
  model: ModelRows,
): Float32Array<SharedArrayBuffer> {
  const norms = arena.float32(blockCount(model.rows.nGroups), 'dirty');
  workspace.kernels.run.groupBlockNorms(...rowArguments(workspace, model), norms.byteOffset);
  return norms;
}

export function blockCount(nGroups: number): number {
  return Math.ceil(nGroups / BLOCK);
}

/** A value by group as a value by row. */
function spread({ first, nGroups, nRows }: GroupedRows, byGroup: Float64Array): Float64Array<ArrayBuffer> {
  const byRow = new Float64Array(nRows);
  for (let g = 0; g < nGroups; g += 1) byRow.fill(byGroup[g]!, first[g]!, first[g + 1]!);
  return byRow;
}
