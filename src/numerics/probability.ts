import { exp } from './elementary/exp.ts';
import type { ModelRows } from './rows/model-rows.ts';
import { dots } from './rows/products.ts';
import type { Workspace } from './workspace.ts';

/** Float64 values of constants that kernels with an exp write for themselves (`kernels/assembly/elementary.ts`). */
export const TABLE_LENGTH = 34;

/** 1/(1 + e^−z), without overflow for any z, and as exact for small probabilities as for large ones. */
export function probability(z: number): number {
  const e = exp(-Math.abs(z));
  const inverse = 1 / (1 + e);
  return z >= 0 ? inverse : e * inverse;
}

/** (nEntries) 1/(1 + e^−x·coef), to the bits of `probability`. @param coef (nCoef) intercept first */
export function probabilities(workspace: Workspace, model: ModelRows, coef: Float64Array): Float64Array<ArrayBuffer> {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    // The kernel takes two at a time.
    const z = arena.float64(model.nEntries + 1, 'dirty');
    dots(workspace, model, coef, z);
    const table = arena.float64(TABLE_LENGTH, 'dirty');
    kernels.run.logisticProbabilities(kernels.at(z), model.nEntries, kernels.at(z), kernels.at(table));
    return new Float64Array(z.subarray(0, model.nEntries));
  });
}
