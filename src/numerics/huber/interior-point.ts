import { scratchLength } from '../kernels/load.ts';
import { PenalizedFactor, rangeBasis } from '../linear-algebra/penalized-factor.ts';
import { scaledSolver, solverWithin } from '../linear-algebra/scaled-solver.ts';
import { maxAbs } from '../linear-algebra/symmetric.ts';
import { clipTo, type RegressionData, type TargetSums } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';
import type { HuberPoint, HuberSettings } from './active-set.ts';

const MAX_ITERATIONS = 120;
/** Of the way to the nearest bound, a step goes so much. */
const TO_BOUND = 0.995;
/** Relative size of what is left of each condition at which there is nothing more to gain in float64. */
const ENOUGH = 1e-13;
/** Steps shorter than this, several in a row, mean that rounding has taken over. */
const SHORT_STEP = 1e-6;
const SHORT_STEPS = 4;

export type InteriorPoint = HuberPoint & {
  readonly iterations: number;
  /** the largest condition that is left, relative to what it adds up */
  readonly left: number;
};

/**
 * A Huber fit by a primal-dual interior-point method: a few dozen steps whatever the data, for fits on which the
 * active-set method gets lost because about as many rows lie within ±ε·σ as there are coefficients (epsilon near 1, alpha
 * near 0, least absolute deviations in the limit).
 *
 * With outliers' shares u⁺, u⁻ ≥ 0 taken out of the residuals r = y − X·w, Huber's function is a minimum over them,
 *
 *   n·σ + Σ (rᵢ − uᵢ⁺ + uᵢ⁻)²/σ + 2·ε·Σ (uᵢ⁺ + uᵢ⁻) + alpha·‖w‖²,   σ ≥ floor,
 *
 * and with z = (r − u⁺ + u⁻)/σ its optimum is where
 *
 *   Xᵀz = alpha·D·w,   r = σ·z + u⁺ − u⁻,   n − zᵀz = s,
 *   u⁺·(ε − z) = 0,   u⁻·(ε + z) = 0,   s·(σ − floor) = 0,   |z| ≤ ε,   s ≥ 0.
 *
 * The zeros are replaced by μ > 0, each step is Newton's on all conditions at once, and μ falls with them. With weights
 * 1/d, d = σ + u⁺/(ε − z) + u⁻/(ε + z), a step is one weighted least-squares problem in (w, σ).
 * Source: Nocedal and Wright, Numerical Optimization, 2nd ed., §14.2 and §19.
 *
 * @param start coefficients and scale to begin at, for centred targets
 * @returns the point at which no condition gets any smaller, and the steps to it
 */
export function interiorPoint(
  workspace: Workspace,
  data: RegressionData,
  targets: TargetSums,
  start: HuberPoint,
  { alpha, epsilon, scaleFloor }: Pick<HuberSettings, 'alpha' | 'epsilon' | 'scaleFloor'>,
): InteriorPoint {
  return workspace.temporary((arena) => {
    const { run } = workspace.kernels;
    const { matrix, columns, y } = data;
    const { nCoef, dims } = columns;
    const { stride, nSamples: n } = matrix;
    const x = workspace.kernels.at(matrix.x);
    const packed = arena.float64(dims);
    const r = arena.float64(n, 'dirty');
    const weight = arena.float64(n, 'dirty');
    const vector = arena.float64(n, 'dirty');
    const product = arena.float64(dims);
    const gram = arena.float64(dims * dims);
    const scratch = arena.float64(scratchLength(dims, 0), 'dirty');
    const factor = new PenalizedFactor(workspace.kernels, arena, nCoef + 1);
    // Without a penalty, directions that differ from nothing by rounding only would be followed without end.
    const range =
      alpha > 0 || factor.factorDamped(data.gram.xx, data.gram.dims, nCoef, 0, 0) ? null : rangeOf(data, nCoef);
    const size = (nCoef + 4) & ~3;
    const system = new Float64Array(size * size);
    const target = new Float64Array(n);
    for (let i = 0; i < n; i += 1) target[i] = clipTo(y[i]!, targets.clip) - targets.shift;

    const times = (w: Float64Array, out: Float64Array<SharedArrayBuffer>): void => {
      packed.set(w);
      run.rowDots(x, stride, n, dims, packed.byteOffset, out.byteOffset);
    };
    const transposed = (v: Float64Array<SharedArrayBuffer>): Float64Array => {
      product.fill(0);
      run.transposedVector(x, stride, n, dims, v.byteOffset, product.byteOffset);
      return Float64Array.from(product.subarray(0, nCoef));
    };
    const residuals = (w: Float64Array): void => {
      times(w, r);
      for (let i = 0; i < n; i += 1) r[i] = target[i]! - r[i]!;
    };

    let coef = Float64Array.from(start.coef);
    // Strictly inside every bound, and no nearer to one than the data's own size.
    const rms = Math.sqrt(targets.yy / n);
    let scale = Math.max(start.scale, 2 * scaleFloor, 1e-3 * rms);
    let slack = 0.1 * n;
    const z = new Float64Array(n);
    const above = new Float64Array(n);
    const below = new Float64Array(n);
    residuals(coef);
    for (let i = 0; i < n; i += 1) {
      z[i] = clipTo(r[i]! / scale, 0.9 * epsilon);
      const out = r[i]! - scale * z[i]!;
      above[i] = Math.max(out, 0) + 0.1 * scale;
      below[i] = Math.max(-out, 0) + 0.1 * scale;
    }

    const dz = new Float64Array(n);
    const dAbove = new Float64Array(n);
    const dBelow = new Float64Array(n);
    const moved = arena.float64(n, 'dirty');
    let best = { coef, scale };
    let bestLeft = Infinity;
    let short = 0;
    let iterations = 0;
    for (; iterations < MAX_ITERATIONS; iterations += 1) {
      workspace.throwIfCancelled();
      residuals(coef);
      let gap = slack * (scale - scaleFloor);
      let zz = 0;
      let left = 0;
      let size1 = 0;
      for (let i = 0; i < n; i += 1) {
        gap += above[i]! * (epsilon - z[i]!) + below[i]! * (epsilon + z[i]!);
        zz += z[i]! * z[i]!;
        left += Math.abs(r[i]! - scale * z[i]! - above[i]! + below[i]!);
        size1 += Math.abs(r[i]!);
        vector[i] = z[i]!;
      }
      const mean = gap / (2 * n + 1);
      const dual = transposed(vector);
      for (let j = 1; j < nCoef; j += 1) dual[j]! -= alpha * coef[j]!;
      const relative = Math.max(
        maxAbs(dual, nCoef) / n,
        left / (size1 + n * scale),
        gap / (size1 + n * scale),
        Math.abs(n - zz - slack) / n,
      );
      if (!Number.isFinite(relative)) break;
      if (relative < bestLeft) {
        // Of σ − floor and its multiplier one is zero at the optimum: the smaller one, each by its own measure.
        const isAtFloor = scale / scaleFloor - 1 < slack / n;
        best = { coef, scale: isAtFloor ? scaleFloor : scale };
        bestLeft = relative;
      }
      if (relative <= ENOUGH || short >= SHORT_STEPS) break;

      // The matrix of this step's weighted least squares, with sigma behind the coefficients.
      for (let i = 0; i < n; i += 1) {
        weight[i] = 1 / (scale + above[i]! / (epsilon - z[i]!) + below[i]! / (epsilon + z[i]!));
        vector[i] = z[i]! * weight[i]!;
      }
      gram.fill(0);
      run.gramAll(x, stride, n, dims, weight.byteOffset, gram.byteOffset, scratch.byteOffset);
      const border = transposed(vector);
      let corner = slack / (2 * (scale - scaleFloor));
      for (let i = 0; i < n; i += 1) corner += z[i]! * vector[i]!;
      for (let i = 0; i < nCoef; i += 1) {
        for (let j = 0; j <= i; j += 1) system[i * size + j] = gram[i * dims + j]!;
        if (i > 0) system[i * size + i]! += alpha;
        system[nCoef * size + i] = border[i]!;
      }
      system[nCoef * size + nCoef] = corner;
      const solve =
        range === null ? scaledSolver(factor, system, size, nCoef + 1) : solverWithin(range, factor, system, size);

      /** Newton's step for one μ; leaves the changes of z, u⁺ and u⁻. */
      const stepFor = (mu: number): { dCoef: Float64Array; dScale: number; dSlack: number } => {
        const rhs = new Float64Array(nCoef + 1);
        let last = -(n - zz - mu / (scale - scaleFloor)) / 2;
        for (let i = 0; i < n; i += 1) {
          const zi = z[i]!;
          const c = r[i]! - scale * zi - mu / (epsilon - zi) + mu / (epsilon + zi);
          vector[i] = c * weight[i]!;
          last += zi * vector[i]!;
        }
        const right = transposed(vector);
        for (let j = 0; j < nCoef; j += 1) rhs[j] = dual[j]! + right[j]!;
        rhs[nCoef] = last;
        const solution = solve(rhs);
        const dCoef = solution.slice(0, nCoef);
        const dScale = solution[nCoef]!;
        times(dCoef, moved);
        for (let i = 0; i < n; i += 1) {
          const zi = z[i]!;
          const change = vector[i]! - (moved[i]! + zi * dScale) * weight[i]!;
          dz[i] = change;
          dAbove[i] = (mu + above[i]! * change) / (epsilon - zi) - above[i]!;
          dBelow[i] = (mu - below[i]! * change) / (epsilon + zi) - below[i]!;
        }
        const dSlack = (mu - slack * dScale) / (scale - scaleFloor) - slack;
        return { dCoef, dScale, dSlack };
      };
      /** The longest step, up to 1, that keeps everything inside its bounds, and the gap that it would leave. */
      const longest = (dScale: number, dSlack: number): number => {
        let t = 1;
        const keep = (value: number, change: number): void => {
          if (t * change < -value) t = -value / change;
        };
        keep(scale - scaleFloor, dScale);
        keep(slack, dSlack);
        for (let i = 0; i < n; i += 1) {
          keep(above[i]!, dAbove[i]!);
          keep(below[i]!, dBelow[i]!);
          keep(epsilon - z[i]!, -dz[i]!);
          keep(epsilon + z[i]!, dz[i]!);
        }
        return t;
      };
      // Mehrotra: a step for μ = 0 tells how far μ may fall.
      const affine = stepFor(0);
      const reach = longest(affine.dScale, affine.dSlack);
      const mu = mean * Math.max((1 - reach) ** 2, 1e-3);
      const { dCoef, dScale, dSlack } = stepFor(mu);
      const t = Math.min(1, TO_BOUND * longest(dScale, dSlack));
      coef = coef.map((value, j) => value + t * dCoef[j]!);
      scale += t * dScale;
      slack += t * dSlack;
      for (let i = 0; i < n; i += 1) {
        z[i]! += t * dz[i]!;
        above[i]! += t * dAbove[i]!;
        below[i]! += t * dBelow[i]!;
      }
      short = t < SHORT_STEP ? short + 1 : 0;
    }
    return { ...best, iterations, left: bestLeft };
  });
}

/** Columns (each nCoef + 1) that span what the data determine, and sigma. */
function rangeOf({ gram }: RegressionData, nCoef: number): Float64Array[] {
  const withSigma = (direction: Float64Array): Float64Array => Float64Array.from([...direction, 0]);
  const sigma = new Float64Array(nCoef + 1);
  sigma[nCoef] = 1;
  return [...rangeBasis(gram.xx, gram.dims, nCoef).map(withSigma), sigma];
}
