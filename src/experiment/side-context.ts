import { SIDES } from '../baseline/splits.ts';
import type { Dataset, Part } from '../dataset/dataset.ts';
import type { DatasetSize } from '../dataset/dataset-size.ts';
import { partRows } from '../dataset/dataset-table.ts';
import { standardizeSide } from '../dataset/standardize-side.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { LinearFit } from '../numerics/objectives/fit-result.ts';
import { probability } from '../numerics/probability.ts';
import { buildGram, type Gram, gramSizeBytes } from '../numerics/rows/gram.ts';
import { type ModelRows, modelRows } from '../numerics/rows/model-rows.ts';
import { predictRows } from '../numerics/rows/products.ts';
import type { Scaler } from '../numerics/scaler.ts';
import { fitLogistic } from '../numerics/solvers/logistic.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import { constantsOf, type DailySums, type FixedMetrics, judgeClassifiers, positivesOf } from './fixed-metrics.ts';
import { bySet, type FeatureSet } from './results.ts';

/** What every configuration of a dataset shares on one side: made once, read by every thread. */
export type SideContext = {
  readonly side: number;
  readonly scaler: Scaler;
  readonly gram: Gram;
  readonly classifiers: Readonly<Record<FeatureSet, LinearFit>>;
  /** by split, in the order of ALL_SPLITS; null where the split has no rows */
  readonly metrics: readonly (FixedMetrics | null)[];
  /** what these metrics are made of, by split likewise; judging does without, and so need not carry it along */
  readonly daily: readonly (DailySums | null)[];
};

/** What judging a configuration takes of a side's context. */
export type JudgingContext = Omit<SideContext, 'daily'>;

export function judgingContext({ daily: _, ...rest }: SideContext): JudgingContext {
  return rest;
}

/** The rows of a part as the models of a feature set see them. */
export function modelRowsOf(dataset: Dataset, part: Part, featureSet: FeatureSet): ModelRows {
  return modelRows(partRows(dataset, part), featureSet === 'market_plus_state');
}

/** Bytes of shared memory that `prepareSide` keeps for one side. */
export function sideContextSizeBytes(nFeatures: number): number {
  return gramSizeBytes(1 + nFeatures);
}

/** The same for both sides of any dataset of this size. */
export function sideContextsSizeBytes({ nMarket, nState }: DatasetSize): number {
  return SIDES.length * sideContextSizeBytes(nMarket + nState);
}

/**
 * Standardizes one side of a dataset, fits its two classifiers and judges them on every split, and prepares what the
 * regressors share. Nothing in it depends on the regressor.
 *
 * @param arena where the side's shared arrays stay
 * @throws UserError when the fit split has no rows or labels of one class only
 */
export function prepareSide(workspace: Workspace, arena: SharedArena, dataset: Dataset, side: number): SideContext {
  const parts = dataset.parts[side]!;
  const fitPart = parts[0]!;
  const name = SIDES[side]!;
  if (fitPart.rowCount === 0) {
    throw new UserError(
      `state continue ${name} has no fit_inner rows: nothing to train on. Choose other ages or splits.`,
    );
  }
  const scaler = standardizeSide(workspace, dataset, side);
  const rowsFor = (set: FeatureSet): ModelRows => modelRowsOf(dataset, fitPart, set);
  const gram = buildGram(workspace, arena, rowsFor('market_plus_state'));
  const fitRows = partRows(dataset, fitPart);
  const positives = positivesOf(fitRows);
  if (positives === 0 || positives === fitRows.nRows) {
    throw new UserError(
      `state continue ${name}: fit_inner labels are all of one class (${positives} of ${fitRows.nRows} rows continue); ` +
        'a classifier needs both. Choose other ages, or a baseline run with other labels.',
    );
  }
  const classifiers = bySet((set) => fitLogistic(workspace, rowsFor(set), gram));
  const constants = constantsOf(workspace, fitRows);
  const judged = parts.map((part, split) =>
    part.rowCount === 0
      ? null
      : judgeClassifiers(workspace, partRows(dataset, part), part, classifiers, constants, split === 0),
  );
  return {
    side,
    scaler,
    gram,
    classifiers,
    metrics: judged.map((split) => split?.metrics ?? null),
    daily: judged.map((split) => split?.daily ?? null),
  };
}

/** P(continue) of every row of a split, by the side's classifier. */
export function continueProbabilities(
  workspace: Workspace,
  dataset: Dataset,
  side: number,
  split: number,
  featureSet: FeatureSet,
  classifier: LinearFit,
): Float64Array {
  return linearPredictions(workspace, dataset, side, split, featureSet, classifier.coef).map(probability);
}

/** X·coef for every row of a split, in float64. */
export function linearPredictions(
  workspace: Workspace,
  dataset: Dataset,
  side: number,
  split: number,
  featureSet: FeatureSet,
  coef: Float64Array,
): Float64Array<ArrayBuffer> {
  return predictRows(workspace, modelRowsOf(dataset, dataset.parts[side]![split]!, featureSet), coef);
}
