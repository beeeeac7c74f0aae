import type { MetricValue } from '../store/metric-columns.ts';
import type { JudgedConfiguration } from '../store/records.ts';

/**
 * The order of the ranks, as indices, the best first: by the mean over both sides of market_plus_state's
 * edge_mae_vs_constant_ratio on tune, lower first; ties by the mean continue_auc on tune, higher first; then by id. What
 * has no such ratio comes last.
 */
export function orderByTune(judged: readonly JudgedConfiguration[]): Uint32Array {
  // Numbers side by side sort twice as fast as objects, and mostly decide.
  const ratios = Float64Array.from(judged, (verdict) => verdict.tuneEdgeMaeRatio ?? Infinity);
  const order = Uint32Array.from(judged, (_, i) => i);
  return order.sort((i, j) => {
    const a = ratios[i]!;
    const b = ratios[j]!;
    return a < b ? -1 : a > b ? 1 : breakTie(judged[i]!, judged[j]!);
  });
}

function breakTie(a: JudgedConfiguration, b: JudgedConfiguration): number {
  return (
    compareMissingLast(a.tuneAuc, b.tuneAuc, true) ||
    compareText(a.configurationId, b.configurationId) ||
    // The same configuration on other content or by other code.
    compareText(a.dataset.contentHash ?? '', b.dataset.contentHash ?? '') ||
    compareText(a.code.hash, b.code.hash)
  );
}

/** Numbers by size, other values as text; what is missing comes last in both directions. */
export function compareMissingLast(a: MetricValue, b: MetricValue, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b));
  return descending ? -order : order;
}

/** By UTF-16 units: the same on every machine, in every language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
