import type { DesignMatrix } from './design-matrix.ts';
import { scratchLength } from './kernels/load.ts';
import { PenalizedFactor } from './linear-algebra/penalized-factor.ts';
import { symmetricProduct } from './linear-algebra/symmetric.ts';
import type { SharedArena } from './memory.ts';
import type { Workspace } from './workspace.ts';

/**
 * What every regression on one matrix shares: the Gram matrix XᵀX of all its columns, intercept and all. The Gram matrix
 * of a model on fewer features is its leading block.
 */
export type Gram = {
  /** (dims × dims) row-major, lower triangle */
  readonly xx: Float64Array<SharedArrayBuffer>;
  readonly dims: number;
};

/** XᵀX in float64, allocated in `arena`. */
export function buildGram(workspace: Workspace, arena: SharedArena, matrix: DesignMatrix, dims: number): Gram {
  const xx = arena.float64(dims * dims);
  workspace.temporary((temporary) => {
    const scratch = temporary.float64(scratchLength(dims, 0), 'dirty');
    const { run } = workspace.kernels;
    const x = workspace.kernels.at(matrix.x);
    run.gramAll(x, matrix.stride, matrix.nSamples, dims, 0, xx.byteOffset, scratch.byteOffset);
  });
  return { xx, dims };
}

/**
 * leverageᵢ = √(xᵢᵀ·A⁻¹·xᵢ), A = XᵀX (+ jitter where singular), float32. By Cauchy–Schwarz a change δ of the coefficients
 * moves row i's prediction by at most leverageᵢ·√(δᵀAδ), which is what lets a solver skip rows.
 *
 * @param nCoef the model's columns; the rest of each row is not read
 * @param out (nSamples), overwritten
 * @returns the jitter that A carries on its diagonal, 0 where XᵀX is positive definite
 */
export function measureLeverages(
  workspace: Workspace,
  matrix: DesignMatrix,
  gram: Gram,
  nCoef: number,
  out: Float32Array<SharedArrayBuffer>,
): number {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const dims = (nCoef + 3) & ~3;
    const factor = new PenalizedFactor(kernels, arena, nCoef);
    const jitter = factor.factorAsMetric(gram.xx, gram.dims, nCoef);
    const inverse = arena.float64(dims * dims);
    factor.inverseTransposed(inverse, dims);
    const scratch = arena.float64(scratchLength(dims, 0), 'dirty');
    kernels.run.leverages(
      kernels.at(matrix.x),
      matrix.stride,
      matrix.nSamples,
      dims,
      inverse.byteOffset,
      kernels.at(out),
      scratch.byteOffset,
    );
    return jitter;
  });
}

/**
 * The length of a step of the coefficients in the leverages' metric, √(δᵀ·A·δ): a row's prediction moves by at most its
 * leverage times that.
 *
 * @param delta (nCoef)
 */
export function metricLength(gram: Gram, jitter: number, delta: Float64Array): number {
  const nCoef = delta.length;
  const product = new Float64Array(nCoef);
  symmetricProduct(gram.xx, gram.dims, nCoef, delta, product);
  let sum = 0;
  let size = 0;
  for (let j = 0; j < nCoef; j += 1) {
    sum += delta[j]! * (product[j]! + jitter * delta[j]!);
    size += Math.abs(delta[j]!) * Math.sqrt(gram.xx[j * gram.dims + j]! + jitter);
  }
  // Along collinear columns the sum cancels; its rounding is below this, so the length is never too short.
  return Math.sqrt(Math.max(sum, 0) + nCoef * Number.EPSILON * size * size);
}
