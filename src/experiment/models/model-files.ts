import { createHash } from 'node:crypto';
import { SIDES } from '../../baseline/splits.ts';
import { ONNX_IR_VERSION, ONNX_OPSET } from '../../baseline/write-onnx.ts';
import { parquetBytes } from '../../baseline/write-parquet.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { Configuration } from '../configuration.ts';
import type { Judgement } from '../judge.ts';
import { seedSettings } from '../parameters.ts';
import type { ModelKey } from '../results.ts';
import { indentedJson, type ModelFiles } from '../run-files.ts';
import type { SideContext } from '../side-context.ts';
import { coefficientsTable } from './coefficients-table.ts';
import type { FittedModels } from './linear-models.ts';
import { linearOnnx, ONNX_INPUT, ONNX_OUTPUTS } from './linear-onnx.ts';
import { type ModelKind, onnxFileName } from './model-file-names.ts';

/** What models were made of, for whoever has nothing but their files. */
export type ModelOrigin = {
  readonly runId: string;
  readonly datasetHash: string;
  readonly configuration: Configuration;
};

/** The contents of a run's `models/`, by name. The same models give the same bytes. */
export function modelFiles(
  models: readonly FittedModels[],
  contexts: readonly SideContext[],
  judgement: Pick<Judgement, 'regressors'>,
  origin: ModelOrigin,
): ModelFiles {
  const onnx = (key: ModelKey, kind: ModelKind): Uint8Array => {
    const model = models.find((one) => one.key === key);
    if (model === undefined) throw new Error(`there is no model ${key}`);
    return onnxOf(model, kind, judgement, origin);
  };
  return {
    'models.json': indentedJson({
      format: 'state-continue-models/1',
      run_id: origin.runId,
      dataset_hash_sha256: origin.datasetHash,
      onnx: { ir_version: ONNX_IR_VERSION, opset: ONNX_OPSET, input: ONNX_INPUT, input_type: 'float32' },
      models: byKey(models, (model) => describe(model, contexts, judgement, origin.configuration)),
    }),
    'coefficients.parquet': parquetBytes(coefficientsTable(models)),
    'scalers.json': indentedJson(byKey(models, scalerOf)),
    'long_market_only_classifier.onnx': onnx('long_market_only', 'classifier'),
    'long_market_only_regressor.onnx': onnx('long_market_only', 'regressor'),
    'long_market_plus_state_classifier.onnx': onnx('long_market_plus_state', 'classifier'),
    'long_market_plus_state_regressor.onnx': onnx('long_market_plus_state', 'regressor'),
    'short_market_only_classifier.onnx': onnx('short_market_only', 'classifier'),
    'short_market_only_regressor.onnx': onnx('short_market_only', 'regressor'),
    'short_market_plus_state_classifier.onnx': onnx('short_market_plus_state', 'classifier'),
    'short_market_plus_state_regressor.onnx': onnx('short_market_plus_state', 'regressor'),
  };
}

/** SHA-256 of each file, hexadecimal, by name. */
export function hashesOf(files: ModelFiles): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  );
}

/** One side and feature set in `models.json`: its features in order, its two models, what ended and certifies each. */
function describe(
  { key, side, featureSet, scaler, classifier, regressor }: FittedModels,
  contexts: readonly SideContext[],
  { regressors }: Pick<Judgement, 'regressors'>,
  configuration: Configuration,
) {
  const logistic = contexts.find((context) => SIDES[context.side] === side)!.classifiers[featureSet];
  const fit = regressors[key];
  const isHuber = configuration.regressor.kind === 'huber';
  const settings = seedSettings(configuration);
  return {
    side,
    feature_set: featureSet,
    fit_rows: scaler.nSamples,
    feature_names: scaler.featureNames,
    classifier: {
      file: onnxFileName(key, 'classifier'),
      output: ONNX_OUTPUTS.classifier,
      penalty: 'l2, C = 1',
      intercept: classifier.rawIntercept,
      intercept_standardized: classifier.intercept,
      status: logistic.status,
      kkt_residual: logistic.kktResidual,
    },
    regressor: {
      file: onnxFileName(key, 'regressor'),
      output: ONNX_OUTPUTS.regressor,
      ...settings,
      intercept: regressor.rawIntercept,
      intercept_standardized: regressor.intercept,
      // Huber's sigma and what lies beyond epsilon·sigma; ridge has neither.
      scale_bps: fit.scale,
      scale_at_bound: isHuber ? fit.scaleAtBound : null,
      outliers: isHuber ? fit.certificate.outliers : null,
      outlier_share: isHuber ? fit.certificate.outliers / scaler.nSamples : null,
      undetermined: fit.undetermined,
      status: fit.status,
      kkt_residual: fit.certificate.kktResidual,
    },
  };
}

/** One side and feature set in `scalers.json`: the attributes of scikit-learn's StandardScaler that transforming takes. */
function scalerOf({ scaler: { featureNames, mean, scale, nSamples } }: FittedModels) {
  return {
    with_mean: true,
    with_std: true,
    n_features_in_: featureNames.length,
    n_samples_seen_: nSamples,
    feature_names_in_: featureNames,
    mean_: [...mean],
    scale_: [...scale],
  };
}

function onnxOf(
  model: FittedModels,
  kind: ModelKind,
  { regressors }: Pick<Judgement, 'regressors'>,
  { runId, datasetHash, configuration }: ModelOrigin,
): Uint8Array {
  const clip = kind === 'regressor' ? regressors[model.key].clip : Infinity;
  return linearOnnx(kind, model.scaler, model[kind], clip, {
    side: model.side,
    feature_set: model.featureSet,
    run_id: runId,
    dataset_hash_sha256: datasetHash,
    ages_minutes: canonicalJson(configuration.agesMinutes),
    ...(kind === 'regressor' ? { settings: canonicalJson(seedSettings(configuration)) } : {}),
  });
}

function byKey<T>(models: readonly FittedModels[], make: (model: FittedModels) => T): Record<string, T> {
  return Object.fromEntries(models.map((model) => [model.key, make(model)]));
}
