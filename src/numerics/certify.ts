import type { FitStatus } from './fit-result.ts';
import { RELATIVE_KKT_TOLERANCE } from './fit-result.ts';
import { scratchLength } from './kernels/load.ts';
import { penaltyNorm, symmetricProduct } from './linear-algebra/symmetric.ts';
import type { RegressionData, TargetSums } from './regression-data.ts';
import type { Workspace } from './workspace.ts';

/** A solver's answer before anyone has looked at the data again. */
export type Candidate = {
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** clip of targets and predictions; ∞ for none */
  readonly clip: number;
  /** Σ(y − mean)² of the clipped targets */
  readonly yy: number;
  readonly alpha: number;
} & (
  | {
      readonly kind: 'ridge';
      /** sums of the clipped targets; where they are not given, the gradient is taken from the rows */
      readonly targets?: TargetSums;
    }
  | { readonly kind: 'huber'; readonly epsilon: number; readonly scale: number; readonly scaleAtBound: boolean }
);

/** What one pass over the fit rows says about a candidate. */
export type Certificate = {
  readonly objective: number;
  readonly kktResidual: number;
  readonly kktTolerance: number;
  /** (nCoef) gradient of the objective with respect to intercept and coefficients */
  readonly gradient: Float64Array;
  /** ∂objective/∂scale; 0 for ridge */
  readonly scaleGradient: number;
  /** rows with |residual| > epsilon·scale; 0 for ridge */
  readonly outliers: number;
  /** Σ |y − clip(prediction)| over the fit rows, y unclipped; null where no pass was needed */
  readonly absErrorSum: number | null;
};

/** What a certificate is made of: sums over the fit rows at the candidate, ψ being clip(r/σ, ±ε) for Huber and r else. */
export type PointSums = {
  /** (nCoef) Xᵀψ */
  readonly products: Float64Array;
  /** Σ r² over the rows with |r| ≤ ε·σ */
  readonly squares: number;
  /** Σ |r| over the others, and their number */
  readonly absolutes: number;
  readonly outliers: number;
};

/** Rounding of a float32 value of size 1, with room for the sum of a row's. */
const FLOAT32_ROUNDING = 2e-7;

/** Fits that share one pass: enough for the multiply kernel to be limited by arithmetic and not by memory. */
export const FITS_PER_PASS = 16;

/**
 * Certifies up to FITS_PER_PASS candidates in one pass over the fit rows: objectives and gradients are computed in float64
 * from the data (ridge: from XᵀX and Xᵀy), by nothing that the solver has kept up to date on its way. With r = clip(y) − X·w − c:
 *
 *   ridge: f = Σr² + alpha·‖w‖²,  ∇ = −2·Xᵀr + 2·alpha·w
 *   huber: f = n·σ + Σ_in r²/σ + Σ_out (2·ε·|r| − σ·ε²) + alpha·‖w‖²,  "in" being |r| ≤ ε·σ,
 *          ∇ = −2·Xᵀ·clip(r/σ, ±ε) + 2·alpha·w,  ∂f/∂σ = n − Σ_in r²/σ² − ε²·#out  (may be positive with σ at its bound)
 *
 * A candidate's numbers do not depend on the others in the pass.
 */
export function certify(workspace: Workspace, data: RegressionData, candidates: readonly Candidate[]): Certificate[] {
  if (candidates.length === 0 || candidates.length > FITS_PER_PASS) {
    throw new RangeError(`certify: 1 to ${FITS_PER_PASS} candidates, got ${candidates.length}`);
  }
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const { matrix, columns, y } = data;
    const k = (candidates.length + 3) & ~3;
    const { dims } = columns;
    const coef = packCoefficients(arena.float64(dims * k), candidates, k);
    const perFit = (value: (candidate: Candidate) => number, unused: number): number => {
      const packed = arena.float64(k).fill(unused);
      candidates.forEach((candidate, c) => {
        packed[c] = value(candidate);
      });
      return packed.byteOffset;
    };
    const clip = perFit((fit) => fit.clip, 0);
    const scratch = arena.float64(scratchLength(dims, k), 'dirty').byteOffset;
    const sums = arena.float64(4 * k);
    const x = kernels.at(matrix.x);
    const { stride, nSamples } = matrix;
    // Least squares needs no pass: XᵀX, Xᵀy and Σy² were computed from the data, once and for good.
    const ridges = candidates.filter(hasTargets);
    if (ridges.length === candidates.length) {
      return ridges.map((fit) => {
        const products = ridgeProducts(data, fit.coef, fit.targets);
        const squares = ridgeSquares(fit.coef, products, fit.targets);
        return certificateOf(fit, { products, squares, absolutes: 0, outliers: 0 }, null, nSamples);
      });
    }
    const gradient = arena.float64(dims * k);
    kernels.run.certifyRows(
      x,
      stride,
      nSamples,
      dims,
      kernels.at(y),
      coef.byteOffset,
      k,
      clip,
      perFit((fit) => (fit.kind === 'huber' ? 1 / fit.scale : 1), 1),
      perFit((fit) => (fit.kind === 'huber' ? fit.epsilon : Infinity), Infinity),
      perFit((fit) => (fit.kind === 'huber' ? fit.epsilon * fit.scale : Infinity), Infinity),
      gradient.byteOffset,
      sums.byteOffset,
      scratch,
    );
    return candidates.map((fit, c) => {
      const [squares, absolutes, outliers, absErrorSum] = [0, 1, 2, 3].map((row) => sums[row * k + c]!);
      const products = column(gradient, c, k, fit);
      const found = { products, squares: squares!, absolutes: absolutes!, outliers: outliers! };
      return certificateOf(fit, found, absErrorSum!, nSamples);
    });
  });
}

/** Coefficients side by side, (dims × k) row-major, as the multiply kernel reads them. */
export function packCoefficients(
  packed: Float64Array<SharedArrayBuffer>,
  fits: readonly { readonly coef: Float64Array }[],
  k: number,
): Float64Array<SharedArrayBuffer> {
  fits.forEach(({ coef }, c) => {
    for (let j = 0; j < coef.length; j += 1) packed[j * k + c] = coef[j]!;
  });
  return packed;
}

/** How a fit ended, its certificate being the judge and the solver's own word only the reason. */
export function statusOf(certificate: Certificate, solverEnded: FitStatus): FitStatus {
  if (certificate.kktResidual <= certificate.kktTolerance) return 'converged';
  return solverEnded === 'max-iterations' ? 'max-iterations' : 'stalled';
}

/** Xᵀr of a least-squares fit: Xᵀy − XᵀX·w, from the matrices that the data were multiplied out to. */
function ridgeProducts({ gram }: RegressionData, coef: Float64Array, { xy, shift }: TargetSums): Float64Array {
  const out = new Float64Array(coef.length);
  const shifted = Float64Array.from(coef);
  shifted[0]! -= shift;
  symmetricProduct(gram.xx, gram.dims, coef.length, shifted, out);
  for (let j = 0; j < out.length; j += 1) out[j] = xy[j]! - out[j]!;
  return out;
}

/** Σr² of a least-squares fit: Σy² − wᵀXᵀy − wᵀXᵀr, never below 0. */
function ridgeSquares(coef: Float64Array, products: Float64Array, { xy, yy, shift }: TargetSums): number {
  let sum = yy;
  for (let j = 0; j < coef.length; j += 1) sum -= (coef[j]! - (j === 0 ? shift : 0)) * (xy[j]! + products[j]!);
  return Math.max(sum, 0);
}

type WithTargets = Candidate & { readonly kind: 'ridge'; readonly targets: TargetSums };

function hasTargets(candidate: Candidate): candidate is WithTargets {
  return candidate.kind === 'ridge' && candidate.targets !== undefined;
}

/** Column c of a (rows × k) matrix, as long as the fit's coefficients. */
function column(packed: Float64Array, c: number, k: number, fit: Candidate): Float64Array {
  return fit.coef.map((_, j) => packed[j * k + c]!);
}

/**
 * What may be left of a sum of n terms of size 1: a share of n, and float32 rounding of the columns, which adds up like a
 * random walk in directions that a fit without penalty leaves alone because columns differ there by rounding only.
 */
function toleratedSum(nSamples: number): number {
  return RELATIVE_KKT_TOLERANCE * nSamples + FLOAT32_ROUNDING * Math.sqrt(nSamples);
}

/** What the sums at a candidate say of it: its objective, its gradient, and how much of that counts as zero. */
export function certificateOf(
  fit: Candidate,
  { products, squares, absolutes, outliers }: PointSums,
  absErrorSum: number | null,
  nSamples: number,
): Certificate {
  const nCoef = fit.coef.length;
  const gradient = new Float64Array(nCoef);
  let residual = 0;
  for (let j = 0; j < nCoef; j += 1) {
    gradient[j] = -2 * products[j]! + (j === 0 ? 0 : 2 * fit.alpha * fit.coef[j]!);
    // Written so that NaN wins: a residual that is not a number must never look small.
    if (!(Math.abs(gradient[j]!) <= residual)) residual = Math.abs(gradient[j]!);
  }
  const penalty = fit.alpha * penaltyNorm(fit.coef, nCoef);
  const rmsTarget = Math.sqrt(fit.yy / nSamples);
  if (fit.kind === 'ridge') {
    const objective = squares + penalty;
    // The gradient adds n terms of the size of a target.
    const kktTolerance = 2 * toleratedSum(nSamples) * Math.max(rmsTarget, Number.MIN_VALUE);
    return { objective, kktResidual: residual, kktTolerance, gradient, scaleGradient: 0, outliers: 0, absErrorSum };
  }
  const { scale, epsilon } = fit;
  const scaleGradient = nSamples - squares / (scale * scale) - outliers * epsilon * epsilon;
  const scaleResidual = fit.scaleAtBound ? Math.max(0, -scaleGradient) : Math.abs(scaleGradient);
  // A residual r carries rounding of a few ulps of a target; divided by a tiny scale it is what no solver can get below.
  const rounding = (8 * Number.EPSILON * rmsTarget) / scale;
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
