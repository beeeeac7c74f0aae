import type { PenalizedFactor } from '../../linear-algebra/penalized-factor.ts';
import type { FitStatus } from '../../objectives/fit-result.ts';
import type { Process } from '../../processes.ts';
import type { MoveDesk } from './lockstep.ts';
import type { Partition } from './partition.ts';
import { partitionMinimum } from './partition-minimum.ts';

export type HuberPoint = {
  /** (nCoef) intercept first, for shifted targets */
  readonly coef: Float64Array;
  /** sigma, bps */
  readonly scale: number;
};

export type HuberSettings = {
  readonly alpha: number;
  readonly epsilon: number;
  readonly nSamples: number;
  readonly scaleFloor: number;
  readonly maxIterations: number;
};

export type HuberSolution = HuberPoint & {
  readonly iterations: number;
  readonly ended: FitStatus;
  /** directions of the coefficients that the data do not determine, and that were therefore left at 0 */
  readonly undetermined: number;
};

const SHORTEST_STEP = 1e-9;
/** A rise of the objective below this share of it is rounding. */
const OBJECTIVE_ROUNDING = 1e-13;
/** A change of sigma, and of a coefficient, below these shares of them is none. */
const SAME_SCALE = 1e-14;
const SAME_COEF = 1e-13;

/**
 * Active-set Newton for the Huber objective with jointly fitted scale (scikit-learn's `HuberRegressor`), convex and
 * continuously differentiable in (w, c, σ > 0).
 *
 * While no row crosses ±ε·σ the objective is a small smooth problem with a minimum of its own (`partitionMinimum`), and
 * the way there is a direction of descent. Each iteration goes there, moves the rows that crossed, and halves the step
 * as long as the objective would rise. When a full step moves no row, the partition is that of its own minimum: the
 * optimum, up to rounding. The caller certifies that on the data.
 *
 * @param partition entries and sums for the right targets; left at the returned point
 */
export function* settle(
  desk: MoveDesk,
  partition: Partition,
  factor: PenalizedFactor,
  start: HuberPoint,
  settings: HuberSettings,
): Process<HuberSolution> {
  const { alpha, epsilon, maxIterations } = settings;
  let coef = Float64Array.from(start.coef);
  let scale = Math.max(start.scale, settings.scaleFloor);
  let undetermined = 0;
  yield* desk.move(partition, coef, epsilon * scale);
  let objective = partition.objective(coef, scale, alpha, epsilon);
  for (let iterations = 1; iterations <= maxIterations; iterations += 1) {
    const target = Float64Array.from(coef);
    const minimum = partitionMinimum(partition, factor, target, scale, settings);
    undetermined = factor.undetermined;
    let t = 1;
    let trial = target;
    let trialScale = minimum.scale;
    let changed = yield* desk.move(partition, trial, epsilon * trialScale);
    let trialObjective = partition.objective(trial, trialScale, alpha, epsilon);
    const noise = OBJECTIVE_ROUNDING * Math.abs(objective);
    while (!(trialObjective <= objective + noise)) {
      t /= 2;
      if (t < SHORTEST_STEP) {
        yield* desk.move(partition, coef, epsilon * scale);
        return { coef, scale, iterations, ended: 'stalled', undetermined };
      }
      trial = between(coef, target, t);
      trialScale = scale + t * (minimum.scale - scale);
      changed = yield* desk.move(partition, trial, epsilon * trialScale);
      trialObjective = partition.objective(trial, trialScale, alpha, epsilon);
    }
    const still = t === 1 && stoodStill(coef, trial, scale, trialScale);
    coef = trial;
    scale = trialScale;
    objective = trialObjective;
    if ((t === 1 && minimum.exact && changed === 0) || still) {
      return { coef, scale, iterations, ended: 'converged', undetermined };
    }
  }
  return { coef, scale, iterations: maxIterations, ended: 'max-iterations', undetermined };
}

function between(from: Float64Array<ArrayBuffer>, to: Float64Array, t: number): Float64Array<ArrayBuffer> {
  return from.map((value, j) => value + t * (to[j]! - value));
}

/** Rows that sit on the threshold to the last bit may change sign for ever; what counts is that the point does not move. */
function stoodStill(from: Float64Array, to: Float64Array, fromScale: number, toScale: number): boolean {
  if (Math.abs(toScale - fromScale) > SAME_SCALE * toScale) return false;
  return from.every((value, j) => Math.abs(to[j]! - value) <= SAME_COEF * (Math.abs(value) + toScale));
}
