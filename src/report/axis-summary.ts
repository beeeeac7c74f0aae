import { PARAMETER_NAMES } from '../experiment/parameters.ts';
import { medianInPlace } from '../numerics/metrics/median.ts';
import type { JudgedConfiguration } from '../store/records.ts';
import type { AxisName } from '../sweep/axis-effects.ts';
import { type AxisValue, axisValueKey, axisValueOf } from './axes.ts';
import { compareParameter } from './rank.ts';

/** What the rank metric does along one axis, all others taking whatever values they take in the grid. */
export type AxisSummary = {
  readonly axis: AxisName;
  /** By median, the best (lowest) first; of equal ones the smaller value. */
  readonly values: readonly AxisValueSummary[];
  /** How far the medians of its values lie apart: the axis' effect. */
  readonly spread: number;
};

export type AxisValueSummary = {
  readonly value: AxisValue;
  readonly count: number;
  readonly median: number;
  readonly best: number;
  readonly worst: number;
};

/** The axes with two values or more, the one with the largest effect first. Verdicts without a rank metric do not count. */
export function summarizeAxes(judged: readonly JudgedConfiguration[]): AxisSummary[] {
  return inOrder(PARAMETER_NAMES.map((axis) => axisSummary(axis, summarizeValues(judged, axis))));
}

/** Of one axis whose values are summarised, those of equal medians by their size. */
export function axisSummary(axis: AxisName, summaries: Iterable<AxisValueSummary>): AxisSummary {
  const values = [...summaries].sort((a, b) => a.median - b.median || compareParameter(a.value, b.value));
  const [first, last] = [values[0], values.at(-1)];
  return { axis, values, spread: first === undefined || last === undefined ? 0 : last.median - first.median };
}

/** Those with two values or more, the one with the largest effect first. */
export function inOrder(summaries: readonly AxisSummary[]): AxisSummary[] {
  return summaries.filter(({ values }) => values.length >= 2).sort((a, b) => b.spread - a.spread);
}

type Group = { readonly value: AxisValue; readonly ratios: number[] };

function summarizeValues(judged: readonly JudgedConfiguration[], axis: AxisName): AxisValueSummary[] {
  const groups = new Map<string | number, Group>();
  // Neighbours in a grid mostly have the same value: asking the map only when it changes makes this several times
  // quicker. So callers should pass verdicts in the order of the store, not by rank.
  let last: Group | undefined;
  for (const { configuration, tuneEdgeMaeRatio } of judged) {
    const value = axisValueOf(configuration, axis);
    if (value === null || tuneEdgeMaeRatio === null) continue;
    if (last?.value !== value) last = groupOf(groups, value);
    last.ratios.push(tuneEdgeMaeRatio);
  }
  return [...groups.values()].map(({ value, ratios }) => {
    const best = ratios.reduce((least, ratio) => Math.min(least, ratio));
    const worst = ratios.reduce((greatest, ratio) => Math.max(greatest, ratio));
    return { value, count: ratios.length, best, worst, median: medianInPlace(Float64Array.from(ratios)) };
  });
}

function groupOf(groups: Map<string | number, Group>, value: Exclude<AxisValue, null>): Group {
  const key = axisValueKey(value);
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { value, ratios: [] }));
  return group;
}
