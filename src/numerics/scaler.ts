import type { DesignMatrix } from './design-matrix.ts';
import type { Workspace } from './workspace.ts';

/** Per column: what is subtracted and what divides. Column 0, the intercept's, has mean 0 and scale 1. */
export type Scaler = { readonly mean: Float64Array; readonly scale: Float64Array };

/**
 * Means and standard deviations of a design matrix's columns, as scikit-learn's StandardScaler finds them on a float32
 * matrix: float64 sums over the float32 values, population variance (1/n) with the two-pass correction,
 *
 *   mean = Σx/n,   var = (Σ(x − mean)² − (Σ(x − mean))²/n) / n,   scale = √var.
 *
 * A column whose variance is rounding noise, var ≤ n·ε·var₀ + (n·mean·ε)² with ε = 2⁻⁵² and var₀ = var, is constant and
 * gets scale 1 (scikit-learn's `_is_constant_feature`).
 *
 * @param nColumns columns 1..nColumns-1 are features
 * Source: scikit-learn 1.2, `_incremental_mean_and_var`, `_handle_zeros_in_scale`.
 */
export function fitScaler(workspace: Workspace, matrix: DesignMatrix, nColumns: number): Scaler {
  return workspace.temporary((arena) => {
    const { run } = workspace.kernels;
    const { x, stride, nSamples } = matrix;
    const dims = Math.min(stride, (nColumns + 3) & ~3);
    const mean = arena.float64(stride);
    const squares = arena.float64(stride);
    const rest = arena.float64(stride);
    run.columnSums(x.byteOffset, stride, nSamples, dims, mean.byteOffset);
    for (let j = 0; j < stride; j += 1) mean[j]! /= nSamples;
    run.columnCentredSquares(
      x.byteOffset,
      stride,
      nSamples,
      dims,
      mean.byteOffset,
      squares.byteOffset,
      rest.byteOffset,
    );
    const scaler = { mean: new Float64Array(stride), scale: new Float64Array(stride).fill(1) };
    for (let j = 1; j < nColumns; j += 1) {
      const variance = (squares[j]! - (rest[j]! * rest[j]!) / nSamples) / nSamples;
      scaler.mean[j] = mean[j]!;
      scaler.scale[j] = isConstant(variance, mean[j]!, nSamples) ? 1 : Math.sqrt(variance);
    }
    return scaler;
  });
}

/** In place: x ← float32(float32(x − mean) / scale) on every row. */
export function standardize(workspace: Workspace, matrix: DesignMatrix, scaler: Scaler): void {
  workspace.temporary((arena) => {
    const { stride } = matrix;
    const mean = arena.float64(stride);
    const scale = arena.float64(stride);
    mean.set(scaler.mean);
    scale.set(scaler.scale);
    workspace.kernels.run.standardizeRows(
      workspace.kernels.at(matrix.x),
      stride,
      matrix.nSamples,
      stride,
      mean.byteOffset,
      scale.byteOffset,
    );
  });
}

/** The first of the columns 1..nColumns-1 that has a value which is not finite; null where there is none. */
export function firstOverflow(workspace: Workspace, matrix: DesignMatrix, nColumns: number): number | null {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const { x, stride, nSamples } = matrix;
    // A sum of finite float32 values is finite in float64; one of others is not.
    const sums = arena.float64(stride);
    kernels.run.columnSums(kernels.at(x), stride, nSamples, Math.min(stride, (nColumns + 3) & ~3), sums.byteOffset);
    for (let j = 1; j < nColumns; j += 1) if (!Number.isFinite(sums[j]!)) return j;
    return null;
  });
}

function isConstant(variance: number, mean: number, nSamples: number): boolean {
  const rounding = nSamples * mean * Number.EPSILON;
  return variance <= nSamples * Number.EPSILON * variance + rounding * rounding;
}
