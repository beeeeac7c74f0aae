import { SIDES, type Side } from '../../baseline/splits.ts';
import type { Dataset } from '../../dataset/dataset.ts';
import { STATE_FEATURES, STATE_STRIDE } from '../../dataset/state-features.ts';
import type { StateFrame } from '../../dataset/state-frame.ts';
import type { Judgement } from '../judge.ts';
import { FEATURE_SETS, type FeatureSet, type ModelKey, modelKey } from '../results.ts';
import type { SideContext } from '../side-context.ts';

/** What stands before a linear model, as scikit-learn's StandardScaler does: by feature, in the model's order. */
export type FeatureScaler = {
  readonly featureNames: readonly string[];
  /** (nFeatures) */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** rows that it was fitted on */
  readonly nSamples: number;
};

/**
 * A linear model of all of its features, z = (x − mean) / scale:
 *
 *   score = intercept + Σ coefⱼ·zⱼ   =   rawIntercept + Σ rawCoefⱼ·xⱼ.
 *
 * The score is a log-odds for a classifier, bps for a regressor.
 */
export type LinearModel = {
  /** (nFeatures) of standardized features */
  readonly coef: Float64Array;
  readonly intercept: number;
  /** (nFeatures) of features in their own units: coefⱼ / scaleⱼ */
  readonly rawCoef: Float64Array;
  /** intercept − Σ coefⱼ·meanⱼ / scaleⱼ */
  readonly rawIntercept: number;
};

/** The two models of one side and feature set. */
export type FittedModels = {
  readonly key: ModelKey;
  readonly side: Side;
  readonly featureSet: FeatureSet;
  readonly scaler: FeatureScaler;
  readonly classifier: LinearModel;
  readonly regressor: LinearModel;
};

/**
 * A judgement's eight models over the features that the seed gives them, in its order. A feature that stands in no matrix,
 * since it is constant over the fit rows of each side, has that constant as mean, scale 1 and coefficient 0.
 *
 * @param contexts of both sides
 */
export function fittedModels(
  frame: StateFrame,
  dataset: Dataset,
  contexts: readonly SideContext[],
  { regressors }: Pick<Judgement, 'regressors'>,
): FittedModels[] {
  const market = frame.rows.run.features.featureOrder;
  return contexts.flatMap((context) => {
    const constants = firstFitRow(frame, dataset, context.side);
    return FEATURE_SETS.map((featureSet) => {
      const side = SIDES[context.side]!;
      const key = modelKey(side, featureSet);
      const featureNames = featureSet === 'market_only' ? market : [...market, ...STATE_FEATURES];
      // Columns of the matrix that the models of this set read, by the number of their feature.
      const columns = [...dataset.features].filter((feature) => feature < featureNames.length);
      const scaler = {
        featureNames,
        mean: constants.slice(0, featureNames.length),
        scale: new Float64Array(featureNames.length).fill(1),
        nSamples: dataset.parts[context.side]![0]!.rowCount,
      };
      columns.forEach((feature, column) => {
        scaler.mean[feature] = context.scaler.mean[1 + column]!;
        scaler.scale[feature] = context.scaler.scale[1 + column]!;
      });
      const over = (coef: Float64Array): LinearModel => linearModel(scaler, columns, coef);
      const classifier = over(context.classifiers[featureSet].coef);
      return { key, side, featureSet, scaler, classifier, regressor: over(regressors[key].coef) };
    });
  });
}

/** @param coef (1 + columns) intercept first, over the columns of the matrix */
function linearModel({ mean, scale }: FeatureScaler, columns: readonly number[], coef: Float64Array): LinearModel {
  if (coef.length !== 1 + columns.length) {
    throw new RangeError(`a model over ${columns.length} columns has ${coef.length} coefficients`);
  }
  const ofFeatures = new Float64Array(mean.length);
  columns.forEach((feature, column) => {
    ofFeatures[feature] = coef[1 + column]!;
  });
  const rawCoef = ofFeatures.map((value, j) => value / scale[j]!);
  const rawIntercept = rawCoef.reduce((sum, value, j) => sum - value * mean[j]!, coef[0]!);
  return { coef: ofFeatures, intercept: coef[0]!, rawCoef, rawIntercept };
}

/** (nMarket + nState) every feature's value in a side's first fit row. */
function firstFitRow({ rows }: StateFrame, dataset: Dataset, side: number): Float64Array {
  const nMarket = rows.run.features.featureOrder.length;
  const stateRow = dataset.stateRow[dataset.parts[side]![0]!.firstRow]!;
  const values = new Float64Array(nMarket + STATE_STRIDE);
  const featureRow = rows.featureRow[stateRow]!;
  values.set(rows.marketFeatures.subarray(featureRow * nMarket, (featureRow + 1) * nMarket));
  values.set(rows.stateFeatures.subarray(stateRow * STATE_STRIDE, (stateRow + 1) * STATE_STRIDE), nMarket);
  return values;
}
