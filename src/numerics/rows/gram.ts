import type { SharedArena } from '../memory.ts';
import { wholeFours } from '../whole-fours.ts';
import type { Workspace } from '../workspace.ts';
import type { ModelRows } from './model-rows.ts';
import { addGram } from './products.ts';

/**
 * What every regression on one side's fit rows shares: the Gram matrix XᵀX, in the order of coefficients. The Gram matrix
 * of a model on market features is its leading block.
 */
export type Gram = {
  /** (dims × dims) row-major, lower triangle */
  readonly xx: Float64Array<SharedArrayBuffer>;
  readonly dims: number;
};

/** XᵀX in float64, allocated in `arena`. */
export function buildGram(workspace: Workspace, arena: SharedArena, model: ModelRows): Gram {
  const dims = wholeFours(model.nCoef);
  const xx = arena.float64(dims * dims);
  addGram(workspace, model, null, xx, dims);
  return { xx, dims };
}

/** Bytes of shared memory that a Gram matrix takes. */
export function gramSizeBytes(nCoef: number): number {
  return 8 * (nCoef + 3) * (nCoef + 3) + 64;
}
