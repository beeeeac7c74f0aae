import { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import type { SharedArena } from '../memory.ts';
import { median } from '../metrics/median.ts';
import type { RegressionData, TargetSums } from '../regression-data.ts';
import { solveRidge } from '../ridge.ts';
import type { Workspace } from '../workspace.ts';
import { type HuberPoint, type HuberSolution, settle } from './active-set.ts';
import { Partition } from './partition.ts';

/** Where every path begins: the seed's default epsilon and alpha. */
export const ROOT_EPSILON = 1.35;
export const WAYPOINT_ALPHA = 0.001;
/** Epsilons of neighbouring waypoints stand in this ratio. */
const WAYPOINT_RATIO = 1.1;
/** Beyond it so few rows are outliers that a last waypoint serves every larger epsilon. */
const LAST_EPSILON = 6;
/** A limit that stops runaways; fits take 2 to 10. A configuration's own limit is applied to the count it reports. */
const MAX_STEPS = 200;
/** 1.4826 · median |r| estimates a normal distribution's standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** sigma's lower bound, as a share of the targets' root mean square. scikit-learn's is 10 ulps, which no solver reaches. */
const RELATIVE_SCALE_FLOOR = 1e-8;

type Waypoint = { index: number; solution: HuberSolution; totalIterations: number };

/**
 * Solves Huber fits of one side and feature set, each started from a *waypoint*: the solution for the same clip at
 * alpha 0.001 and the nearest epsilon of 1.35·1.1ᵏ. Waypoints are reached from the root (k = 0, a cold start) one by
 * one, outwards. So a fit's starting point, and with it every bit of its answer, depends on the fit's own settings
 * alone: the same configuration gives the same numbers by itself, in any sweep, in any order, on any thread. A sweep
 * still pays for each waypoint once, and its fits start next to their solutions.
 */
export class HuberPath {
  readonly #workspace: Workspace;
  readonly #data: RegressionData;
  readonly #factor: PenalizedFactor;
  readonly #root: Partition;
  readonly #current: Partition;
  readonly #work: Partition;
  #targets: TargetSums | undefined;
  #rootPoint: Waypoint | undefined;
  #currentPoint: Waypoint | undefined;

  /** @param arena where the path keeps its partitions for as long as it lives: `HuberPath.sizeBytes` */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.#data = data;
    this.#factor = new PenalizedFactor(workspace.kernels, arena, data.columns.nCoef);
    this.#root = new Partition(workspace, arena, data);
    this.#current = new Partition(workspace, arena, data);
    this.#work = new Partition(workspace, arena, data);
  }

  /**
   * @param targets for the configuration's clip; a path holds one clip's waypoints at a time
   * @param maxIterations the configuration's limit. Where the steps along its path exceed it, the fit is run cold under
   *   that limit, so that `max-iterations` means what it says.
   */
  solve(targets: TargetSums, alpha: number, epsilon: number, maxIterations: number): HuberSolution {
    const waypoint = this.#waypointFor(targets, epsilon);
    if (waypoint.solution.ended === 'converged' && waypoint.totalIterations <= maxIterations) {
      if (alpha === WAYPOINT_ALPHA && epsilon === epsilonOf(waypoint.index)) {
        return { ...waypoint.solution, iterations: waypoint.totalIterations };
      }
      this.#work.copyFrom(this.#current);
      const solution = settle(this.#work, this.#factor, waypoint.solution, this.#settings(alpha, epsilon, MAX_STEPS));
      const iterations = waypoint.totalIterations + solution.iterations;
      if (solution.ended === 'converged' && iterations <= maxIterations) return { ...solution, iterations };
    }
    this.#work.reset(targets);
    return this.#cold(this.#work, alpha, epsilon, maxIterations);
  }

  scaleFloor(targets: TargetSums): number {
    return Math.max(RELATIVE_SCALE_FLOOR * Math.sqrt(targets.yy / this.#data.matrix.nSamples), 1e-12);
  }

  #waypointFor(targets: TargetSums, epsilon: number): Waypoint {
    if (this.#targets?.clip !== targets.clip || this.#rootPoint === undefined) {
      this.#targets = targets;
      this.#root.reset(targets);
      const solution = this.#cold(this.#root, WAYPOINT_ALPHA, ROOT_EPSILON, MAX_STEPS);
      this.#root.takeReference(solution.coef);
      this.#rootPoint = { index: 0, solution, totalIterations: solution.iterations };
      this.#currentPoint = undefined;
    }
    const index = waypointIndex(epsilon);
    let point = this.#currentPoint;
    const onTheWay = point !== undefined && point.index * index >= 0 && Math.abs(point.index) <= Math.abs(index);
    if (point === undefined || !onTheWay || (point.index === 0 && index !== 0)) {
      this.#current.copyFrom(this.#root);
      point = this.#rootPoint;
    }
    while (point.index !== index && point.solution.ended === 'converged') {
      const next: number = point.index + Math.sign(index);
      const settings = this.#settings(WAYPOINT_ALPHA, epsilonOf(next), MAX_STEPS);
      const solution: HuberSolution = settle(this.#current, this.#factor, point.solution, settings);
      point = { index: next, solution, totalIterations: point.totalIterations + solution.iterations };
      this.#current.takeReference(solution.coef);
    }
    this.#currentPoint = point;
    return point;
  }

  /** A start from nothing: ridge with the same penalty, and sigma from the median absolute residual. */
  #cold(partition: Partition, alpha: number, epsilon: number, maxIterations: number): HuberSolution {
    const coef = solveRidge(this.#workspace, this.#data, partition.targets, alpha);
    partition.takeReference(coef);
    const scale = MAD_TO_SIGMA * median(partition.referenceResiduals.map(Math.abs));
    const start: HuberPoint = { coef, scale };
    return settle(partition, this.#factor, start, this.#settings(alpha, epsilon, maxIterations, partition.targets));
  }

  #settings(alpha: number, epsilon: number, maxIterations: number, targets = this.#targets) {
    if (targets === undefined) throw new Error('huber path: no targets yet');
    return {
      alpha,
      epsilon,
      maxIterations,
      nSamples: this.#data.matrix.nSamples,
      scaleFloor: this.scaleFloor(targets),
    };
  }
}

function epsilonOf(index: number): number {
  return index === 0 ? ROOT_EPSILON : ROOT_EPSILON * WAYPOINT_RATIO ** index;
}

/** Number of the waypoint from which a fit with this epsilon starts: negative below the root, 0 at it. */
export function waypointIndex(epsilon: number): number {
  const index = Math.round(Math.log(Math.min(epsilon, LAST_EPSILON) / ROOT_EPSILON) / Math.log(WAYPOINT_RATIO));
  return index === 0 ? 0 : index;
}
