import type { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import { symmetricProduct } from '../linear-algebra/symmetric.ts';
import type { Partition } from './partition.ts';

const MAX_ROUNDS = 40;
/** Relative change of sigma and of the linear system's residual that counts as none. */
const SETTLED = 1e-15;
/** A round that leaves more of the residual than this asks for a new factor. */
const POOR_CONTRACTION = 0.1;
/** A step may change sigma by this factor at the most; beyond it the partition that suggested it means little. */
const MAX_SCALE_CHANGE = 4;

export type PartitionMinimum = {
  readonly scale: number;
  /** False where the step was cut short, so that the point is not the partition's own minimum. */
  readonly exact: boolean;
};

/**
 * Minimises the Huber objective over (w, c, sigma) as if no row changed side. With G = X_IᵀX_I, b = X_Iᵀy_I,
 * u = Σ_O s·x and D the identity without the intercept, the conditions are
 *
 *   (G + alpha·σ·D)·w = b + ε·σ·u        and        σ² = Σ_I r² / (n − ε²·#O).
 *
 * A Cholesky factor, as a rule the one at the σ of the start, serves as a preconditioner: w is refined against the true
 * matrix while σ is iterated with it, a contraction by about ε²·uᵀG⁻¹u / (n − ε²·#O), some 1e-3 on real data.
 *
 * @param coef (nCoef) the start; overwritten by the minimum
 * @param nSamples n, all rows
 * @param scaleFloor σ's lower bound
 */
export function partitionMinimum(
  partition: Partition,
  factor: PenalizedFactor,
  coef: Float64Array,
  scale: number,
  settings: { alpha: number; epsilon: number; nSamples: number; scaleFloor: number },
): PartitionMinimum {
  const { alpha, epsilon, nSamples, scaleFloor } = settings;
  const { gram, size, signed } = partition;
  const nCoef = coef.length;
  factor.factor(gram, size, nCoef, alpha * scale);
  const freedom = nSamples - epsilon * epsilon * partition.outliers;
  const lowest = Math.max(scaleFloor, scale / MAX_SCALE_CHANGE);
  const highest = Math.max(scaleFloor, scale * MAX_SCALE_CHANGE);
  const residual = new Float64Array(nCoef);
  let sigma = scale;
  let exact = false;
  let previous = Infinity;
  let previousResidual = Infinity;
  let factored = scale;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    symmetricProduct(gram, size, nCoef, coef, residual);
    let largest = 0;
    for (let j = 0; j < nCoef; j += 1) {
      const b = gram[nCoef * size + j]!;
      const value = b + epsilon * sigma * signed[j]! - residual[j]! - (j === 0 ? 0 : alpha * sigma * coef[j]!);
      residual[j] = value;
      largest = Math.max(largest, Math.abs(value) / (Math.abs(b) + nSamples));
    }
    // With a large penalty the matrix changes with sigma, and the old factor is a poor preconditioner for the new one.
    if (alpha > 0 && largest > POOR_CONTRACTION * previousResidual && largest > SETTLED && sigma !== factored) {
      factor.factor(gram, size, nCoef, alpha * sigma);
      factored = sigma;
    }
    previousResidual = largest;
    factor.solveInPlace(residual);
    for (let j = 0; j < nCoef; j += 1) coef[j]! += residual[j]!;
    // Without degrees of freedom left the partition wants sigma to grow without end.
    const wanted = freedom > 0 ? Math.sqrt(partition.inlierSquares(coef) / freedom) : Infinity;
    const next = Math.min(Math.max(wanted, lowest), highest);
    const change = Math.abs(next - sigma) / next;
    sigma = next;
    exact = next === wanted || (next === scaleFloor && wanted <= scaleFloor);
    const error = Math.max(change, largest);
    // Twice in a row no better: rounding has been reached.
    if (error <= SETTLED || (error >= previous && error < 1e-11)) break;
    previous = error;
  }
  return { scale: sigma, exact };
}
