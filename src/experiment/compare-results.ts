import { type ExperimentResult, MODEL_KEYS } from './results.ts';

/** Two results of one configuration are the same when every number agrees to this, relatively. */
const SAME_RESULT_TOLERANCE = 1e-9;

export type MetricDifference = { readonly what: string; readonly stored: string; readonly now: string };

/** How a solver got to its answer, and the rounding that is left: not part of the answer. */
const DIAGNOSTICS = new Set([
  'regressor_kkt_residual',
  'regressor_kkt_tolerance',
  'classifier_kkt_residual',
  'classifier_kkt_tolerance',
]);

/**
 * Compares every field of every model and split.
 *
 * @returns how many numbers and texts were compared, and those that differ
 */
export function compareResults(
  stored: ExperimentResult,
  now: ExperimentResult,
): { compared: number; differences: MetricDifference[] } {
  const differences: MetricDifference[] = [];
  let compared = 0;
  const compare = (what: string, a: unknown, b: unknown): void => {
    if (isObject(a) || isObject(b)) {
      const left = isObject(a) ? a : {};
      const right = isObject(b) ? b : {};
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        if (!DIAGNOSTICS.has(key)) compare(`${what} ${key}`, left[key], right[key]);
      }
      return;
    }
    compared += 1;
    if (!isSame(a, b)) differences.push({ what, stored: String(a), now: String(b) });
  };
  for (const key of MODEL_KEYS) compare(key, stored[key], now[key]);
  return { compared, differences };
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= SAME_RESULT_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
