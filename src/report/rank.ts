import { compareText } from '../compare-text.ts';
import type { Configuration } from '../experiment/configuration.ts';
import { PARAMETER_NAMES, type ParameterValue, parameterOf } from '../experiment/parameters.ts';
import type { MetricValue } from '../store/metric-columns.ts';
import type { JudgedConfiguration } from '../store/records.ts';

/**
 * The order of the ranks, as indices, the best first: by the mean over both sides of market_plus_state's
 * edge_mae_vs_constant_ratio on tune, lower first; ties by the mean continue_auc on tune, higher first; then by the
 * parameters, in the order of a definition's axes. Both figures to seven digits: which of two equal ones is larger in the
 * twelfth is chance, and may be otherwise by the next version's code. What has no such ratio comes last.
 */
export function orderByTune(judged: readonly JudgedConfiguration[]): Uint32Array {
  // Numbers side by side sort twice as fast as objects, and mostly decide.
  const ratios = Float64Array.from(judged, ({ tuneEdgeMaeRatio }) => toSevenDigits(tuneEdgeMaeRatio ?? Infinity));
  const order = Uint32Array.from(judged, (_, i) => i);
  return order.sort((i, j) => {
    const a = ratios[i]!;
    const b = ratios[j]!;
    return a < b ? -1 : a > b ? 1 : breakTie(judged[i]!, judged[j]!);
  });
}

function breakTie(a: JudgedConfiguration, b: JudgedConfiguration): number {
  return (
    compareMissingLast(rounded(a.tuneAuc), rounded(b.tuneAuc), true) ||
    compareParameters(a.configuration, b.configuration) ||
    compareText(a.configurationId, b.configurationId) ||
    // The same configuration on other content or by other code.
    compareText(a.dataset.contentHash ?? '', b.dataset.contentHash ?? '') ||
    compareText(a.code.hash, b.code.hash)
  );
}

/** By one parameter after another, lists by one item after another; what a kind does not have comes last. */
function compareParameters(a: Configuration, b: Configuration): number {
  for (const name of PARAMETER_NAMES) {
    const { read } = parameterOf(name);
    const order = compareParameter(read(a), read(b));
    if (order !== 0) return order;
  }
  return 0;
}

/** Of one parameter; what a kind does not have comes last. */
export function compareParameter(a: ParameterValue | null, b: ParameterValue | null): number {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return compareMissingLast(a as MetricValue, b as MetricValue, false);
  }
  const at = a.findIndex((item, i) => item !== b[i]);
  return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -Infinity);
}

/** As sorting has it: measured numbers to seven digits, counts and texts as they are. */
export function rounded(value: MetricValue): MetricValue {
  return typeof value !== 'number' || Number.isInteger(value) ? value : toSevenDigits(value);
}

/** To 24 of its 53 bits, by Veltkamp's splitting (Dekker 1971, §3), which takes no branch and no power. */
function toSevenDigits(value: number): number {
  if (!(Math.abs(value) < LARGEST_SPLIT)) return value;
  const shifted = value * (2 ** 29 + 1);
  return shifted - (shifted - value);
}

/** Beyond it the product would overflow. */
const LARGEST_SPLIT = 2 ** 990;

/** Numbers by size, other values as text; what is missing comes last in both directions. */
export function compareMissingLast(a: MetricValue, b: MetricValue, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
  return descending ? -order : order;
}
