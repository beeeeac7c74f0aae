import type { GroupedRows } from './rows/grouped-rows.ts';
import type { Workspace } from './workspace.ts';

/** Per column: what is subtracted and what divides. Column 0, the intercept's, has mean 0 and scale 1. */
export type Scaler = {
  /** (1 + nMarket + nState) in the order of coefficients */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
};

/** The two parts of grouped rows as the column kernels take them; market features weigh as much as their group has rows. */
function partsOf(rows: GroupedRows) {
  const { market, marketStride, nGroups, first, state, stateStride, nRows, nMarket, nState } = rows;
  return [
    { x: market, stride: marketStride, count: nGroups, weights: first, columns: 1 + nMarket, at: 0 },
    { x: state, stride: stateStride, count: nRows, weights: null, columns: nState, at: 1 + nMarket },
  ] as const;
}

/**
 * Means and standard deviations of the columns of grouped rows, as scikit-learn's StandardScaler finds them on a float32
 * matrix of these rows: float64 sums over the float32 values, population variance (1/n) with the two-pass correction,
 *
 *   mean = Σx/n,   var = (Σ(x − mean)² − (Σ(x − mean))²/n) / n,   scale = √var.
 *
 * A column whose variance is rounding noise, var ≤ n·ε·var₀ + (n·mean·ε)² with ε = 2⁻⁵² and var₀ = var, is constant and
 * gets scale 1 (scikit-learn's `_is_constant_feature`).
 *
 * Source: scikit-learn 1.2, `_incremental_mean_and_var`, `_handle_zeros_in_scale`.
 */
export function fitScaler(workspace: Workspace, rows: GroupedRows): Scaler {
  const n = rows.nRows;
  const nColumns = 1 + rows.nMarket + rows.nState;
  const scaler = { mean: new Float64Array(nColumns), scale: new Float64Array(nColumns).fill(1) };
  workspace.temporary((arena) => {
    const { kernels } = workspace;
    for (const { x, stride, count, weights, columns, at } of partsOf(rows)) {
      const mean = arena.float64(stride);
      const squares = arena.float64(stride);
      const rest = arena.float64(stride);
      const where = [kernels.at(x), stride, count, stride, weights === null ? 0 : kernels.at(weights)] as const;
      kernels.run.columnSums(...where, mean.byteOffset);
      for (let j = 0; j < stride; j += 1) mean[j]! /= n;
      kernels.run.columnCentredSquares(...where, mean.byteOffset, squares.byteOffset, rest.byteOffset);
      for (let j = at === 0 ? 1 : 0; j < columns; j += 1) {
        const variance = (squares[j]! - (rest[j]! * rest[j]!) / n) / n;
        scaler.mean[at + j] = mean[j]!;
        scaler.scale[at + j] = isConstant(variance, mean[j]!, n) ? 1 : Math.sqrt(variance);
      }
    }
  });
  return scaler;
}

/** In place: x ← float32(float32(x − mean) / scale) on every row. */
export function standardize(workspace: Workspace, rows: GroupedRows, scaler: Scaler): void {
  workspace.temporary((arena) => {
    const { kernels } = workspace;
    for (const { x, stride, count, columns, at } of partsOf(rows)) {
      const mean = arena.float64(stride);
      const scale = arena.float64(stride).fill(1);
      mean.set(scaler.mean.subarray(at, at + columns));
      scale.set(scaler.scale.subarray(at, at + columns));
      kernels.run.standardizeRows(kernels.at(x), stride, count, stride, mean.byteOffset, scale.byteOffset);
    }
  });
}

/** The first column behind the intercept's that has a value which is not finite; null where there is none. */
export function firstOverflow(workspace: Workspace, rows: GroupedRows): number | null {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    for (const { x, stride, count, columns, at } of partsOf(rows)) {
      // A sum of finite float32 values is finite in float64; one of others is not.
      const sums = arena.float64(stride);
      kernels.run.columnSums(kernels.at(x), stride, count, stride, 0, sums.byteOffset);
      for (let j = 0; j < columns; j += 1) if (!Number.isFinite(sums[j]!)) return at + j;
    }
    return null;
  });
}

function isConstant(variance: number, mean: number, nSamples: number): boolean {
  const rounding = nSamples * mean * Number.EPSILON;
  return variance <= nSamples * Number.EPSILON * variance + rounding * rounding;
}
