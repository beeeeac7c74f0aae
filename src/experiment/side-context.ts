import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import type { Dataset, DatasetSize, Part } from '../dataset/dataset.ts';
import { partRows } from '../dataset/dataset-table.ts';
import { standardizeSide } from '../dataset/standardize-side.ts';
import { fitLogistic, probability } from '../numerics/logistic.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { rocAuc } from '../numerics/metrics/auc.ts';
import { brierScore, constantBrierScore } from '../numerics/metrics/brier.ts';
import { constantMeanAbsoluteError } from '../numerics/metrics/mean-absolute-error.ts';
import { median } from '../numerics/metrics/median.ts';
import type { LinearFit } from '../numerics/objectives/fit-result.ts';
import { buildGram, type Gram, gramSizeBytes } from '../numerics/rows/gram.ts';
import { type ModelRows, modelRows } from '../numerics/rows/model-rows.ts';
import { predictRows } from '../numerics/rows/products.ts';
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
  readonly classifiers: Readonly<Record<FeatureSet, LinearFit>>;
  /** by split, in the order of ALL_SPLITS; null where the split has no rows */
  readonly metrics: readonly (FixedMetrics | null)[];
};

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
  const labels = labelsOf(dataset, side, 0);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) {
    throw new UserError(
      `state continue ${name}: fit_inner labels are all of one class (${positives} of ${labels.length} rows continue); ` +
        'a classifier needs both. Choose other ages, or a baseline run with other labels.',
    );
  }
  const classifiers = bySet((set) => fitLogistic(workspace, rowsFor(set), gram));
  const edges = edgesOf(dataset, side, 0);
  const constants = { rate: positives / labels.length, medianEdge: median(edges) };
  const metrics = ALL_SPLITS.map((_, split) => judgeSplit(workspace, dataset, side, split, classifiers, constants));
  return { side, scaler, gram, classifiers, metrics };
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
  return predictRows(workspace, modelRowsOf(dataset, dataset.parts[side]![split]!, featureSet), coef);
}

/** (rowCount) the label of every row of a split. */
export function labelsOf(dataset: Dataset, side: number, split: number): Uint8Array {
  const part = dataset.parts[side]![split]!;
  const { label, first } = partRows(dataset, part);
  const labels = new Uint8Array(part.rowCount);
  for (let g = 0; g < part.groupCount; g += 1) labels.fill(label[g]!, first[g]!, first[g + 1]!);
  return labels;
}

/** (rowCount) the edge of every row of a split, bps. */
export function edgesOf(dataset: Dataset, side: number, split: number): Float32Array {
  const part = dataset.parts[side]![split]!;
  const { target, first } = partRows(dataset, part);
  const edges = new Float32Array(part.rowCount);
  for (let g = 0; g < part.groupCount; g += 1) edges.fill(target[g]!, first[g]!, first[g + 1]!);
  return edges;
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
