import { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import type { SharedArena } from '../memory.ts';
import { median } from '../metrics/median.ts';
import { type RegressionData, type TargetSums, targetResiduals } from '../regression-data.ts';
import { solveRidge } from '../ridge.ts';
import type { Workspace } from '../workspace.ts';
import { type HuberPoint, type HuberSettings, type HuberSolution, settle } from './active-set.ts';
import { interiorPoint } from './interior-point.ts';
import { Partition } from './partition.ts';
import type { StopPoint, Stops } from './witness.ts';

/** Where every path begins: the seed's default epsilon and alpha. */
const ROOT_EPSILON = 1.35;
const STOP_ALPHA = 0.001;
/** Epsilons of neighbouring waypoints stand in this ratio. */
const WAYPOINT_RATIO = 1.2;
/** 1.125: the next one down would be below 1, where the objective has no minimum. */
const FIRST_WAYPOINT = -1;
/** Beyond it so few rows are outliers that a last waypoint serves every larger epsilon. */
const LAST_EPSILON = 6;
/** A fit takes 2 to 10 steps; one that has not settled after so many never will. A fit's own limit may be lower. */
const MAX_STEPS = 100;
/** Relative size of what an interior point may leave of its conditions to count as one. */
const INTERIOR_TOLERANCE = 1e-10;
/** 1.4826 · median |r| estimates a normal distribution's standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** sigma's lower bound, as a share of the targets' root mean square. scikit-learn's is 10 ulps, which no solver reaches. */
const RELATIVE_SCALE_FLOOR = 1e-6;

/** A solution on the way, and how many steps lead to it from nothing. */
type Stop = { epsilon: number; solution: HuberSolution; totalIterations: number; point: StopPoint };
type Waypoint = Stop & { index: number; trail: readonly StopPoint[] };

/** A solution, and the stops that it came by; null where it did not come by any. */
export type PathSolution = HuberSolution & { readonly stops: Stops | null };

/**
 * Solves Huber fits of one side and feature set along a path that the fit's own settings determine:
 *
 *   root       a cold start at epsilon 1.35, alpha 0.001, for the fit's clip
 *   waypoints  epsilon 1.35·1.2ᵏ, one from the other, outwards, to the one nearest to the fit's epsilon
 *   station    the fit's own epsilon, alpha still 0.001
 *   fit        its own alpha
 *
 * So every bit of an answer depends on the fit alone: the same configuration gives the same numbers by itself, in any
 * sweep, in any order, on any thread. A sweep still pays for each waypoint and station once, and its fits, which differ
 * from their station in alpha only, start next to their solutions.
 */
export class HuberPath {
  readonly #workspace: Workspace;
  readonly #data: RegressionData;
  readonly #factor: PenalizedFactor;
  readonly #rootRows: Partition;
  readonly #waypointRows: Partition;
  readonly #stationRows: Partition;
  readonly #fitRows: Partition;
  #targets: TargetSums | undefined;
  #root: Waypoint | undefined;
  #waypoint: Waypoint | undefined;
  #station: Stop | undefined;
  #stops: Stops | null = null;

  /** @param arena where the path keeps its partitions for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.#data = data;
    this.#factor = new PenalizedFactor(workspace.kernels, arena, data.columns.nCoef);
    this.#rootRows = new Partition(workspace, arena, data);
    this.#waypointRows = new Partition(workspace, arena, data);
    this.#stationRows = new Partition(workspace, arena, data);
    this.#fitRows = new Partition(workspace, arena, data);
  }

  /** Partitions that a path keeps. */
  static readonly PARTITIONS = 4;

  /**
   * @param targets for the fit's clip; a path holds one clip's stops at a time
   * @param maxIterations the fit's limit. Where the steps along its path exceed it, the fit is run cold under that limit,
   *   so that `max-iterations` means what it says.
   */
  solve(targets: TargetSums, alpha: number, epsilon: number, maxIterations: number): PathSolution {
    const station = this.#stationFor(targets, epsilon);
    const stops = this.#stops;
    if (station.solution.ended === 'converged' && station.totalIterations <= maxIterations) {
      if (alpha === STOP_ALPHA) return { ...station.solution, iterations: station.totalIterations, stops };
      this.#fitRows.copyFrom(this.#stationRows);
      const solution = settle(this.#fitRows, this.#factor, station.solution, this.#settings(alpha, epsilon, MAX_STEPS));
      const iterations = station.totalIterations + solution.iterations;
      if (solution.ended === 'converged' && iterations <= maxIterations) return { ...solution, iterations, stops };
    }
    this.#fitRows.reset(targets);
    const cold = this.#cold(this.#fitRows, alpha, epsilon, Math.min(maxIterations, MAX_STEPS));
    if (cold.ended === 'converged' || maxIterations <= cold.iterations) return { ...cold, stops: null };
    const inside = this.#fromInside(this.#fitRows, targets, cold, this.#settings(alpha, epsilon, maxIterations));
    return { ...inside, stops: null };
  }

  /**
   * The fit by the way that is never lost, for one whose certificate says that the fast way was: from the inside, and
   * from there on the rows. Two answers, since the second may lose what the first has found.
   */
  repair(targets: TargetSums, alpha: number, epsilon: number): readonly HuberSolution[] {
    const rows = this.#fitRows;
    rows.reset(targets);
    const settings = this.#settings(alpha, epsilon, MAX_STEPS, targets);
    const inside = this.#inside(targets, settings);
    const settled = settle(rows, this.#factor, inside, settings);
    return [inside, { ...settled, iterations: inside.iterations + settled.iterations }];
  }

  /**
   * One Newton correction by a gradient that was computed from the rows, for a fit whose sums have lost digits: far
   * outliers and near-perfect fits leave sums of large numbers that cancel. Coefficients and scale are corrected apart,
   * which converges all the same, if not quadratically.
   *
   * @param gradient (nCoef) ∂f/∂(c, w) and `scaleGradient` ∂f/∂σ at the solution
   */
  correct(
    targets: TargetSums,
    solution: HuberPoint,
    settings: { readonly alpha: number; readonly epsilon: number },
    gradient: Float64Array,
    scaleGradient: number,
  ): HuberPoint {
    const { alpha, epsilon } = settings;
    const rows = this.#fitRows;
    rows.reset(targets);
    rows.move(solution.coef, epsilon * solution.scale);
    this.#factor.factor(rows.gram, rows.size, solution.coef.length, alpha * solution.scale);
    const step = gradient.map((value) => (-value * solution.scale) / 2);
    this.#factor.solveInPlace(step);
    const inliers = this.#data.matrix.nSamples - scaleGradient - rows.outliers * epsilon * epsilon;
    const change = inliers > 0 ? (-scaleGradient * solution.scale) / (2 * inliers) : 0;
    const scale = Math.max(solution.scale + change, this.scaleFloor(targets));
    return { coef: solution.coef.map((value, j) => value + step[j]!), scale };
  }

  scaleFloor(targets: TargetSums): number {
    return Math.max(RELATIVE_SCALE_FLOOR * Math.sqrt(targets.yy / this.#data.matrix.nSamples), 1e-12);
  }

  #stationFor(targets: TargetSums, epsilon: number): Stop {
    const waypoint = this.#waypointFor(targets, epsilon);
    if (this.#station?.epsilon === epsilon) return this.#station;
    this.#stationRows.copyFrom(this.#waypointRows);
    this.#station = waypoint.epsilon === epsilon ? waypoint : this.#walk(this.#stationRows, waypoint, epsilon);
    this.#stops = { waypoints: waypoint.trail, waypoint: waypoint.point, station: this.#station.point };
    this.#data.span.expectNear(this.#station.point.coef, this.#station.point.scale);
    return this.#station;
  }

  #waypointFor(targets: TargetSums, epsilon: number): Waypoint {
    if (this.#root === undefined || this.#targets?.clip !== targets.clip) {
      this.#targets = targets;
      this.#rootRows.reset(targets);
      const solution = this.#cold(this.#rootRows, STOP_ALPHA, ROOT_EPSILON, MAX_STEPS);
      const root = stopOf(solution, ROOT_EPSILON, solution.iterations);
      this.#root = { index: 0, trail: [root.point], ...root };
      this.#waypoint = undefined;
      this.#station = undefined;
    }
    const index = waypointIndex(epsilon);
    const here = this.#waypoint;
    if (here?.index === index) return here;
    let waypoint = here;
    if (waypoint === undefined || !isOnTheWay(waypoint.index, index)) {
      this.#waypointRows.copyFrom(this.#rootRows);
      waypoint = this.#root;
    }
    while (waypoint.index !== index) {
      const next: number = waypoint.index + Math.sign(index);
      const stop = this.#walk(this.#waypointRows, waypoint, epsilonOf(next));
      waypoint = { ...stop, index: next, trail: [...waypoint.trail, stop.point] };
    }
    this.#waypoint = waypoint;
    this.#station = undefined;
    return waypoint;
  }

  /** One stop further; from a stop that was not reached, nothing is. */
  #walk(rows: Partition, from: Stop, epsilon: number): Stop {
    if (from.solution.ended !== 'converged') return { ...from, epsilon };
    const settings = this.#settings(STOP_ALPHA, epsilon, MAX_STEPS);
    const settled = settle(rows, this.#factor, from.solution, settings);
    const solution = settled.ended === 'converged' ? settled : this.#fromInside(rows, rows.targets, settled, settings);
    return stopOf(solution, epsilon, from.totalIterations + solution.iterations);
  }

  /** The slow and sure way, for fits on which the fast one got lost. */
  #fromInside(rows: Partition, targets: TargetSums, lost: HuberSolution, settings: HuberSettings): HuberSolution {
    rows.reset(targets);
    const inside = this.#inside(targets, settings);
    const settled = settle(rows, this.#factor, inside, { ...settings, maxIterations: MAX_STEPS });
    const iterations = lost.iterations + inside.iterations;
    if (settled.ended !== 'converged') return { ...inside, iterations };
    return { ...settled, iterations: iterations + settled.iterations };
  }

  #inside(targets: TargetSums, settings: HuberSettings): HuberSolution {
    const start = this.#coldStart(targets, settings.alpha);
    const { left, ...point } = interiorPoint(this.#workspace, this.#data, targets, start, settings);
    return { ...point, ended: left <= INTERIOR_TOLERANCE ? 'converged' : 'stalled' };
  }

  /** A start from nothing: ridge with the same penalty, and sigma from the median absolute residual. */
  #coldStart(targets: TargetSums, alpha: number): HuberPoint {
    const coef = solveRidge(this.#workspace, this.#data, targets, alpha);
    const residuals = targetResiduals(this.#workspace, this.#data, targets, coef);
    return { coef, scale: MAD_TO_SIGMA * median(residuals.map(Math.abs)) };
  }

  #cold(partition: Partition, alpha: number, epsilon: number, maxIterations: number): HuberSolution {
    const start = this.#coldStart(partition.targets, alpha);
    return settle(partition, this.#factor, start, this.#settings(alpha, epsilon, maxIterations, partition.targets));
  }

  #settings(alpha: number, epsilon: number, maxIterations: number, targets = this.#targets): HuberSettings {
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

function stopOf(solution: HuberSolution, epsilon: number, totalIterations: number): Stop {
  const { coef, scale } = solution;
  return { epsilon, solution, totalIterations, point: { coef, scale, epsilon } };
}

function epsilonOf(index: number): number {
  return index === 0 ? ROOT_EPSILON : ROOT_EPSILON * WAYPOINT_RATIO ** index;
}

/** Whether the path from the root to waypoint `index` passes waypoint `here`. */
function isOnTheWay(here: number, index: number): boolean {
  return here === 0 || (Math.sign(here) === Math.sign(index) && Math.abs(here) <= Math.abs(index));
}

/** Number of the waypoint from which a fit with this epsilon starts: negative below the root, 0 at it. */
export function waypointIndex(epsilon: number): number {
  const index = Math.round(Math.log(Math.min(epsilon, LAST_EPSILON) / ROOT_EPSILON) / Math.log(WAYPOINT_RATIO));
  return index === 0 ? 0 : Math.max(index, FIRST_WAYPOINT);
}
