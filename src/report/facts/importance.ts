import { countOf, countText } from '../../counts.ts';
import { REGRESSOR_KINDS, type RegressorKind } from '../../experiment/configuration.ts';
import type { AxisMedians, ImportanceFacts, VarianceFacts } from '../../page-data/report.ts';
import { axisValueKey, movesText, shortAxisName } from '../axes.ts';
import { summarizeAxes } from '../axis-summary.ts';
import { rowsOfKind, type TableRow } from './kind-rows.ts';
import type { ReportTable } from './report-table.ts';
import type { TableAxis } from './table-axes.ts';
import { percentText } from './words.ts';

/** Which axes matter: shares of tune MAE's variance on full grids, and its median at each value. */
export function importanceFacts(table: ReportTable): ImportanceFacts {
  const variance = REGRESSOR_KINDS.flatMap((kind) => varianceFacts(table, kind) ?? []);
  return {
    question: 'Which axes matter?',
    howToRead:
      'Exact shares of the variance of tune MAE over the full grid, no surrogate model; median and range at each value.',
    finding: findingOf(variance),
    variance,
    medians: mediansOf(table),
  };
}

function findingOf(variance: readonly VarianceFacts[]): string {
  const exact = variance.filter(({ notExact }) => notExact === null);
  if (exact.length === 0) return variance[0]?.notExact ?? 'No axis varies.';
  return `${exact
    .map(({ kind, shares }) => {
      const largest = shares.filter(({ axes }) => axes.length > 0).slice(0, 2);
      return `${kind}: ${largest.map(({ label, share }) => `${label} ${percentText(share)}`).join(', ')}`;
    })
    .join('; ')}.`;
}

/**
 * Functional analysis of variance over a full grid, each combination of values once:
 *
 *   SS_A = Σ_a n_a·(m_a − m)²,   SS_AB = Σ_ab n_ab·(m_ab − m)² − SS_A − SS_B,   share = SS / Σ(v − m)²
 *
 * m the mean over all, m_a over those with value a. What is left is of interactions of three axes and more. On a grid that
 * is not full, sums of squares do not add up, and no share is given.
 *
 * Source: Hutter, Hoos, Leyton-Brown 2014, An efficient approach for assessing hyperparameter importance (there over a
 * model of the grid; here over the grid itself).
 */
function varianceFacts(table: ReportTable, kind: RegressorKind): VarianceFacts | null {
  const rows = rowsOfKind(table, kind);
  if (rows.length === 0) return null;
  const axes = table.axes.filter(({ name }) => new Set(rows.map(({ places }) => places.get(name))).size > 1);
  const refuse = (notExact: string): VarianceFacts => ({ kind, configurations: rows.length, notExact, shares: [] });
  if (axes.length === 0) return refuse(`${kind}: no axis varies.`);
  const cells = axes.reduce((count, { name }) => count * new Set(rows.map(({ places }) => places.get(name))).size, 1);
  const missing = rows.filter(({ row }) => row === null || Number.isNaN(table.mae.tune[row]!)).length;
  if (missing > 0 || table.pendingCount > table.pending.length)
    return refuse(`${kind}: not exact, ${missing > 0 ? countText(missing) : 'some'} of its grid have no tune MAE.`);
  if (rows.length !== cells)
    return refuse(`${kind}: not exact, ${countText(rows.length)} of ${countOf(cells, 'point')} of its grid are there.`);
  const scores = Float64Array.from(rows, ({ row }) => table.mae.tune[row!]!);
  const mean = sum(scores) / scores.length;
  const total = scores.reduce((squares, score) => squares + (score - mean) * (score - mean), 0);
  if (total === 0) return refuse(`${kind}: all have the same tune MAE.`);
  const between = (of: readonly TableAxis[]) => betweenSquares(rows, scores, mean, of);
  const single = axes.map((axis) => between([axis]));
  const shares: VarianceFacts['shares'][number][] = axes.map((axis, i) => shareOf([axis], single[i]! / total));
  for (let a = 0; a < axes.length; a += 1) {
    for (let b = a + 1; b < axes.length; b += 1) {
      const both = between([axes[a]!, axes[b]!]) - single[a]! - single[b]!;
      shares.push(shareOf([axes[a]!, axes[b]!], Math.max(0, both) / total));
    }
  }
  shares.sort((a, b) => b.share - a.share);
  const rest = 1 - shares.reduce((all, { share }) => all + share, 0);
  if (axes.length > 2) shares.push({ axes: [], label: 'three and more together', share: Math.max(0, rest) });
  return { kind, configurations: rows.length, notExact: null, shares };
}

function shareOf(axes: readonly TableAxis[], share: number): VarianceFacts['shares'][number] {
  // Of one kind's own axes the kind need not be said.
  const label = axes.map(({ label: text }) => text.replace(/^(huber|ridge) /, '')).join(' × ');
  return { axes: axes.map(({ name }) => name), label, share };
}

/** Σ n·(m_group − m)² over the groups that values of these axes make. */
function betweenSquares(
  rows: readonly TableRow[],
  scores: Float64Array,
  mean: number,
  axes: readonly TableAxis[],
): number {
  const groups = new Map<number, { sum: number; count: number }>();
  rows.forEach(({ places }, i) => {
    const key = axes.reduce((number, { name, values }) => number * values.length + places.get(name)!, 0);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { sum: scores[i]!, count: 1 });
    else {
      group.sum += scores[i]!;
      group.count += 1;
    }
  });
  let squares = 0;
  for (const { sum: all, count } of groups.values()) squares += count * (all / count - mean) * (all / count - mean);
  return squares;
}

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}

function mediansOf({ judged, axes }: ReportTable): AxisMedians[] {
  return summarizeAxes(judged).map(({ axis, values, spread }) => {
    const facts = axes.find(({ name }) => name === axis);
    const placeOf = (value: (typeof values)[number]['value']): number =>
      facts?.values.findIndex(
        (known) => known !== null && value !== null && axisValueKey(known) === axisValueKey(value),
      ) ?? -1;
    return {
      axis,
      label: shortAxisName(axis),
      moves: movesText(axis),
      effect: spread,
      values: values
        .map((summary) => ({ ...summary, place: placeOf(summary.value) }))
        .sort((a, b) => a.place - b.place)
        .map(({ place, count, median, best, worst }) => ({
          text: facts?.texts[place] ?? '',
          count,
          median,
          best,
          worst,
        })),
    };
  });
}
