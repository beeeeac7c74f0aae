import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import type { Gram } from './gram.ts';
import { predict } from './predict.ts';
import type { PredictionSpan } from './prediction-span.ts';
import type { Workspace } from './workspace.ts';

/** What every regression of one side and feature set reads: fit rows, targets, and what the fits share. */
export type RegressionData = {
  readonly matrix: DesignMatrix;
  readonly columns: ModelColumns;
  readonly gram: Gram;
  /** (nSamples) unclipped targets, bps */
  readonly y: Float32Array<SharedArrayBuffer>;
  /** predictions of the side's rows, of which these are the first */
  readonly span: PredictionSpan;
};

/**
 * Sums over the fit rows that involve the targets, clipped to ±clip and less their mean: solvers work on shifted targets,
 * so that targets far from zero cost no digits, and add the shift to the intercept at the end.
 */
export type TargetSums = {
  readonly clip: number;
  /** mean of the clipped targets */
  readonly shift: number;
  /** (dims) Xᵀ(y − shift) */
  readonly xy: Float64Array;
  /** Σ(y − shift)² */
  readonly yy: number;
};

/** A clip in bps as the kernels take it: 0 means no clip. */
export function clipBound(clipBps: number): number {
  return clipBps > 0 ? clipBps : Infinity;
}

export function clipTo(value: number, bound: number): number {
  return Math.max(-bound, Math.min(value, bound));
}

/** The sums for one clip, by two passes over the targets and one over the rows. */
export function targetSums(workspace: Workspace, data: RegressionData, clip: number): TargetSums {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const { matrix, columns, y } = data;
    const n = matrix.nSamples;
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += clipTo(y[i]!, clip);
    const shift = sum / n;
    const shifted = arena.float64(n, 'dirty');
    let yy = 0;
    for (let i = 0; i < n; i += 1) {
      const target = clipTo(y[i]!, clip) - shift;
      shifted[i] = target;
      yy += target * target;
    }
    const xy = arena.float64(columns.dims);
    kernels.run.transposedVector(
      kernels.at(matrix.x),
      matrix.stride,
      n,
      columns.dims,
      shifted.byteOffset,
      xy.byteOffset,
    );
    return { clip, shift, xy: Float64Array.from(xy), yy };
  });
}

/** (nSamples) clip(y) − shift − X·coef, in float64. */
export function targetResiduals(
  workspace: Workspace,
  { matrix, columns, y }: RegressionData,
  { clip, shift }: TargetSums,
  coef: Float64Array,
): Float64Array {
  const residuals = predict(workspace, matrix, columns, coef);
  for (let i = 0; i < residuals.length; i += 1) residuals[i] = clipTo(y[i]!, clip) - shift - residuals[i]!;
  return residuals;
}
