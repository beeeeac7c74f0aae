import type { PenalizedFactor } from '../../linear-algebra/penalized-factor.ts';
import type { Partition } from './partition.ts';

const MAX_ROUNDS = 40;
const REFINEMENTS = 8;
/** A residual below this share of the right-hand side is rounding. */
const REFINED = 2e-16;
/** Below this share a residual that does not shrink any more is rounding, and not a factor that has grown too old. */
const ROUNDING = 1e-14;
/** A refinement that leaves more of the residual than this is slow. */
const POOR_CONTRACTION = 0.1;
/** Relative change of sigma that counts as none. */
const SETTLED = 1e-14;
/** A step may change sigma by this factor at the most; beyond it the partition that suggested it means little. */
const MAX_SCALE_CHANGE = 4;

export type PartitionMinimum = {
  readonly scale: number;
  /** False where the step was cut short, so that the point is not the partition's own minimum. */
  readonly exact: boolean;
};

/**
 * Minimises the Huber objective over (w, c, sigma) as if no row crossed the threshold. With G = X_IᵀX_I, b = X_Iᵀy_I,
 * u = Σ_O s·x and D the identity without the intercept, the best w for a given σ is
 *
 *   w(σ) = (G + alpha·σ·D)⁻¹·(b + ε·σ·u),
 *
 * and the profile φ(σ) = min over w is convex with φ′(σ) = n − ε²·#O − Σ_I r(w(σ))²/σ². In z = 1/σ² that is a straight line
 * without a penalty, φ′ = (n − ε²·#O − ε²·uᵀG⁻¹u) − S₀·z, and nearly one with it, so a secant in z finds the root in two to
 * five evaluations. (Iterating σ² = Σ_I r²/(n − ε²·#O) does not: outliers that sit together make it diverge.)
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
  const { epsilon, nSamples, scaleFloor } = settings;
  const freedom = nSamples - partition.outliers * epsilon * epsilon;
  const lowest = Math.max(scaleFloor, scale / MAX_SCALE_CHANGE);
  const highest = Math.max(scaleFloor, scale * MAX_SCALE_CHANGE);
  const slopeAt = profile(partition, factor, coef, freedom, settings);
  let sigma = scale;
  let slope = slopeAt(sigma);
  let low = slope < 0 ? sigma : lowest;
  let high = slope < 0 ? highest : sigma;
  let next = clamp(freedom > 0 ? Math.sqrt(partition.inlierSquares(coef) / freedom) : Infinity, lowest, highest);
  for (let round = 0; round < MAX_ROUNDS && Math.abs(next - sigma) > SETTLED * sigma; round += 1) {
    const nextSlope = slopeAt(next);
    if (nextSlope < 0) low = Math.max(low, next);
    else high = Math.min(high, next);
    const z = 1 / (next * next);
    const perZ = (nextSlope - slope) / (z - 1 / (sigma * sigma));
    sigma = next;
    slope = nextSlope;
    const root = z - slope / perZ;
    if (slope === 0 || high <= low) break;
    // φ′ falls with z; a secant that does not is rounding, one that leads below 0 wants sigma to grow without end.
    const wanted = perZ < 0 ? (root > 0 ? 1 / Math.sqrt(root) : Infinity) : Math.sqrt(low * high);
    const bounded = clamp(wanted, lowest, highest);
    next = bounded >= low && bounded <= high ? bounded : Math.sqrt(low * high);
  }
  const isCut = (sigma === highest && slope < 0) || (sigma === lowest && slope > 0 && lowest > scaleFloor);
  return { scale: sigma, exact: !isCut };
}

/**
 * φ′ as a function of σ; leaves `coef` at w(σ). One factor serves neighbouring σ: w is refined against the true matrix, and
 * a new factor is made only where refinement with the old one is slow, as with a large penalty.
 */
function profile(
  partition: Partition,
  factor: PenalizedFactor,
  coef: Float64Array,
  freedom: number,
  { alpha, epsilon, nSamples }: { alpha: number; epsilon: number; nSamples: number },
): (sigma: number) => number {
  const { gram, size, signed } = partition;
  const nCoef = coef.length;
  const residual = new Float64Array(nCoef);
  let factored = Number.NaN;
  return (sigma) => {
    const penalty = alpha * sigma;
    if (Number.isNaN(factored)) factor.factor(gram, size, nCoef, (factored = penalty));
    let previous = Infinity;
    for (let round = 0; round < REFINEMENTS; round += 1) {
      const product = partition.gramTimes(coef, nCoef);
      let largest = 0;
      for (let j = 0; j < nCoef; j += 1) {
        const b = gram[nCoef * size + j]!;
        residual[j] = b + epsilon * sigma * signed[j]! - product[j]! - (j === 0 ? 0 : penalty * coef[j]!);
        largest = Math.max(largest, Math.abs(residual[j]!) / (Math.abs(b) + nSamples));
      }
      if (largest <= REFINED && round > 0) break;
      const isPoor = largest > POOR_CONTRACTION * previous;
      if (isPoor && largest > ROUNDING && factored !== penalty) {
        factor.factor(gram, size, nCoef, (factored = penalty));
      } else if (isPoor && round > 1) break;
      previous = largest;
      factor.solveInPlace(residual);
      for (let j = 0; j < nCoef; j += 1) coef[j]! += residual[j]!;
    }
    return freedom - partition.inlierSquares(coef) / (sigma * sigma);
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
