import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { exp } from '../../numerics/elementary/exp.ts';
import { log } from '../../numerics/elementary/log.ts';
import { addOuterProducts } from './outer-product.ts';
import type { StandardizedRows } from './standardized-rows.ts';

const MAX_ITERATIONS = 100;
const GRADIENT_TOLERANCE = 1e-8;
const ARMIJO = 1e-4;

export type SoftmaxFit = {
  /** (nClasses × nColumns), row-major, each class's intercept last. */
  readonly coef: Float64Array;
  readonly iterations: number;
  /** max |gradient| at `coef`, on the scale of the mean loss. */
  readonly gradMaxAbs: number;
};

/**
 * Multinomial logistic regression with an L2 penalty:
 *
 *   f(W, b) = −1/n · Σᵢ log pᵢ,yᵢ + ½ · l2 · ‖W‖²,   p = softmax(Wx + b)
 *
 * Every class has its own weights; the intercepts are not penalised, and only their differences matter. Two classes
 * make logistic regression on w₁ − w₀ with ½ · l2 as its penalty. Newton's method with a Cholesky solve and Armijo
 * halving; deterministic.
 *
 * @param classes (nRows) each 0 … nClasses − 1, every class present
 * @param l2 > 0; scikit-learn's C = 1 / (nRows · l2)
 * @throws Error when the gradient stays above GRADIENT_TOLERANCE: the problem is strictly convex, so that would be a bug
 * Source: Hastie, Tibshirani, Friedman, Elements of Statistical Learning, 2nd ed., §4.4 and §18.3.2.
 */
export function fitSoftmax(rows: StandardizedRows, classes: Uint8Array, nClasses: number, l2: number): SoftmaxFit {
  const { nColumns } = rows;
  const dimension = nClasses * nColumns;
  const probabilities = new Float64Array(rows.nRows * nClasses);
  let coef = new Float64Array(dimension);
  let value = objective(rows, classes, nClasses, l2, coef, probabilities);
  for (let iterations = 0; iterations < MAX_ITERATIONS; iterations += 1) {
    const gradient = gradientOf(rows, classes, nClasses, l2, coef, probabilities);
    const gradMaxAbs = gradient.reduce((max, g) => Math.max(max, Math.abs(g)), 0);
    if (gradMaxAbs <= GRADIENT_TOLERANCE) return { coef, iterations, gradMaxAbs };
    const step = newtonStep(hessianOf(rows, nClasses, l2, probabilities), gradient);
    const slope = gradient.reduce((sum, g, i) => sum + g * step[i]!, 0);
    let length = 1;
    const from = coef;
    const fromValue = value;
    do {
      coef = from.map((c, i) => c + length * step[i]!);
      value = objective(rows, classes, nClasses, l2, coef, probabilities);
      length /= 2;
      // Near the optimum the decrease drowns in rounding, and a full step is right.
    } while (value > fromValue + ARMIJO * 2 * length * slope + 1e-14 * fromValue && length > 1e-10);
  }
  throw new Error(`softmax: gradient above ${GRADIENT_TOLERANCE} after ${MAX_ITERATIONS} Newton steps`);
}

/** Leaves the classes' probabilities at `coef`, (nRows × nClasses), in `probabilities`. */
function objective(
  { nRows, nColumns, x }: StandardizedRows,
  classes: Uint8Array,
  nClasses: number,
  l2: number,
  coef: Float64Array,
  probabilities: Float64Array,
): number {
  let loss = 0;
  for (let i = 0; i < nRows; i += 1) {
    let largest = -Infinity;
    for (let c = 0; c < nClasses; c += 1) {
      let score = 0;
      for (let j = 0; j < nColumns; j += 1) score += coef[c * nColumns + j]! * x[i * nColumns + j]!;
      probabilities[i * nClasses + c] = score;
      largest = Math.max(largest, score);
    }
    const ownScore = probabilities[i * nClasses + classes[i]!]!;
    let sum = 0;
    for (let c = 0; c < nClasses; c += 1) {
      const e = exp(probabilities[i * nClasses + c]! - largest);
      probabilities[i * nClasses + c] = e;
      sum += e;
    }
    for (let c = 0; c < nClasses; c += 1) probabilities[i * nClasses + c]! /= sum;
    loss += log(sum) + largest - ownScore;
  }
  let penalty = 0;
  for (let k = 0; k < coef.length; k += 1) if (!isIntercept(k, nColumns)) penalty += coef[k]! * coef[k]!;
  return loss / nRows + 0.5 * l2 * penalty;
}

function gradientOf(
  { nRows, nColumns, x }: StandardizedRows,
  classes: Uint8Array,
  nClasses: number,
  l2: number,
  coef: Float64Array,
  probabilities: Float64Array,
): Float64Array {
  const gradient = new Float64Array(coef.length);
  for (let i = 0; i < nRows; i += 1) {
    for (let c = 0; c < nClasses; c += 1) {
      const residual = probabilities[i * nClasses + c]! - (classes[i] === c ? 1 : 0);
      for (let j = 0; j < nColumns; j += 1) gradient[c * nColumns + j]! += residual * x[i * nColumns + j]!;
    }
  }
  return gradient.map((g, k) => g / nRows + (isIntercept(k, nColumns) ? 0 : l2 * coef[k]!));
}

/**
 * Block (a, b) of the Hessian is −1/n Σ p_a p_b x xᵀ, and the blocks of a row add up to 0 before the penalty, so that the
 * diagonal ones follow from the others.
 */
function hessianOf(
  { nRows, nColumns, x }: StandardizedRows,
  nClasses: number,
  l2: number,
  probabilities: Float64Array,
): Matrix {
  const hessian = Matrix.zeros(nClasses * nColumns, nClasses * nColumns);
  const block = new Float64Array(nColumns * nColumns);
  const weights = new Float64Array(nRows);
  for (let a = 0; a < nClasses; a += 1) {
    for (let b = a + 1; b < nClasses; b += 1) {
      block.fill(0);
      for (let i = 0; i < nRows; i += 1) {
        weights[i] = (probabilities[i * nClasses + a]! * probabilities[i * nClasses + b]!) / nRows;
      }
      addOuterProducts(block, x, nColumns, weights);
      for (let j = 0; j < nColumns; j += 1) {
        for (let k = 0; k < nColumns; k += 1) {
          const value = j >= k ? block[j * nColumns + k]! : block[k * nColumns + j]!;
          addTo(hessian, a * nColumns + j, b * nColumns + k, -value);
          addTo(hessian, b * nColumns + j, a * nColumns + k, -value);
          addTo(hessian, a * nColumns + j, a * nColumns + k, value);
          addTo(hessian, b * nColumns + j, b * nColumns + k, value);
        }
      }
    }
  }
  for (let k = 0; k < nClasses * nColumns; k += 1) if (!isIntercept(k, nColumns)) addTo(hessian, k, k, l2);
  // Adding one number to every intercept changes no probability, so the Hessian is flat that way. Any curvature put
  // there makes it definite and leaves the step as it is: the gradient has no part in that direction.
  for (let a = 0; a < nClasses; a += 1) {
    for (let b = 0; b < nClasses; b += 1) addTo(hessian, (a + 1) * nColumns - 1, (b + 1) * nColumns - 1, 1);
  }
  return hessian;
}

function newtonStep(hessian: Matrix, gradient: Float64Array): Float64Array {
  return Float64Array.from(
    new CholeskyDecomposition(hessian).solve(Matrix.columnVector(gradient)).to1DArray(),
    (value) => -value,
  );
}

function addTo(matrix: Matrix, row: number, column: number, value: number): void {
  matrix.set(row, column, matrix.get(row, column) + value);
}

function isIntercept(k: number, nColumns: number): boolean {
  return k % nColumns === nColumns - 1;
}
