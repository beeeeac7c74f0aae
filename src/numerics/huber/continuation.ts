import type { FitStatus } from '../fit-result.ts';
import type { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import type { RegressionData } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';
import type { HuberPoint, HuberSettings, HuberSolution } from './active-set.ts';
import { type FixedScaleMinimum, minimizeAtScale } from './fixed-scale.ts';
import type { Partition } from './partition.ts';

/** Sigma is followed by factors of this until its gradient changes sign. */
const FACTOR = 4;
const MAX_STAGES = 120;

/**
 * The Huber fit as a search for one number: F(σ) = min over (w, c) is convex, so its derivative, ∂f/∂σ at that minimum,
 * increases with σ. Sigma is multiplied or divided by four until the derivative changes sign, then the root is closed in
 * on by the geometric mean and by σ·√(Σ_I r²/σ² / (n − ε²·#O)), which is exact while no row changes side. With a
 * derivative above 0 down to the floor, the minimum is at the floor: least absolute deviations, as epsilon 1 asks for.
 *
 * Slower than `settle` by far, and hardly ever lost: each stage starts next to its minimum.
 */
export function continueInScale(
  workspace: Workspace,
  data: RegressionData,
  partition: Partition,
  factor: PenalizedFactor,
  start: HuberPoint,
  settings: HuberSettings,
): HuberSolution {
  const { scaleFloor, epsilon, nSamples } = settings;
  let iterations = 0;
  let coef: Float64Array = Float64Array.from(start.coef);
  let scale = Math.max(start.scale, scaleFloor);
  const minimumAt = (sigma: number): FixedScaleMinimum => {
    const minimum = minimizeAtScale(workspace, data, partition, factor, coef, sigma, settings);
    iterations += minimum.iterations;
    coef = minimum.coef;
    scale = sigma;
    return minimum;
  };
  const end = (ended: FitStatus): HuberSolution => ({ coef, scale, iterations, ended });

  let minimum = minimumAt(scale);
  let low = minimum.scaleGradient < 0 ? scale : 0;
  let high = minimum.scaleGradient < 0 ? Infinity : scale;
  for (let stage = 0; stage < MAX_STAGES; stage += 1) {
    if (!minimum.settled || iterations > settings.maxIterations) return end('stalled');
    if (scale === scaleFloor && minimum.scaleGradient >= 0) return end('converged');
    if (high / low - 1 < 4e-16) return end('converged');
    const next = nextScale(low, high, scale, minimum.scaleGradient, partition, coef, epsilon, nSamples);
    const sigma = Math.max(next, scaleFloor);
    if (sigma === scale) return end('converged');
    minimum = minimumAt(sigma);
    if (minimum.scaleGradient < 0) low = sigma;
    else high = sigma;
  }
  return end('stalled');
}

function nextScale(
  low: number,
  high: number,
  scale: number,
  gradient: number,
  partition: Partition,
  coef: Float64Array,
  epsilon: number,
  nSamples: number,
): number {
  if (high === Infinity) return scale * FACTOR;
  if (low === 0) return scale / FACTOR;
  const freedom = nSamples - partition.outliers * epsilon * epsilon;
  const exact = freedom > 0 ? Math.sqrt(partition.inlierSquares(coef) / freedom) : Number.NaN;
  const isInside = exact > low && exact < high;
  // Rounding of the sums: nothing closer to the root can be told from it.
  if (Math.abs(gradient) <= 1e-14 * nSamples) return scale;
  return isInside ? exact : Math.sqrt(low * high);
}
