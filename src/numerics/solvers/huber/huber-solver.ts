import { PenalizedFactor } from '../../linear-algebra/penalized-factor.ts';
import { dot } from '../../linear-algebra/symmetric.ts';
import type { SharedArena } from '../../memory.ts';
import { median } from '../../metrics/median.ts';
import { outcomeOf, type Process, Task, untilFree } from '../../processes.ts';
import { dots } from '../../rows/products.ts';
import { clipTo, eachEntry, type Targets, targetProducts } from '../../rows/targets.ts';
import type { Workspace } from '../../workspace.ts';
import { solveRidge } from '../ridge.ts';
import { type HuberPoint, type HuberSettings, type HuberSolution, settle } from './active-set.ts';
import { type BoundPoint, solveAtBound } from './at-bound.ts';
import { interiorPoint } from './interior-point.ts';
import { MoveDesk } from './lockstep.ts';
import { type HuberData, type Partition, PartitionStock } from './partition.ts';
import { STOP_ALPHA, type StopName, stationOf, stopBefore, stopClip, stopEpsilon } from './trail.ts';

/** A fit takes 2 to 10 steps; one that has not settled after so many never will. A fit's own limit may be lower. */
const MAX_STEPS = 100;
/** Relative size of what an interior point may leave of its conditions to count as one. */
const INTERIOR_TOLERANCE = 1e-10;
/** 1.4826 · median |r| estimates a normal distribution's standard deviation. */
const MAD_TO_SIGMA = 1.4826;
/** sigma's lower bound, as a share of the targets' size: 10 ulps, as scikit-learn has it. */
const RELATIVE_SCALE_FLOOR = 10 * Number.EPSILON;
/** Below this share of the targets' size sums of squares do not tell sigma any more: the active-set method stops there. */
const RELATIVE_RESOLUTION = 1e-6;
/** A sigma that is not above that by this factor may as well be smaller. */
const CLEARLY = 2;

/** A solution on the way, how many steps lead to it from nothing, and where its entries stand. */
type Stop = { readonly solution: HuberSolution; readonly totalIterations: number; readonly partition: Partition };

/** A stop that several fits may start from; `users` is who is about to. */
type KeptStop = { readonly task: Task<Stop>; users: number };

/**
 * Solves Huber fits of one side and feature set, each along its trail (`trail.ts`). A fit is a process that asks for moves;
 * fits that run together share the passes of their moves, and the stops that they have in common.
 */
export class HuberSolver {
  readonly #workspace: Workspace;
  readonly #data: HuberData;
  readonly #factor: PenalizedFactor;
  readonly #stock: PartitionStock;
  readonly moves: MoveDesk;
  /** stops by name, the least recently used first */
  readonly #stops = new Map<string, KeptStop>();
  /** last stops that fits are on their way to, by name, with the number of these fits */
  readonly #wanted = new Map<string, number>();
  readonly #targetsFor: (clip: number) => Targets;

  /**
   * @param arena where the solver keeps its partitions for as long as it lives
   * @param targetsFor the targets under a clip, one object for each
   */
  constructor(workspace: Workspace, arena: SharedArena, data: HuberData, targetsFor: (clip: number) => Targets) {
    this.#workspace = workspace;
    this.#data = data;
    this.#targetsFor = targetsFor;
    this.#factor = new PenalizedFactor(workspace.kernels, arena, data.model.nCoef);
    this.#stock = new PartitionStock(workspace, arena, data, PARTITIONS, () => this.#forgetStop());
    this.moves = new MoveDesk(workspace, arena, this.#stock);
  }

  /** Bytes of shared memory that a solver keeps. */
  static sizeBytes(nEntries: number, nGroups: number, nCoef: number): number {
    const factor = 8 * (nCoef + 4) * (nCoef + 5) + 2 * 64;
    return PartitionStock.sizeBytes(PARTITIONS, nEntries, nCoef) + MoveDesk.sizeBytes(nGroups) + factor;
  }

  /** Nothing that was in the middle of being solved is gone on with. */
  reset(): void {
    this.#stops.clear();
    this.#wanted.clear();
    this.#stock.reset();
  }

  /**
   * @param maxIterations the fit's limit. Where the steps along its trail exceed it, the fit is run cold under that limit,
   *   so that `max-iterations` means what it says.
   */
  *solve(clip: number, alpha: number, epsilon: number, maxIterations: number): Process<HuberSolution> {
    const targets = this.#targetsFor(clip);
    const along = yield* this.#alongTrail(clip, alpha, epsilon);
    if (along !== null && along.iterations <= maxIterations) return along;
    const rows = yield* this.#take();
    rows.reset(targets);
    const limit = Math.min(maxIterations, MAX_STEPS);
    const settings = this.#settings(targets, alpha, epsilon, limit);
    const cold = yield* settle(this.moves, rows, this.#factor, this.#coldStart(targets, alpha), settings);
    const isOver = cold.ended === 'converged' || maxIterations <= cold.iterations;
    const solution = isOver ? cold : yield* this.#fromInside(rows, targets, cold, settings);
    this.#stock.giveBack(rows);
    return solution;
  }

  /**
   * The fit by the way that is never lost, for one whose certificate says that the fast way was: from the inside, and
   * from there on the rows. Two answers, since the second may lose what the first has found.
   */
  *repair(clip: number, alpha: number, epsilon: number): Process<readonly HuberSolution[]> {
    const targets = this.#targetsFor(clip);
    const settings = this.#settings(targets, alpha, epsilon, MAX_STEPS);
    const inside = this.#inside(targets, settings);
    const rows = yield* this.#take();
    rows.reset(targets);
    const settled = yield* settle(this.moves, rows, this.#factor, inside, settings);
    this.#stock.giveBack(rows);
    return [inside, { ...settled, iterations: inside.iterations + settled.iterations }];
  }

  /**
   * Newton's step on coefficients and scale together, by a gradient that was computed from the rows: for a fit whose sums
   * have lost digits, as far outliers and near-perfect fits make them, being sums of large numbers that cancel. With
   * A = (X_IᵀX_I + alpha·σ·D)·2/σ, b = 2·X_Iᵀr_I/σ², c = 2·Σ_I r²/σ³, the step solves [A b; bᵀ c]·[dw; dσ] = −[∇w; ∇σ].
   *
   * @param gradient (nCoef) ∂f/∂(c, w), and `scaleGradient` ∂f/∂σ; 0 where sigma is to stay
   */
  *newtonStep(
    clip: number,
    { coef, scale }: HuberPoint,
    { alpha, epsilon }: { readonly alpha: number; readonly epsilon: number },
    gradient: Float64Array,
    scaleGradient: number,
  ): Process<HuberPoint> {
    const targets = this.#targetsFor(clip);
    const rows = yield* this.#take();
    rows.reset(targets);
    yield* this.moves.move(rows, coef, epsilon * scale);
    this.#factor.factor(rows.gram, rows.size, coef.length, alpha * scale);
    const solve = (v: Float64Array): Float64Array => {
      const x = v.map((value) => (value * scale) / 2);
      this.#factor.solveInPlace(x);
      return x;
    };
    // Xᵀψ is what the inliers' residuals add, over sigma, and the outliers' signs, times epsilon.
    const border = gradient.map((value, j) => {
      const products = (j === 0 ? 0 : alpha * coef[j]!) - value / 2;
      return (2 * (products - epsilon * rows.signed[j]!)) / scale;
    });
    const squares = this.#data.model.nSamples - scaleGradient - rows.outliers * epsilon * epsilon;
    this.#stock.giveBack(rows);
    const step = solve(gradient);
    const along = solve(border);
    const curvature = (2 * squares) / scale - dot(border, along, border.length);
    const isCurved = scaleGradient !== 0 && curvature > 0;
    const dScale = isCurved ? -(scaleGradient - dot(border, step, border.length)) / curvature : 0;
    return { coef: step.map((value, j) => -value - along[j]! * dScale), scale: dScale };
  }

  /** sigma's lower bound. */
  scaleFloor(clip: number): number {
    return RELATIVE_SCALE_FLOOR * unitOf(this.#targetsFor(clip));
  }

  /** Whether a solution's sigma is as small as sums of squares can tell: its own may be smaller yet. */
  isUnresolved(clip: number, scale: number): boolean {
    return scale <= CLEARLY * RELATIVE_RESOLUTION * unitOf(this.#targetsFor(clip));
  }

  /** The fit with sigma at its bound, from where entries stand at a solution; null where that is not its optimum. */
  atBound(clip: number, alpha: number, epsilon: number, { coef, scale }: HuberPoint): BoundPoint | null {
    const targets = this.#targetsFor(clip);
    const signs = Int8Array.from(this.#residuals(targets, coef), (r) =>
      Math.abs(r) <= epsilon * scale ? 0 : Math.sign(r),
    );
    return solveAtBound(this.#workspace, this.#data, targets, { alpha, epsilon }, signs);
  }

  /** The fit from the inside, by the rows themselves: for a sigma that their sums cannot tell. */
  fromRows(clip: number, alpha: number, epsilon: number): HuberSolution {
    const targets = this.#targetsFor(clip);
    const settings = { ...this.#settings(targets, alpha, epsilon, MAX_STEPS), scaleFloor: this.scaleFloor(clip) };
    return this.#inside(targets, settings);
  }

  /** The fit from its last stop; null where a stop on the way or the fit itself was not reached. */
  *#alongTrail(clip: number, alpha: number, epsilon: number): Process<HuberSolution | null> {
    const name = stationOf(epsilon, clip);
    yield* this.#admitted(name);
    const { kept, stop } = yield* this.#reach(name);
    const isStop = stop.solution.ended !== 'converged' || alpha === STOP_ALPHA;
    const rows = isStop ? null : yield* this.#take();
    if (rows !== null) this.#startFrom(stop, rows, clip);
    kept.users -= 1;
    this.#dismiss(name);
    if (rows === null) {
      const iterations = stop.totalIterations;
      return stop.solution.ended === 'converged' ? { ...stop.solution, iterations } : null;
    }
    const settings = this.#settings(this.#targetsFor(clip), alpha, epsilon, MAX_STEPS);
    const solution = yield* settle(this.moves, rows, this.#factor, stop.solution, settings);
    this.#stock.giveBack(rows);
    if (solution.ended !== 'converged') return null;
    return { ...solution, iterations: stop.totalIterations + solution.iterations };
  }

  /** Fits wait until few enough last stops are wanted: each takes a partition for as long as it is. */
  *#admitted(name: StopName): Process<void> {
    const key = keyOf(name);
    const wanted = this.#wanted;
    yield* untilFree({
      get hasFree() {
        return wanted.has(key) || wanted.size < STOPS_WANTED;
      },
      relieve: () => false,
    });
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
  }

  #dismiss(name: StopName): void {
    const key = keyOf(name);
    const left = this.#wanted.get(key)! - 1;
    if (left === 0) this.#wanted.delete(key);
    else this.#wanted.set(key, left);
  }

  /** A stop, solved now or before; it stays until its `users` have said that they are done with it. */
  *#reach(name: StopName): Process<{ readonly kept: KeptStop; readonly stop: Stop }> {
    const key = keyOf(name);
    let kept = this.#stops.get(key);
    if (kept === undefined) kept = { task: new Task(this.#solveStop(name)), users: 0 };
    // Behind all others: the most recently used.
    this.#stops.delete(key);
    this.#stops.set(key, kept);
    kept.users += 1;
    return { kept, stop: yield* outcomeOf(kept.task) };
  }

  /** One stop from the one before it; from a stop that was not reached, nothing is. */
  *#solveStop(name: StopName): Process<Stop> {
    const targets = this.#targetsFor(stopClip(name));
    const settings = this.#settings(targets, STOP_ALPHA, stopEpsilon(name), MAX_STEPS);
    const before = stopBefore(name);
    if (before === null) {
      const partition = yield* this.#take();
      partition.reset(targets);
      const start = this.#coldStart(targets, STOP_ALPHA);
      const solution = yield* settle(this.moves, partition, this.#factor, start, settings);
      return { solution, totalIterations: solution.iterations, partition };
    }
    const { kept, stop } = yield* this.#reach(before);
    const partition = yield* this.#take();
    // Of a stop that was not reached the partition is that of one before it, whatever its clip.
    if (stop.solution.ended === 'converged') this.#startFrom(stop, partition, stopClip(before));
    kept.users -= 1;
    if (stop.solution.ended !== 'converged') return { ...stop, partition };
    if (name.kind === 'clip') partition.changeClip(targets);
    const settled = yield* settle(this.moves, partition, this.#factor, stop.solution, settings);
    const isSettled = settled.ended === 'converged';
    const solution = isSettled ? settled : yield* this.#fromInside(partition, targets, settled, settings);
    return { solution, totalIterations: stop.totalIterations + solution.iterations, partition };
  }

  /**
   * Makes `rows` stand where a stop has left its entries. A stop's partition that somebody else works on as well would give
   * a start with other targets, and so a solution of another problem.
   */
  #startFrom({ partition }: Stop, rows: Partition, clip: number): void {
    rows.copyFrom(partition);
    if (rows.targets.clip !== clip) throw new Error(`a stop under clip ${clip} has targets under ${rows.targets.clip}`);
  }

  /** Frees the partition of the stop that was used the longest ago and that nobody is about to start from. */
  #forgetStop(): boolean {
    for (const [key, { task, users }] of this.#stops) {
      if (users > 0 || task.outcome === undefined) continue;
      this.#stock.giveBack(task.outcome.value.partition);
      this.#stops.delete(key);
      return true;
    }
    return false;
  }

  *#take(): Process<Partition> {
    yield* untilFree(this.#stock);
    return this.#stock.take();
  }

  /** The slow and sure way, for fits on which the fast one got lost. */
  *#fromInside(
    rows: Partition,
    targets: Targets,
    lost: HuberSolution,
    settings: HuberSettings,
  ): Process<HuberSolution> {
    rows.reset(targets);
    const inside = this.#inside(targets, settings);
    const all = { ...settings, maxIterations: MAX_STEPS };
    const settled = yield* settle(this.moves, rows, this.#factor, inside, all);
    const iterations = lost.iterations + inside.iterations;
    if (settled.ended !== 'converged') return { ...inside, iterations };
    return { ...settled, iterations: iterations + settled.iterations };
  }

  #inside(targets: Targets, settings: HuberSettings): HuberSolution {
    const start = this.#coldStart(targets, settings.alpha);
    const { left, ...point } = interiorPoint(this.#workspace, this.#data, targets, start, settings);
    return { ...point, ended: left <= INTERIOR_TOLERANCE ? 'converged' : 'stalled' };
  }

  /** A start from nothing: ridge with the same penalty, and sigma from the median absolute residual. */
  #coldStart(targets: Targets, alpha: number): HuberPoint {
    const { model, gram } = this.#data;
    const { coef } = solveRidge(this.#workspace, gram, targetProducts(this.#workspace, model, targets), alpha);
    return { coef, scale: MAD_TO_SIGMA * median(this.#residuals(targets, coef).map(Math.abs)) };
  }

  /** (nEntries) t − shift − X·coef. */
  #residuals(targets: Targets, coef: Float64Array): Float64Array {
    const { model } = this.#data;
    return this.#workspace.temporary((arena) => {
      const r = arena.float64(model.nEntries, 'dirty');
      dots(this.#workspace, model, coef, r);
      eachEntry(model, (entry, group) => {
        r[entry] = clipTo(model.rows.target[group]!, targets.clip) - targets.shift - r[entry]!;
      });
      return Float64Array.from(r);
    });
  }

  #settings(targets: Targets, alpha: number, epsilon: number, maxIterations: number): HuberSettings {
    const { nSamples } = this.#data.model;
    const scaleFloor = RELATIVE_RESOLUTION * unitOf(targets);
    return { alpha, epsilon, maxIterations, nSamples, scaleFloor };
  }
}

/** What sigma is small against: the targets' size, or 1 where they are all the same. */
function unitOf({ size }: Targets): number {
  return size > 0 ? size : 1;
}

function keyOf(name: StopName): string {
  return Object.values(name).join(' ');
}

/** Last stops that fits are on their way to at a time. */
const STOPS_WANTED = 10;
/** One for each of these and for the stop before it, and enough for passes to be full of fits. */
const PARTITIONS = 2 * STOPS_WANTED + 10;
