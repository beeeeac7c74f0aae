import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import type { Workspace } from './workspace.ts';

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
