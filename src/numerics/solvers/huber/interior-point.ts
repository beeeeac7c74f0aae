import type { Targets } from '../../rows/targets.ts';
import type { Workspace } from '../../workspace.ts';
import type { HuberPoint, HuberSettings } from './active-set.ts';
import { InteriorState } from './interior-step.ts';
import type { HuberData } from './partition.ts';

const MAX_ITERATIONS = 120;
/** Of the way to the nearest bound, a step goes so much. */
const TO_BOUND = 0.995;
/** Relative size of what is left of each condition at which there is nothing more to gain in float64. */
const ENOUGH = 1e-13;
/** A step lets μ fall to a thousandth at the most. */
const LEAST_SHARE = 1e-3;
/** Steps shorter than this, several in a row, mean that rounding has taken over. */
const SHORT_STEP = 1e-6;
const SHORT_STEPS = 4;

export type InteriorPoint = HuberPoint & {
  readonly iterations: number;
  /** the largest condition that is left, relative to what it adds up */
  readonly left: number;
  readonly undetermined: number;
};

/**
 * A Huber fit by a primal-dual interior-point method: a few dozen steps whatever the data, for fits on which the
 * active-set method gets lost because about as many rows lie within ±ε·σ as there are coefficients (epsilon near 1, alpha
 * near 0, least absolute deviations in the limit).
 *
 * With outliers' shares u⁺, u⁻ ≥ 0 taken out of the residuals r = t − X·w, Huber's function is a minimum over them,
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
 * @param start coefficients and scale to begin at, for shifted targets
 * @returns the point at which no condition gets any smaller, and the steps to it
 */
export function interiorPoint(
  workspace: Workspace,
  data: HuberData,
  targets: Targets,
  start: HuberPoint,
  settings: Pick<HuberSettings, 'alpha' | 'epsilon' | 'scaleFloor'>,
): InteriorPoint {
  return workspace.temporary((arena) => {
    const state = new InteriorState(workspace, arena, data, targets, start, settings);
    let best: HuberPoint = { coef: state.coef, scale: state.scale };
    let left = Infinity;
    let short = 0;
    let iterations = 0;
    for (; iterations < MAX_ITERATIONS; iterations += 1) {
      workspace.throwIfCancelled();
      const { relative } = state.conditions();
      if (!Number.isFinite(relative)) break;
      if (relative < left) {
        best = { coef: state.coef, scale: state.isAtFloor ? settings.scaleFloor : state.scale };
        left = relative;
      }
      if (relative <= ENOUGH || short >= SHORT_STEPS || !state.prepare()) break;
      // Mehrotra: a step for μ = 0 tells how far μ may fall.
      const rest = 1 - state.longest(state.direction(0));
      const direction = state.direction(state.mean * Math.max(rest * rest, LEAST_SHARE));
      const t = Math.min(1, TO_BOUND * state.longest(direction));
      state.take(direction, t);
      short = t < SHORT_STEP ? short + 1 : 0;
    }
    return { ...best, iterations, left, undetermined: state.undetermined };
  });
}
