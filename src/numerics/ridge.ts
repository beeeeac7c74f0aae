import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { PenalizedFactor } from './linear-algebra/penalized-factor.ts';
import { symmetricProduct } from './linear-algebra/symmetric.ts';
import type { RegressionData, TargetSums } from './regression-data.ts';
import type { Workspace } from './workspace.ts';

/** Eigenvalues below this share of the largest count as zero: directions that the data do not determine. */
const RELATIVE_RANK_TOLERANCE = 1e-12;
const REFINEMENTS = 3;

/**
 * Ridge regression, scikit-learn's `Ridge(alpha)` with a free intercept c:
 *
 *   min ‖y − X·w − c‖² + alpha·‖w‖²,   that is   (XᵀX + alpha·D)·[c, w] = Xᵀy,  D the identity without the intercept.
 *
 * Solved by Cholesky with iterative refinement on the shared Gram matrix. Where the system is singular (alpha 0 with
 * constant or duplicated columns, or fewer rows than columns) the answer is the minimum-norm minimiser, from an
 * eigendecomposition. One solve costs nCoef³/3 whatever the number of rows.
 *
 * @returns (nCoef) coefficients, intercept first
 */
export function solveRidge(workspace: Workspace, data: RegressionData, sums: TargetSums, alpha: number): Float64Array {
  const { gram } = data;
  const { nCoef } = data.columns;
  return workspace.temporary((arena) => {
    const factor = new PenalizedFactor(workspace.kernels, arena, nCoef);
    const jitter = factor.factor(gram.xx, gram.dims, nCoef, alpha);
    if (jitter > 0) return minimumNormSolution(data, sums, alpha);
    const coef = new Float64Array(nCoef);
    const residual = new Float64Array(nCoef);
    for (let round = 0; round < REFINEMENTS; round += 1) {
      symmetricProduct(gram.xx, gram.dims, nCoef, coef, residual);
      for (let j = 0; j < nCoef; j += 1) {
        residual[j] = sums.xy[j]! - residual[j]! - (j === 0 ? 0 : alpha * coef[j]!);
      }
      factor.solveInPlace(residual);
      for (let j = 0; j < nCoef; j += 1) coef[j]! += residual[j]!;
    }
    return coef;
  });
}

/** The minimiser of least norm: V·diag(1/λ where λ is not zero)·Vᵀ·Xᵀy. */
function minimumNormSolution(data: RegressionData, sums: TargetSums, alpha: number): Float64Array {
  const { gram } = data;
  const { nCoef } = data.columns;
  const a = Matrix.zeros(nCoef, nCoef);
  for (let i = 0; i < nCoef; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = gram.xx[i * gram.dims + j]! + (i === j && i > 0 ? alpha : 0);
      a.set(i, j, value);
      a.set(j, i, value);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(a, { assumeSymmetric: true });
  const cutoff = RELATIVE_RANK_TOLERANCE * Math.max(...realEigenvalues.map(Math.abs));
  const coef = new Float64Array(nCoef);
  realEigenvalues.forEach((eigenvalue, k) => {
    if (eigenvalue <= cutoff) return;
    let projection = 0;
    for (let j = 0; j < nCoef; j += 1) projection += eigenvectorMatrix.get(j, k) * sums.xy[j]!;
    for (let j = 0; j < nCoef; j += 1) coef[j]! += (projection / eigenvalue) * eigenvectorMatrix.get(j, k);
  });
  return coef;
}
