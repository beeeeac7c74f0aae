import type { Part } from '../dataset/dataset.ts';
import { aucOf, countPairs, type PairCounts } from '../numerics/metrics/auc.ts';
import { constantSquaredErrorSum, squaredErrorSums } from '../numerics/metrics/brier.ts';
import { type CalibrationBin, calibrationBins } from '../numerics/metrics/calibration.ts';
import { constantAbsoluteErrorSums } from '../numerics/metrics/mean-absolute-error.ts';
import { weightedMedian } from '../numerics/metrics/median.ts';
import type { ScoredRows } from '../numerics/metrics/scored-rows.ts';
import { sortedOrder } from '../numerics/metrics/sorted-order.ts';
import type { LinearFit } from '../numerics/objectives/fit-result.ts';
import { probabilities } from '../numerics/probability.ts';
import { type GroupedRows, rowCounts } from '../numerics/rows/grouped-rows.ts';
import { modelRows } from '../numerics/rows/model-rows.ts';
import { eachEntry } from '../numerics/rows/targets.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { bySet, type FeatureSet } from './results.ts';

export type { CalibrationBin };

/** Metrics of one split that no regressor setting can move. */
export type FixedMetrics = {
  readonly rowCount: number;
  readonly positiveRate: number;
  readonly constantBrier: number;
  readonly edgeConstantMae: number;
  /** by feature set */
  readonly brier: Readonly<Record<FeatureSet, number>>;
  readonly auc: Readonly<Record<FeatureSet, number | null>>;
};

/** What these metrics are made of, by UTC day: (nDays) each, the part's days. */
export type DailySums = {
  readonly rows: Int32Array;
  readonly positives: Float64Array;
  /** Σ (rate − label)², rate being the fit rows' share of positives */
  readonly constantSquaredErrors: Float64Array;
  /** Σ |edge − median|, bps, the fit rows' median */
  readonly constantAbsoluteErrors: Float64Array;
  /** by feature set: Σ (probability − label)² */
  readonly squaredErrors: Readonly<Record<FeatureSet, Float64Array>>;
  /**
   * by feature set: (nCells × nCells) by the positive's cell of days (`Part.pairCells`), then the negative's:
   * 2·#{p⁺ > p⁻} + #{p⁺ = p⁻}, whole numbers; null on the fit split, and where the part has no cells
   */
  readonly doubledPairs: Readonly<Record<FeatureSet, Float64Array>> | null;
  /** by feature set: the classifier's calibration on this split; null on the fit split */
  readonly calibration: Readonly<Record<FeatureSet, readonly CalibrationBin[]>> | null;
};

/** The constants that a split's metrics are compared with come from the fit split: its rate and its median edge. */
export type Constants = { readonly rate: number; readonly medianEdge: number };

/** @throws RangeError where there are no rows */
export function constantsOf(workspace: Workspace, rows: GroupedRows): Constants {
  const weights = rowCounts(rows);
  return { rate: positivesOf(rows) / rows.nRows, medianEdge: weightedMedian(workspace, rows.target, weights) };
}

/** Rows with the label 1. */
export function positivesOf({ label, first, nGroups }: GroupedRows): number {
  let positives = 0;
  for (let g = 0; g < nGroups; g += 1) if (label[g] === 1) positives += first[g + 1]! - first[g]!;
  return positives;
}

/** Judges the classifiers and the constants on one split, which has rows. */
export function judgeClassifiers(
  workspace: Workspace,
  rows: GroupedRows,
  { days, dayRowCounts, pairCells }: Pick<Part, 'days' | 'dayRowCounts' | 'pairCells'>,
  classifiers: Readonly<Record<FeatureSet, LinearFit>>,
  { rate, medianEdge }: Constants,
  isFitSplit: boolean,
): { metrics: FixedMetrics; daily: DailySums } {
  const nDays = days.length;
  const weights = rowCounts(rows);
  const positives = positivesByDay(rows, weights, nDays);
  const constantSquaredErrors = positives.map((count, day) =>
    constantSquaredErrorSum(count, dayRowCounts[day]! - count, rate),
  );
  const constantAbsoluteErrors = constantAbsoluteErrorSums(rows.target, weights, rows.day, nDays, medianEdge);
  const cells = isFitSplit ? null : pairCells;
  const judged = bySet((set) => {
    const scored = scoredRows(workspace, rows, weights, nDays, set, classifiers[set]);
    const order = sortedOrder(workspace, scored.scores);
    const pairs = countPairsByCell(scored, order, cells);
    return {
      squaredErrors: squaredErrorSums(scored),
      doubledPairs: pairs.doubled,
      calibration: isFitSplit ? [] : calibrationBins(scored, order),
      auc: aucOf(pairs),
    };
  });
  const metrics = {
    rowCount: rows.nRows,
    positiveRate: sum(positives) / rows.nRows,
    constantBrier: sum(constantSquaredErrors) / rows.nRows,
    edgeConstantMae: sum(constantAbsoluteErrors) / rows.nRows,
    brier: bySet((set) => sum(judged[set].squaredErrors) / rows.nRows),
    auc: bySet((set) => judged[set].auc),
  };
  const daily = {
    rows: dayRowCounts,
    positives,
    constantSquaredErrors,
    constantAbsoluteErrors,
    squaredErrors: bySet((set) => judged[set].squaredErrors),
    doubledPairs: cells === null ? null : bySet((set) => judged[set].doubledPairs),
    calibration: isFitSplit ? null : bySet((set) => judged[set].calibration),
  };
  return { metrics, daily };
}

/** @param cellOfDay null: all days are one cell */
function countPairsByCell(scored: ScoredRows, order: Int32Array, cellOfDay: Int32Array | null): PairCounts {
  const { cells: days } = scored;
  if (cellOfDay === null || days === null) return countPairs({ ...scored, cells: null, nCells: 1 }, order);
  const nCells = cellOfDay.at(-1)! + 1;
  // A cell a day: the rows' days are their cells.
  if (nCells === scored.nCells) return countPairs(scored, order);
  return countPairs({ ...scored, cells: days.map((day) => cellOfDay[day]!), nCells }, order);
}

function positivesByDay({ label, day, nGroups }: GroupedRows, weights: Int32Array, nDays: number): Float64Array {
  const positives = new Float64Array(nDays);
  for (let g = 0; g < nGroups; g += 1) if (label[g] === 1) positives[day[g]!]! += weights[g]!;
  return positives;
}

/** Probabilities of what a model tells apart, with labels and days: groups with weights, or rows. */
function scoredRows(
  workspace: Workspace,
  rows: GroupedRows,
  weights: Int32Array,
  nCells: number,
  set: FeatureSet,
  classifier: LinearFit,
): ScoredRows {
  const model = modelRows(rows, set === 'market_plus_state');
  const scores = probabilities(workspace, model, classifier.coef);
  if (!model.readsState) return { scores, labels: rows.label, weights, cells: rows.day, nCells };
  const labels = new Uint8Array(rows.nRows);
  const cells = new Int32Array(rows.nRows);
  eachEntry(model, (entry, group) => {
    labels[entry] = rows.label[group]!;
    cells[entry] = rows.day[group]!;
  });
  return { scores, labels, weights: null, cells, nCells };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
