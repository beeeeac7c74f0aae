import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { addOuterProducts } from './outer-product.ts';
import type { StandardizedRows } from './standardized-rows.ts';

/**
 * Ridge regression, min ‖y − Xw − c‖² + alpha · ‖w‖², by its normal equations; the intercept c is not penalised.
 *
 * @param y (nRows)
 * @param alpha > 0, as scikit-learn's
 * @returns (nColumns), intercept last
 * Source: Hastie, Tibshirani, Friedman, Elements of Statistical Learning, 2nd ed., §3.4.1.
 */
export function fitRidge({ nRows, nColumns, x }: StandardizedRows, y: Float64Array, alpha: number): Float64Array {
  const gram = new Float64Array(nColumns * nColumns);
  const products = new Float64Array(nColumns);
  addOuterProducts(gram, x, nColumns, new Float64Array(nRows).fill(1));
  for (let i = 0; i < nRows; i += 1) {
    for (let j = 0; j < nColumns; j += 1) products[j]! += x[i * nColumns + j]! * y[i]!;
  }
  const normal = new Matrix(nColumns, nColumns);
  for (let j = 0; j < nColumns; j += 1) {
    for (let k = 0; k <= j; k += 1) {
      const penalty = j === k && j < nColumns - 1 ? alpha : 0;
      normal.set(j, k, gram[j * nColumns + k]! + penalty);
      normal.set(k, j, gram[j * nColumns + k]! + penalty);
    }
  }
  return Float64Array.from(new CholeskyDecomposition(normal).solve(Matrix.columnVector(products)).to1DArray());
}
