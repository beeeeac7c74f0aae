import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { type Dataset, partMatrix, sideMatrix, standardizeSide } from '../dataset/dataset.ts';
import { type ModelColumns, modelColumns } from '../numerics/design-matrix.ts';
import type { LinearFit } from '../numerics/fit-result.ts';
import { buildGram, type Gram, measureLeverages } from '../numerics/gram.ts';
import { fitLogistic, probability } from '../numerics/logistic.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { rocAuc } from '../numerics/metrics/auc.ts';
import { brierScore, constantBrierScore } from '../numerics/metrics/brier.ts';
import { constantMeanAbsoluteError } from '../numerics/metrics/mean-absolute-error.ts';
import { median } from '../numerics/metrics/median.ts';
import { predict } from '../numerics/predict.ts';
import type { Scaler } from '../numerics/scaler.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import { FEATURE_SETS, type FeatureSet } from './results.ts';

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

/** What every configuration of a dataset shares on one side: made once, read by every thread. */
export type SideContext = {
  readonly side: number;
  readonly scaler: Scaler;
  readonly gram: Gram;
  /** by feature set: leverages of the side's rows, split after split, in the metric of the fit rows, and its jitter */
  readonly leverages: Readonly<Record<FeatureSet, { values: Float32Array<SharedArrayBuffer>; jitter: number }>>;
  readonly classifiers: Readonly<Record<FeatureSet, LinearFit>>;
  /** by split, in the order of ALL_SPLITS; null where the split has no rows */
  readonly metrics: readonly (FixedMetrics | null)[];
};

/** Columns of a model on a feature set: market features are a prefix of each row. */
export function columnsOf(dataset: Dataset, featureSet: FeatureSet): ModelColumns {
  return modelColumns(featureSet === 'market_only' ? dataset.nMarketFeatures : dataset.nFeatures);
}

/** Bytes of shared memory that `prepareSide` keeps for one side of so many rows. */
export function sideContextSizeBytes(nRows: number, nFeatures: number): number {
  const { dims } = modelColumns(nFeatures);
  return 8 * dims * dims + 2 * 4 * (nRows + 4) + 4 * 64;
}

/** The same for both sides of so many rows together: a row is of one of them. */
export function sideContextsSizeBytes(nRows: number, nFeatures: number): number {
  return sideContextSizeBytes(nRows, nFeatures) + sideContextSizeBytes(0, nFeatures);
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
  const matrix = partMatrix(dataset, fitPart);
  const gram = buildGram(workspace, arena, matrix, columnsOf(dataset, 'market_plus_state').dims);
  const labels = labelsOf(dataset, side, 0);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) {
    throw new UserError(
      `state continue ${name}: fit_inner labels are all of one class (${positives} of ${labels.length} rows continue); ` +
        'a classifier needs both. Choose other ages, or a baseline run with other labels.',
    );
  }
  const classifiers = bySet((set) => fitLogistic(workspace, matrix, labels, columnsOf(dataset, set), gram));
  const leverages = bySet((set) => {
    const all = sideMatrix(dataset, side);
    const values = arena.float32(all.nSamples + 4, 'dirty');
    return { values, jitter: measureLeverages(workspace, all, gram, columnsOf(dataset, set).nCoef, values) };
  });
  const edges = edgesOf(dataset, side, 0);
  const constants = { rate: positives / labels.length, medianEdge: median(edges) };
  const metrics = ALL_SPLITS.map((_, split) => judgeSplit(workspace, dataset, side, split, classifiers, constants));
  return { side, scaler, gram, leverages, classifiers, metrics };
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
  const scores = linearPredictions(workspace, dataset, side, split, featureSet, classifier.coef);
  return scores.map(probability);
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
  const matrix = partMatrix(dataset, dataset.parts[side]![split]!);
  return predict(workspace, matrix, columnsOf(dataset, featureSet), coef);
}

export function labelsOf(dataset: Dataset, side: number, split: number): Uint8Array {
  const { firstRow, rowCount } = dataset.parts[side]![split]!;
  return dataset.continueTarget.subarray(firstRow, firstRow + rowCount);
}

export function edgesOf(dataset: Dataset, side: number, split: number): Float32Array<SharedArrayBuffer> {
  const { firstRow, rowCount } = dataset.parts[side]![split]!;
  return dataset.expectedContinueEdgeBps.subarray(firstRow, firstRow + rowCount);
}

/** The two constants that a split's metrics are compared with come from the fit split: its rate and its median edge. */
function judgeSplit(
  workspace: Workspace,
  dataset: Dataset,
  side: number,
  split: number,
  classifiers: Readonly<Record<FeatureSet, LinearFit>>,
  constants: { rate: number; medianEdge: number },
): FixedMetrics | null {
  const labels = labelsOf(dataset, side, split);
  if (labels.length === 0) return null;
  const scores = bySet((set) => {
    const probabilities = continueProbabilities(workspace, dataset, side, split, set, classifiers[set]);
    return { brier: brierScore(labels, probabilities), auc: rocAuc(labels, probabilities) };
  });
  return {
    rowCount: labels.length,
    positiveRate: labels.reduce((sum, label) => sum + label, 0) / labels.length,
    constantBrier: constantBrierScore(labels, constants.rate),
    edgeConstantMae: constantMeanAbsoluteError(edgesOf(dataset, side, split), constants.medianEdge),
    brier: bySet((set) => scores[set].brier),
    auc: bySet((set) => scores[set].auc),
  };
}

function bySet<T>(make: (featureSet: FeatureSet) => T): Record<FeatureSet, T> {
  const [marketOnly, marketPlusState] = FEATURE_SETS;
  return { [marketOnly]: make(marketOnly), [marketPlusState]: make(marketPlusState) };
}
