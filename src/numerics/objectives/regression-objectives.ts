import { maxAbs, penaltyNorm } from '../linear-algebra/symmetric.ts';
import { type FitStatus, RELATIVE_KKT_TOLERANCE } from './fit-result.ts';

/**
 * A regression's answer and what it is an answer to. With r = clip(y) − X·w − c over n rows:
 *
 *   ridge: f = Σr² + alpha·‖w‖²,  ∇ = −2·Xᵀr + 2·alpha·w
 *   huber: f = n·σ + Σ_in r²/σ + Σ_out (2·ε·|r| − σ·ε²) + alpha·‖w‖²,  "in" being |r| ≤ ε·σ,
 *          ∇ = −2·Xᵀψ + 2·alpha·w,  ψ = clip(r/σ, ±ε),  ∂f/∂σ = n − Σψ²  (may be positive with σ at its bound)
 */
export type Candidate = {
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** clip of targets and predictions; ∞ for none */
  readonly clip: number;
  /** root mean square of the clipped targets about their mean */
  readonly targetSize: number;
  readonly alpha: number;
} & (
  | { readonly kind: 'ridge' }
  | {
      readonly kind: 'huber';
      readonly epsilon: number;
      readonly scale: number;
      /** whether sigma stands at its lower bound, so that its gradient may be positive */
      readonly scaleAtBound: boolean;
      /** where rows are met exactly: (nEntries) what each row pulls with, which its residual does not show there */
      readonly pulls: Float64Array | null;
    }
);

/** Sums over the fit rows at a candidate, ψ being r itself for ridge. */
export type PointSums = {
  /** (nCoef) Xᵀψ */
  readonly products: Float64Array;
  /** Σ r² over the rows with |r| ≤ ε·σ */
  readonly squares: number;
  /** Σ |r| over the others, and their number */
  readonly absolutes: number;
  readonly outliers: number;
  /** Σ |y − clip(prediction)|, y unclipped */
  readonly absErrorSum: number;
};

/** What the data say about a candidate. */
export type Certificate = {
  readonly objective: number;
  /** max |∂f/∂·| over all free variables */
  readonly kktResidual: number;
  readonly kktTolerance: number;
  /** (nCoef) gradient of the objective with respect to intercept and coefficients */
  readonly gradient: Float64Array;
  /** ∂f/∂σ; 0 for ridge */
  readonly scaleGradient: number;
  /** rows with |residual| > epsilon·scale; 0 for ridge */
  readonly outliers: number;
  /** Σ |y − clip(prediction)| over the fit rows, y unclipped */
  readonly absErrorSum: number;
};

/** Residuals below this share of the largest target are rounding. */
export const RESIDUAL_ROUNDING = 1e-12;
/** Rounding of a float32 value of size 1, with room for the sum of a row's. */
const FLOAT32_ROUNDING = 2e-7;

/** What the sums at a candidate say of it: its objective, its gradient, and how much of that counts as zero. */
export function certificateOf(fit: Candidate, sums: PointSums, nSamples: number): Certificate {
  const { products, squares, absolutes, outliers, absErrorSum } = sums;
  const nCoef = fit.coef.length;
  const gradient = new Float64Array(nCoef);
  let residual = 0;
  for (let j = 0; j < nCoef; j += 1) {
    gradient[j] = -2 * products[j]! + (j === 0 ? 0 : 2 * fit.alpha * fit.coef[j]!);
    // Written so that NaN wins: a residual that is not a number must never look small.
    if (!(Math.abs(gradient[j]!) <= residual)) residual = Math.abs(gradient[j]!);
  }
  const penalty = fit.alpha * penaltyNorm(fit.coef, nCoef);
  if (fit.kind === 'ridge') {
    const objective = squares + penalty;
    // The gradient adds n terms of the size of a target.
    const kktTolerance = 2 * toleratedSum(nSamples) * Math.max(fit.targetSize, Number.MIN_VALUE);
    return { objective, kktResidual: residual, kktTolerance, gradient, scaleGradient: 0, outliers: 0, absErrorSum };
  }
  const { scale, epsilon } = fit;
  const scaleGradient = nSamples - squares / (scale * scale) - outliers * epsilon * epsilon;
  const scaleResidual = fit.scaleAtBound ? Math.max(0, -scaleGradient) : Math.abs(scaleGradient);
  // A residual r carries rounding of a few ulps of a target; divided by a tiny scale it is what no solver can get below.
  const rounding = (8 * Number.EPSILON * fit.targetSize) / scale;
  return {
    objective:
      nSamples * scale + squares / scale + 2 * epsilon * absolutes - outliers * scale * epsilon * epsilon + penalty,
    kktResidual: Number.isNaN(residual) ? residual : Math.max(residual, scaleResidual),
    kktTolerance: 2 * (toleratedSum(nSamples) * epsilon + nSamples * rounding),
    gradient,
    scaleGradient,
    outliers,
    absErrorSum,
  };
}

/**
 * A certificate's residual where sigma stands at its bound, from the pulls that the answer brings; its objective and losses
 * are those of any other.
 *
 * @param conditions of `certificates/bound-conditions.ts`
 */
export function certificateAtBound(
  { coef, alpha }: Candidate,
  epsilon: number,
  certificate: Certificate,
  conditions: {
    readonly products: Float64Array;
    readonly scaleGradient: number;
    readonly outliers: number;
    readonly excess: number;
  },
  nSamples: number,
): Certificate {
  const { products, scaleGradient, outliers, excess } = conditions;
  const gradient = products.map((product, j) => -2 * product + (j === 0 ? 0 : 2 * alpha * coef[j]!));
  // Sigma may not get any smaller: a gradient that points below its bound counts for nothing.
  const kktResidual = Math.max(maxAbs(gradient, gradient.length), -scaleGradient, excess);
  const kktTolerance = 2 * toleratedSum(nSamples) * epsilon;
  return { ...certificate, gradient, scaleGradient, outliers, kktResidual, kktTolerance };
}

/** How a fit ended, its certificate being the judge and the solver's own word only the reason. */
export function statusOf(certificate: Certificate, solverEnded: FitStatus): FitStatus {
  if (isSolved(certificate)) return 'converged';
  return solverEnded === 'max-iterations' ? 'max-iterations' : 'stalled';
}

export function isSolved({ kktResidual, kktTolerance }: Certificate): boolean {
  return kktResidual <= kktTolerance;
}

/** A solved fit before one that is not; of two solved ones the one nearer to it, of two that are not the lower one. */
export function isBetter(a: Certificate, b: Certificate): boolean {
  if (isSolved(a) !== isSolved(b)) return isSolved(a);
  return isSolved(a) ? a.kktResidual < b.kktResidual : a.objective < b.objective;
}

/**
 * What may be left of a sum of n terms of size 1: a share of n, and float32 rounding of the columns, which adds up like a
 * random walk in directions that a fit without penalty leaves alone because columns differ there by rounding only.
 */
function toleratedSum(nSamples: number): number {
  return RELATIVE_KKT_TOLERANCE * nSamples + FLOAT32_ROUNDING * Math.sqrt(nSamples);
}
