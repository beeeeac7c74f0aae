import { PenalizedFactor } from './linear-algebra/penalized-factor.ts';
import { symmetricProduct } from './linear-algebra/symmetric.ts';
import type { RegressionData, TargetSums } from './regression-data.ts';
import type { Workspace } from './workspace.ts';

const REFINEMENTS = 3;

/**
 * Ridge regression, scikit-learn's `Ridge(alpha)` with a free intercept c:
 *
 *   min ‖y − X·w − c‖² + alpha·‖w‖²,   that is   (XᵀX + alpha·D)·[c, w] = Xᵀy,  D the identity without the intercept.
 *
 * Solved by Cholesky with iterative refinement on the shared Gram matrix. Where the system is singular (alpha 0 with
 * constant or duplicated columns, or fewer rows than columns) the answer is the minimiser of minimum norm. One solve costs
 * nCoef³/3 operations, whatever the number of rows.
 *
 * @returns (nCoef) coefficients, intercept first, of the targets less `sums.shift`
 */
export function solveRidge(workspace: Workspace, data: RegressionData, sums: TargetSums, alpha: number): Float64Array {
  const { gram } = data;
  const { nCoef } = data.columns;
  return workspace.temporary((arena) => {
    const factor = new PenalizedFactor(workspace.kernels, arena, nCoef);
    factor.factor(gram.xx, gram.dims, nCoef, alpha);
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
