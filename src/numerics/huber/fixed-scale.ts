import type { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import { symmetricProduct } from '../linear-algebra/symmetric.ts';
import { clipTo, type RegressionData } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';
import type { Partition } from './partition.ts';

/** Where the minimum over the coefficients for one sigma is, and what the objective wants of sigma there. */
export type FixedScaleMinimum = {
  /** (nCoef) */
  readonly coef: Float64Array;
  /** ∂f/∂σ = n − Σ_I r²/σ² − ε²·#O at the minimum over the coefficients: increasing in σ */
  readonly scaleGradient: number;
  readonly iterations: number;
  /** false where the steps ran out */
  readonly settled: boolean;
};

const MAX_STEPS = 80;
/** Damping begins at this share of the largest diagonal entry, and grows tenfold while no factor is found. */
const FIRST_DAMPING = 1e-12;
const LINE_SEARCH_STEPS = 60;

/**
 * Minimises the Huber objective over (w, c) for one fixed sigma: convex and piecewise quadratic,
 *
 *   Σ_in r²/σ + Σ_out 2·ε·|r| + alpha·‖w‖²   (the terms that do not move left out).
 *
 * Newton steps on the partition, each followed by an exact line search over all rows: the derivative along a direction
 * is monotone and piecewise linear, its root is bracketed and bisected. Where too few inliers are left to determine a
 * direction, the matrix is damped; the exact line search then stops where a further row becomes an inlier, so that the
 * next matrix determines more. This is the way for fits on which a step over sigma and coefficients at once gets lost.
 *
 * @param partition rows for the right targets; left at the returned point
 */
export function minimizeAtScale(
  workspace: Workspace,
  data: RegressionData,
  partition: Partition,
  factor: PenalizedFactor,
  start: Float64Array,
  scale: number,
  settings: { alpha: number; epsilon: number },
): FixedScaleMinimum {
  const { alpha, epsilon } = settings;
  const { nCoef } = data.columns;
  const coef = Float64Array.from(start);
  const step = new Float64Array(nCoef);
  partition.move(coef, epsilon * scale);
  let iterations = 0;
  let settled = false;
  while (!settled && iterations < MAX_STEPS) {
    iterations += 1;
    const damped = newtonStep(partition, factor, coef, scale, alpha, epsilon, step);
    const t = exactStep(workspace, data, partition, coef, step, scale, alpha, epsilon);
    for (let j = 0; j < nCoef; j += 1) coef[j]! += t * step[j]!;
    const changed = partition.move(coef, epsilon * scale);
    settled = (changed === 0 && !damped) || t === 0 || isStill(coef, step, t, scale);
  }
  const { nSamples } = data.matrix;
  const scaleGradient =
    nSamples - partition.inlierSquares(coef) / (scale * scale) - partition.outliers * epsilon * epsilon;
  return { coef, scaleGradient, iterations, settled };
}

/** δ with (G + alpha·σ·D + damping·I)·δ = b + ε·σ·u − (G + alpha·σ·D)·w; returns whether damping was needed. */
function newtonStep(
  partition: Partition,
  factor: PenalizedFactor,
  coef: Float64Array,
  scale: number,
  alpha: number,
  epsilon: number,
  step: Float64Array,
): boolean {
  const { gram, size, signed } = partition;
  const nCoef = coef.length;
  symmetricProduct(gram, size, nCoef, coef, step);
  let largest = 1e-300;
  for (let j = 0; j < nCoef; j += 1) {
    const penalty = j === 0 ? 0 : alpha * scale;
    step[j] = gram[nCoef * size + j]! + epsilon * scale * signed[j]! - step[j]! - penalty * coef[j]!;
    largest = Math.max(largest, gram[j * size + j]! + penalty);
  }
  let damping = 0;
  while (!factor.factorDamped(gram, size, nCoef, alpha * scale, damping)) {
    damping = damping === 0 ? FIRST_DAMPING * largest : damping * 10;
  }
  factor.solveInPlace(step);
  return damping > 0;
}

/** The t ≥ 0 that minimises the objective along coef + t·step, from all rows. */
function exactStep(
  workspace: Workspace,
  data: RegressionData,
  partition: Partition,
  coef: Float64Array,
  step: Float64Array,
  scale: number,
  alpha: number,
  epsilon: number,
): number {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const { matrix, columns, y } = data;
    const { clip, shift } = partition.targets;
    const n = matrix.nSamples;
    const product = (vector: Float64Array): Float64Array => {
      const packed = arena.float64(columns.dims);
      packed.set(vector.subarray(0, columns.nCoef));
      const out = arena.float64(n, 'dirty');
      kernels.run.rowDots(kernels.at(matrix.x), matrix.stride, n, columns.dims, packed.byteOffset, out.byteOffset);
      return out;
    };
    const residual = product(coef);
    for (let i = 0; i < n; i += 1) residual[i] = clipTo(y[i]!, clip) - shift - residual[i]!;
    const direction = product(step);
    let squared = 0;
    let crossed = 0;
    for (let j = 1; j < columns.nCoef; j += 1) {
      squared += step[j]! * step[j]!;
      crossed += step[j]! * coef[j]!;
    }
    const slope = (t: number): number => {
      let sum = alpha * (crossed + t * squared);
      for (let i = 0; i < n; i += 1) {
        const z = (residual[i]! - t * direction[i]!) / scale;
        sum -= Math.max(-epsilon, Math.min(z, epsilon)) * direction[i]!;
      }
      return sum;
    };
    if (!(slope(0) < 0)) return 0;
    let low = 0;
    let high = 1;
    const atOne = slope(1);
    // A full Newton step that lands in the flat of the valley is the step.
    if (Math.abs(atOne) <= 1e-13 * Math.abs(slope(0))) return 1;
    while (slope(high) < 0 && high < 1e12) {
      low = high;
      high *= 4;
    }
    for (let k = 0; k < LINE_SEARCH_STEPS && high - low > 1e-15 * high; k += 1) {
      const middle = (low + high) / 2;
      if (slope(middle) < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  });
}

function isStill(coef: Float64Array, step: Float64Array, t: number, scale: number): boolean {
  return coef.every((value, j) => Math.abs(t * step[j]!) <= 1e-15 * Math.abs(value) + 1e-14 * scale);
}
