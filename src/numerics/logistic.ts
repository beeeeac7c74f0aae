import { PenalizedFactor } from './linear-algebra/penalized-factor.ts';
import { dot, maxAbs, penaltyNorm } from './linear-algebra/symmetric.ts';
import type { LinearFit } from './objectives/fit-result.ts';
import type { Gram } from './rows/gram.ts';
import { type ModelRows, unpackCoefficients, weightOf } from './rows/model-rows.ts';
import { addGram, dots, transposedVector } from './rows/products.ts';
import { eachEntry } from './rows/targets.ts';
import type { Workspace } from './workspace.ts';

const MAX_ITERATIONS = 200;
/** Tighter than a regressor's: the penalty keeps every direction determined, and Newton gets here in a step more. */
const RELATIVE_TOLERANCE = 1e-11;
/** A step that leaves more of the gradient than this is answered by a fresh Hessian; below it the old one serves on. */
const KEEP_HESSIAN_BELOW = 0.1;
const ARMIJO = 1e-4;

/**
 * L2-penalised logistic regression, scikit-learn's `LogisticRegression(C=1)`:
 *
 *   f(w, c) = Σᵢ log(1 + exp(zᵢ)) − yᵢ·zᵢ + ½·‖w‖²,   z = X·w + c,   y ∈ {0, 1}; the intercept c is free.
 *
 * Newton's method with a Cholesky factor and an Armijo line search. At w = 0 the Hessian is ¼·XᵀX + I, so the shared
 * Gram matrix serves the first step; later a Hessian is kept while it still shrinks the gradient tenfold a step, since
 * a gradient costs a tenth of a Hessian.
 *
 * Labels are the groups'; both classes have to be present.
 *
 * @throws RangeError on one class
 * Source: Hastie, Tibshirani, Friedman, Elements of Statistical Learning, 2nd ed., §4.4.1.
 */
export function fitLogistic(workspace: Workspace, model: ModelRows, gram: Gram): LinearFit {
  const { nCoef, nEntries, nSamples: n } = model;
  const labels = new Uint8Array(nEntries);
  eachEntry(model, (entry, group) => {
    labels[entry] = model.rows.label[group]!;
  });
  const counts = Float64Array.from({ length: nEntries }, (_, entry) => weightOf(model, entry));
  const positives = labels.reduce((sum, label, entry) => sum + label * counts[entry]!, 0);
  if (positives === 0 || positives === n) {
    throw new RangeError(`logistic: labels of both classes are needed, got ${positives} positives in ${n} rows`);
  }
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const dims = gram.dims;
    const coef = new Float64Array(nCoef);
    const step = new Float64Array(nCoef);
    const gradient = new Float64Array(nCoef);
    const packed = arena.float64(model.packedLength);
    const z = arena.float64(nEntries, 'dirty');
    const direction = arena.float64(nEntries, 'dirty');
    const pointwise = arena.float64(nEntries, 'dirty');
    const hessian = arena.float64(dims * dims);
    const factor = new PenalizedFactor(kernels, arena, nCoef);
    // Each gradient entry adds n terms of at most max|x|·½; standardized columns have mean |x| of about one.
    const tolerance = RELATIVE_TOLERANCE * n;

    const evaluateGradient = (): number => {
      dots(workspace, model, coef, z);
      for (let e = 0; e < nEntries; e += 1) pointwise[e] = probability(z[e]!) - labels[e]!;
      packed.fill(0);
      transposedVector(workspace, model, pointwise, packed);
      gradient.set(unpackCoefficients(model, packed));
      for (let j = 1; j < nCoef; j += 1) gradient[j]! += coef[j]!;
      return maxAbs(gradient, nCoef);
    };

    let residual = evaluateGradient();
    let objective = logisticObjective(z, labels, counts, 0, 0) + 0.5 * penaltyNorm(coef, nCoef);
    let previous = Infinity;
    let iterations = 0;
    let status: LinearFit['status'] = 'max-iterations';
    while (iterations < MAX_ITERATIONS) {
      workspace.throwIfCancelled();
      if (residual <= tolerance) {
        status = 'converged';
        break;
      }
      if (iterations === 0) {
        for (let k = 0; k < dims * dims; k += 1) hessian[k] = 0;
        for (let i = 0; i < nCoef; i += 1) {
          for (let j = 0; j <= i; j += 1) hessian[i * dims + j] = 0.25 * gram.xx[i * gram.dims + j]!;
        }
        factor.factor(hessian, dims, nCoef, 1);
      } else if (residual > KEEP_HESSIAN_BELOW * previous) {
        for (let e = 0; e < nEntries; e += 1) {
          const p = probability(z[e]!);
          pointwise[e] = p * (1 - p);
        }
        hessian.fill(0);
        addGram(workspace, model, pointwise, hessian, dims);
        factor.factor(hessian, dims, nCoef, 1);
      }
      for (let j = 0; j < nCoef; j += 1) step[j] = -gradient[j]!;
      factor.solveInPlace(step);
      dots(workspace, model, step, direction);
      const accepted = lineSearch(
        z,
        direction,
        labels,
        counts,
        coef,
        step,
        nCoef,
        objective,
        dot(gradient, step, nCoef),
      );
      if (accepted === null) {
        status = 'stalled';
        break;
      }
      for (let j = 0; j < nCoef; j += 1) coef[j]! += accepted.t * step[j]!;
      objective = accepted.objective;
      previous = residual;
      // z is taken from the data again, not from z + t·direction, so that no rounding builds up.
      residual = evaluateGradient();
      iterations += 1;
    }
    if (residual <= tolerance) status = 'converged';
    objective = logisticObjective(z, labels, counts, 0, 0) + 0.5 * penaltyNorm(coef, nCoef);
    return {
      status,
      coef,
      objective,
      iterations,
      kktResidual: residual,
      kktTolerance: tolerance,
    };
  });
}

/** 1/(1 + exp(−z)), without overflow for any z. */
export function probability(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

/** Σᵢ countᵢ·(log(1 + exp(zᵢ + t·dᵢ)) − yᵢ·(zᵢ + t·dᵢ)), without overflow; `direction` 0 where there is none. */
export function logisticObjective(
  z: Float64Array,
  labels: Uint8Array,
  counts: Float64Array,
  t: number,
  direction: Float64Array | 0,
): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const margin = direction === 0 ? z[i]! : z[i]! + t * direction[i]!;
    const signed = labels[i] === 1 ? -margin : margin;
    const loss = signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed));
    sum += counts[i]! * loss;
  }
  return sum;
}

/** The first t of 1, ½, ¼, … that decreases the objective enough; null when none does before rounding hides it. */
function lineSearch(
  z: Float64Array,
  direction: Float64Array,
  labels: Uint8Array,
  counts: Float64Array,
  coef: Float64Array,
  step: Float64Array,
  nCoef: number,
  objective: number,
  slope: number,
): { t: number; objective: number } | null {
  // Differences of the objective below this are rounding; near the optimum a full step is then right.
  const noise = 1e-13 * Math.abs(objective);
  for (let t = 1; t > 1e-10; t /= 2) {
    let penalty = 0;
    for (let j = 1; j < nCoef; j += 1) penalty += (coef[j]! + t * step[j]!) ** 2;
    const trial = logisticObjective(z, labels, counts, t, direction) + 0.5 * penalty;
    if (trial <= objective + ARMIJO * t * slope + noise) return { t, objective: trial };
  }
  return null;
}
