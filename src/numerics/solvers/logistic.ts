import { PenalizedFactor } from '../linear-algebra/penalized-factor.ts';
import { dot, maxAbs, penaltyNorm } from '../linear-algebra/symmetric.ts';
import type { SharedArena } from '../memory.ts';
import type { LinearFit } from '../objectives/fit-result.ts';
import { TABLE_LENGTH } from '../probability.ts';
import type { Gram } from '../rows/gram.ts';
import { type ModelRows, packCoefficients, packedIndex } from '../rows/model-rows.ts';
import { addGram, rowArguments } from '../rows/products.ts';
import { wholeFours } from '../whole-fours.ts';
import type { Workspace } from '../workspace.ts';

const MAX_ITERATIONS = 200;
/** Tighter than a regressor's: the penalty keeps every direction determined, and Newton gets here in a step more. */
const RELATIVE_TOLERANCE = 1e-11;
/** A step that leaves more of the gradient than this is answered by a fresh Hessian; below it the old one serves on. */
const KEEP_HESSIAN_BELOW = 0.5;
/** Steps that a Hessian is corrected by before a fresh one is due. */
const MAX_CORRECTIONS = 20;
const ARMIJO = 1e-4;
/** The shortest step that is tried. */
const SHORTEST_STEP = 1e-10;
/** Differences of the objective below this share of it are rounding; near the optimum a full step is then right. */
const OBJECTIVE_ROUNDING = 1e-13;
/** Float64 values of scratch that `logisticGroups` takes: of 32 groups, of 64 entries, and its constants. */
export const PASS_SCRATCH = 2 * 32 + 4 * 64 + TABLE_LENGTH;

/**
 * L2-penalised logistic regression, scikit-learn's `LogisticRegression(C=1)`:
 *
 *   f(w, c) = Σᵢ log(1 + exp(zᵢ)) − yᵢ·zᵢ + ½·‖w‖²,   z = X·w + c,   y ∈ {0, 1} a group's label; the intercept c is free.
 *
 * One pass over the rows gives objective, gradient and curvatures at a point, whether it is a trial of the line search or
 * the answer, so the answer's KKT residual is its gradient by the rows. A Hessian costs some four passes, so few are made:
 * the first step uses that at w = 0, which is the shared Gram matrix, ¼·XᵀX + I; what steps along the way have told of the
 * curvature corrects it (BFGS), and a fresh one is made where a step has not even halved the gradient.
 *
 * @param gram of the same rows, of these columns or more
 * @throws RangeError on one class
 * Source: Hastie, Tibshirani, Friedman, Elements of Statistical Learning, 2nd ed., §4.4.1; Nocedal, Wright, Numerical
 * Optimization, 2nd ed., §7.2.
 */
export function fitLogistic(workspace: Workspace, model: ModelRows, gram: Gram): LinearFit {
  const { nCoef, nSamples } = model;
  const positives = countPositives(model);
  if (positives === 0 || positives === nSamples) {
    throw new RangeError(`logistic: labels of both classes are needed, got ${positives} positives in ${nSamples} rows`);
  }
  return workspace.temporary((arena) => {
    const pass = new LogisticPass(workspace, arena, model);
    const hessian = new CorrectedHessian(workspace, arena, model, gram);
    // Each gradient entry adds n terms of at most max|x|·½; standardized columns have mean |x| of about one.
    const tolerance = RELATIVE_TOLERANCE * nSamples;
    let here = pass.at(new Float64Array(nCoef));
    let previous = Infinity;
    let iterations = 0;
    let status: LinearFit['status'] = 'max-iterations';
    while (here.residual > tolerance && iterations < MAX_ITERATIONS) {
      workspace.throwIfCancelled();
      if (here.residual > KEEP_HESSIAN_BELOW * previous || hessian.corrections > MAX_CORRECTIONS) {
        hessian.renew(pass.curvature);
      }
      const next = searchAlong(pass, here, hessian.newtonStep(here.gradient));
      if (next === null) {
        status = 'stalled';
        break;
      }
      previous = here.residual;
      hessian.correct(here, next);
      here = next;
      iterations += 1;
    }
    if (here.residual <= tolerance) status = 'converged';
    const { coef, objective, residual } = here;
    return { status, coef, objective, iterations, kktResidual: residual, kktTolerance: tolerance };
  });
}

/** What is known of one point: the objective and its gradient, (nCoef) each. */
type Point = {
  readonly coef: Float64Array<ArrayBuffer>;
  readonly objective: number;
  readonly gradient: Float64Array;
  /** max |gradient| */
  readonly residual: number;
};

/** Passes over the rows, with the memory that they take. */
class LogisticPass {
  /** (nEntries) p·(1 − p) of each entry at the point looked at last */
  readonly curvature: Float64Array<SharedArrayBuffer>;
  readonly #workspace: Workspace;
  readonly #model: ModelRows;
  readonly #packedCoef: Float64Array<SharedArrayBuffer>;
  readonly #packedGradient: Float64Array<SharedArrayBuffer>;
  readonly #scratch: Float64Array<SharedArrayBuffer>;

  constructor(workspace: Workspace, arena: SharedArena, model: ModelRows) {
    this.#workspace = workspace;
    this.#model = model;
    this.#packedCoef = arena.float64(model.packedLength);
    this.#packedGradient = arena.float64(model.packedLength);
    // The kernel takes entries two at a time.
    this.curvature = arena.float64(model.nEntries + 1, 'dirty');
    this.#scratch = arena.float64(PASS_SCRATCH, 'dirty');
  }

  at(coef: Float64Array<ArrayBuffer>): Point {
    const model = this.#model;
    const { kernels } = this.#workspace;
    packCoefficients(model, coef, this.#packedCoef);
    this.#packedGradient.fill(0);
    const loss = kernels.run.logisticGroups(
      ...rowArguments(this.#workspace, model),
      kernels.at(model.rows.label),
      kernels.at(this.#packedCoef),
      kernels.at(this.#packedGradient),
      kernels.at(this.curvature),
      kernels.at(this.#scratch),
    );
    const gradient = coef.map((c, j) => this.#packedGradient[packedIndex(model, j)]! + (j === 0 ? 0 : c));
    const objective = loss + 0.5 * penaltyNorm(coef, coef.length);
    return { coef, objective, gradient, residual: maxAbs(gradient, gradient.length) };
  }
}

/** A step between two points and how the gradient changed along it. */
type Correction = { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number };

/**
 * The Hessian Xᵀ·diag(p·(1 − p))·X + D of some point on the way, D the identity without the intercept, factored, and the
 * steps since, by which its inverse is corrected: after each correction it maps that step's change of the gradient to the
 * step (BFGS, by the two loops of its limited-memory form).
 */
class CorrectedHessian {
  readonly #workspace: Workspace;
  readonly #model: ModelRows;
  readonly #hessian: Float64Array<SharedArrayBuffer>;
  readonly #factor: PenalizedFactor;
  readonly #dims: number;
  #corrections: Correction[] = [];

  /** The Hessian at w = 0, where every p·(1 − p) is ¼. */
  constructor(workspace: Workspace, arena: SharedArena, model: ModelRows, gram: Gram) {
    const { nCoef } = model;
    this.#workspace = workspace;
    this.#model = model;
    this.#dims = wholeFours(nCoef);
    this.#hessian = arena.float64(this.#dims * this.#dims);
    this.#factor = new PenalizedFactor(workspace.kernels, arena, nCoef);
    for (let i = 0; i < nCoef; i += 1) {
      for (let j = 0; j <= i; j += 1) this.#hessian[i * this.#dims + j] = 0.25 * gram.xx[i * gram.dims + j]!;
    }
    this.#factor.factor(this.#hessian, this.#dims, nCoef, 1);
  }

  get corrections(): number {
    return this.#corrections.length;
  }

  /** @param curvature (nEntries) p·(1 − p) of each entry */
  renew(curvature: Float64Array<SharedArrayBuffer>): void {
    this.#corrections = [];
    this.#hessian.fill(0);
    addGram(this.#workspace, this.#model, curvature, this.#hessian, this.#dims);
    this.#factor.factor(this.#hessian, this.#dims, this.#model.nCoef, 1);
  }

  correct(from: Point, to: Point): void {
    const step = to.coef.map((c, j) => c - from.coef[j]!);
    const change = to.gradient.map((g, j) => g - from.gradient[j]!);
    const curvature = dot(step, change, step.length);
    // Positive by convexity, but where rounding has taken it.
    if (curvature > 0) this.#corrections.push({ step, change, curvature });
  }

  /** −H⁻¹·gradient */
  newtonStep(gradient: Float64Array): Float64Array {
    const nCoef = gradient.length;
    const step = gradient.map((g) => -g);
    const shares = new Float64Array(this.#corrections.length);
    for (let k = shares.length - 1; k >= 0; k -= 1) {
      const correction = this.#corrections[k]!;
      shares[k] = dot(correction.step, step, nCoef) / correction.curvature;
      for (let j = 0; j < nCoef; j += 1) step[j]! -= shares[k]! * correction.change[j]!;
    }
    this.#factor.solveInPlace(step);
    this.#corrections.forEach((correction, k) => {
      const share = shares[k]! - dot(correction.change, step, nCoef) / correction.curvature;
      for (let j = 0; j < nCoef; j += 1) step[j]! += share * correction.step[j]!;
    });
    return step;
  }
}

/** The first of the points t = 1, ½, ¼, … along the step that decreases the objective enough; null when none does. */
function searchAlong(pass: LogisticPass, here: Point, step: Float64Array): Point | null {
  const slope = dot(here.gradient, step, step.length);
  const noise = OBJECTIVE_ROUNDING * Math.abs(here.objective);
  for (let t = 1; t > SHORTEST_STEP; t /= 2) {
    const trial = pass.at(here.coef.map((c, j) => c + t * step[j]!));
    if (trial.objective <= here.objective + ARMIJO * t * slope + noise) return trial;
  }
  return null;
}

function countPositives({ rows }: ModelRows): number {
  let positives = 0;
  for (let g = 0; g < rows.nGroups; g += 1) if (rows.label[g] === 1) positives += rows.first[g + 1]! - rows.first[g]!;
  return positives;
}
