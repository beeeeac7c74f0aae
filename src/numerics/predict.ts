import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import type { SharedArena } from './memory.ts';
import type { Workspace } from './workspace.ts';

/** Beyond this share of rows, all of them in their order cost less than the listed ones one by one. */
export const ALL_ROWS_ABOVE = 1 / 6;

/** (nSamples) X·coef in float64. @param coef (nCoef) intercept first */
export function predict(
  workspace: Workspace,
  { x, stride, nSamples }: DesignMatrix,
  { dims }: ModelColumns,
  coef: Float64Array,
): Float64Array<ArrayBuffer> {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const packed = arena.float64(dims);
    packed.set(coef);
    const out = arena.float64(nSamples, 'dirty');
    kernels.run.rowDots(kernels.at(x), stride, nSamples, dims, packed.byteOffset, out.byteOffset);
    return Float64Array.from(out);
  });
}

/**
 * (count) xᵢ·coef of the listed rows, in float64: bit for bit what `predict` has for them.
 *
 * @param arena where they stay
 * @param list (count) row numbers
 */
export function predictListed(
  workspace: Workspace,
  arena: SharedArena,
  { x, stride, nSamples }: DesignMatrix,
  { nCoef, dims }: ModelColumns,
  coef: Float64Array,
  list: Int32Array<SharedArrayBuffer>,
  count: number,
): Float64Array<SharedArrayBuffer> {
  const { run } = workspace.kernels;
  const address = workspace.kernels.at(x);
  const packed = arena.float64(dims);
  packed.set(coef.subarray(0, nCoef));
  const out = arena.float64(count, 'dirty');
  if (count > nSamples * ALL_ROWS_ABOVE) {
    const all = arena.float64(nSamples, 'dirty');
    run.rowDots(address, stride, nSamples, dims, packed.byteOffset, all.byteOffset);
    for (let k = 0; k < count; k += 1) out[k] = all[list[k]!]!;
  } else run.rowDotsAt(address, stride, list.byteOffset, count, dims, packed.byteOffset, out.byteOffset);
  return out;
}
