import { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import { symmetricProduct } from '../linear-algebra/symmetric.ts';
import type { Gram } from '../rows/gram.ts';
import type { Workspace } from '../workspace.ts';

const REFINEMENTS = 3;

/** A ridge fit, for the shifted targets whose products it was made of. */
export type RidgeSolution = {
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** directions of the coefficients that the data do not determine, and that were therefore left at 0 */
  readonly undetermined: number;
};

/**
 * Ridge regression, scikit-learn's `Ridge(alpha)` with a free intercept c:
 *
 *   min ‖t − X·w − c‖² + alpha·‖w‖²,   that is   (XᵀX + alpha·D)·[c, w] = Xᵀt,  D the identity without the intercept.
 *
 * Solved by Cholesky with iterative refinement on the shared Gram matrix. Where the system is singular (alpha 0 with
 * constant or duplicated columns, or fewer rows than columns) the answer is the minimiser of minimum norm. One solve costs
 * nCoef³/3 operations, whatever the number of rows.
 *
 * @param products (nCoef) Xᵀt
 */
export function solveRidge(workspace: Workspace, gram: Gram, products: Float64Array, alpha: number): RidgeSolution {
  const nCoef = products.length;
  return workspace.temporary((arena) => {
    const factor = new PenalizedFactor(workspace.kernels, arena, nCoef);
    factor.factor(gram.xx, gram.dims, nCoef, alpha);
    const coef = new Float64Array(nCoef);
    const residual = new Float64Array(nCoef);
    for (let round = 0; round < REFINEMENTS; round += 1) {
      symmetricProduct(gram.xx, gram.dims, nCoef, coef, residual);
      for (let j = 0; j < nCoef; j += 1) {
        residual[j] = products[j]! - residual[j]! - (j === 0 ? 0 : alpha * coef[j]!);
      }
      factor.solveInPlace(residual);
      for (let j = 0; j < nCoef; j += 1) coef[j]! += residual[j]!;
    }
    return { coef, undetermined: factor.undetermined };
  });
}
