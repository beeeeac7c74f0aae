import { packCoefficients } from './certify.ts';
import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import { scratchLength } from './kernels/load.ts';
import type { Workspace } from './workspace.ts';

/** A model to be judged: predictions X·w + c, clipped to ±clip. */
export type Predictor = { readonly coef: Float64Array; readonly clip: number };

/**
 * Sums of absolute errors of several models in one pass over the rows, by day:
 * out[c][d] = Σ_{i on day d} |yᵢ − clip(xᵢ·w_c, ±clip_c)|.
 *
 * @param y (nSamples) unclipped
 * @param dayIndex (nSamples) 0..nDays-1
 * @returns one array (nDays) for each predictor; independent of the company it was computed in
 */
export function dailyAbsErrorSums(
  workspace: Workspace,
  matrix: DesignMatrix,
  columns: ModelColumns,
  y: Float32Array<SharedArrayBuffer>,
  dayIndex: Int32Array<SharedArrayBuffer>,
  nDays: number,
  predictors: readonly Predictor[],
): Float64Array[] {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const k = (predictors.length + 3) & ~3;
    const coef = packCoefficients(arena.float64(columns.dims * k), predictors, k);
    const clip = arena.float64(k);
    predictors.forEach((predictor, c) => {
      clip[c] = predictor.clip;
    });
    const losses = arena.float64(nDays * k);
    kernels.run.evaluateRows(
      kernels.at(matrix.x),
      matrix.stride,
      matrix.nSamples,
      columns.dims,
      kernels.at(y),
      kernels.at(dayIndex),
      coef.byteOffset,
      k,
      clip.byteOffset,
      losses.byteOffset,
      arena.float64(scratchLength(columns.dims, k), 'dirty').byteOffset,
    );
    return predictors.map((_, c) => Float64Array.from({ length: nDays }, (_value, day) => losses[day * k + c]!));
  });
}
