import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Table } from 'apache-arrow';
import type { Configuration } from '../../../src/experiment/configuration.ts';
import { MODEL_FILE_NAMES } from '../../../src/experiment/models/model-file-names.ts';
import { MODEL_KEYS, type ModelKey } from '../../../src/experiment/results.ts';
import { type ExperimentOutcome, runExperiment } from '../../../src/experiment/run-experiment.ts';
import { refuseExisting } from '../../../src/experiment/run-files.ts';
import { temporaryFolder } from '../../store/temporary-folder.ts';
import { readParquetFile } from '../../support/parquet.ts';
import { readOnnx } from '../../support/run-onnx.ts';
import { makeTemporaryFolder, removeFolder } from '../../support/temporary-folder.ts';
import { TINY_DATA_ROOT } from '../../support/tiny-run.ts';

const SPLITS = ['fit_inner', 'tune', 'validation_locked', 'latest_stress'] as const;
const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  huber: {
    agesMinutes: [5, 30],
    regressor: { kind: 'huber', alpha: 0.01, epsilon: 1.35, maxIter: 1000 },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
  },
  'ridge under a clip': {
    agesMinutes: [10],
    regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 },
    regressionTargetClipBps: 5,
    maxRowsPerSplit: 0,
  },
};

/** What a run wrote, read as its reader would. */
type Written = {
  readonly folder: string;
  readonly outcome: ExperimentOutcome;
  readonly train: Table;
  readonly predictions: Table;
  readonly coefficients: readonly Coefficient[];
  readonly models: Record<ModelKey, Described>;
  readonly scalers: Record<ModelKey, Scaler>;
};
type Coefficient = {
  side: string;
  feature_set: string;
  model: string;
  position: number;
  feature: string | null;
  coef: number;
  coef_standardized: number;
  mean: number;
  scale: number;
};
type Fit = { file: string; output: string; intercept: number; intercept_standardized: number };
type Described = {
  side: string;
  feature_set: string;
  fit_rows: number;
  feature_names: string[];
  classifier: Fit;
  regressor: Fit & { scale_bps: number | null; outliers: number | null; outlier_share: number | null };
};
type Scaler = { mean_: number[]; scale_: number[]; n_features_in_: number; n_samples_seen_: number };

describe('the models that a run writes beside its nine files', () => {
  let root = '';
  const written = new Map<string, Written>();

  before(async () => {
    root = await makeTemporaryFolder();
    for (const [name, configuration] of Object.entries(CONFIGURATIONS))
      written.set(name, await run(name, configuration));
  });

  after(() => removeFolder(root));

  async function run(name: string, configuration: Configuration): Promise<Written> {
    const folder = join(root, name);
    const names = { dataRoot: TINY_DATA_ROOT, baselineRunId: 'tiny', runId: 'models', outputFolder: folder };
    const outcome = await runExperiment({ ...names, configuration, barGaps: 'keep', force: false }, () => {});
    const json = (file: string) => JSON.parse(readFileSync(join(folder, 'models', file), 'utf8'));
    return {
      folder,
      outcome,
      train: await readParquetFile(join(folder, 'state_continue_train.parquet')),
      predictions: await readParquetFile(join(folder, 'state_continue_predictions.parquet')),
      coefficients: [...(await readParquetFile(join(folder, 'models/coefficients.parquet')))].map((row) =>
        row.toJSON(),
      ),
      models: json('models.json').models,
      scalers: json('scalers.json'),
    };
  }

  for (const name of Object.keys(CONFIGURATIONS)) {
    test(`${name}: an ONNX file run on the rows of the train file gives the predictions of the predictions file`, () => {
      const { train, predictions, models } = written.get(name)!;
      for (const key of MODEL_KEYS) {
        const model = models[key];
        const rows = rowsOf(train, model.side);
        for (const kind of ['classifier', 'regressor'] as const) {
          const got = predict(written.get(name)!, key, kind, rows);
          const expected = predictedBy(predictions, model, model[kind].output);
          assert.equal(got.length, expected.length);
          assert.ok(new Set(expected).size > 100, 'the rows differ');
          for (const [i, value] of got.entries()) {
            // The file holds float32: half of its last place, and what a float64 sum in another order may move.
            const bound = 2 ** -24 * Math.abs(value) * (1 + 1e-6);
            assert.ok(Math.abs(value - expected[i]!) <= bound, `${key} ${kind} row ${i}: ${value}, ${expected[i]}`);
          }
        }
      }
    });

    test(`${name}: the losses of what ONNX files predict are those of the result, to 1e-12`, () => {
      const { train, outcome, models } = written.get(name)!;
      const target = train.getChild('expected_continue_edge_bps')!;
      const label = train.getChild('continue_target')!;
      for (const key of MODEL_KEYS) {
        for (const split of SPLITS) {
          const rows = rowsOf(train, models[key].side, split);
          const metrics = outcome.judgement.result[key][split]!;
          const edges = predict(written.get(name)!, key, 'regressor', rows);
          const mae = mean(rows.map((row, i) => Math.abs(target.get(row) - edges[i]!)));
          assert.ok(Math.abs(mae / metrics.edge_mae - 1) < 1e-12, `${key} ${split}: ${mae}, ${metrics.edge_mae}`);
          const probabilities = predict(written.get(name)!, key, 'classifier', rows);
          const brier = mean(rows.map((row, i) => (label.get(row) - probabilities[i]!) ** 2));
          assert.ok(Math.abs(brier / metrics.brier - 1) < 1e-12, `${key} ${split}: ${brier}, ${metrics.brier}`);
        }
      }
    });

    test(`${name}: scalers are the means and population deviations of the fit rows, by side, over all features in order`, () => {
      const { train, models, scalers } = written.get(name)!;
      for (const key of MODEL_KEYS) {
        const { side, feature_names, fit_rows } = models[key];
        const { mean_, scale_, n_features_in_, n_samples_seen_ } = scalers[key];
        const rows = rowsOf(train, side, 'fit_inner');
        assert.deepEqual([n_features_in_, n_samples_seen_, fit_rows], [feature_names.length, rows.length, rows.length]);
        for (const [j, feature] of feature_names.entries()) {
          const column = train.getChild(feature)!;
          const values = rows.map((row) => Number(column.get(row)));
          const centre = mean(values);
          const size = Math.max(...values.map(Math.abs));
          assert.ok(Math.abs(mean_[j]! - centre) <= 1e-12 * size, `${key} ${feature}: mean`);
          const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
          // Rounding noise about a constant counts as constant.
          const scale = deviation <= 1e-12 * size ? 1 : deviation;
          assert.ok(Math.abs(scale_[j]! / scale - 1) <= 1e-9, `${key} ${feature}: scale ${scale_[j]}, ${scale}`);
        }
      }
    });

    test(`${name}: coefficients of features in their own units say what those of standardized ones say`, () => {
      const { train, coefficients, models, scalers } = written.get(name)!;
      for (const key of MODEL_KEYS) {
        const { side, feature_set, feature_names } = models[key];
        for (const model of ['classifier', 'regressor'] as const) {
          const own = coefficients.filter(
            (row) => row.side === side && row.feature_set === feature_set && row.model === model,
          );
          assert.deepEqual(
            own.map(({ position, feature }) => [position, feature]),
            [null, ...feature_names].map((feature, position) => [position, feature]),
          );
          const [intercept, ...others] = own;
          const { intercept: raw, intercept_standardized: standardized } = models[key][model];
          assert.deepEqual([intercept!.coef, intercept!.coef_standardized], [raw, standardized]);
          assert.deepEqual(
            others.map((row) => row.mean),
            scalers[key].mean_,
          );
          assert.deepEqual(
            others.map((row) => row.scale),
            scalers[key].scale_,
          );
          for (const row of rowsOf(train, side).slice(0, 50)) {
            const terms = others.map((other) => {
              const x = Number(train.getChild(other.feature!)!.get(row));
              return { raw: other.coef * x, standardized: (other.coef_standardized * (x - other.mean)) / other.scale };
            });
            const score = (of: 'raw' | 'standardized', start: number) =>
              terms.reduce((sum, term) => sum + term[of], start);
            const size = terms.reduce((sum, term) => sum + Math.abs(term.raw), Math.abs(raw));
            const difference = score('raw', raw) - score('standardized', standardized);
            assert.ok(Math.abs(difference) <= 1e-12 * size, `${key} ${model}: ${difference} of ${size}`);
          }
        }
      }
    });

    test(`${name}: the manifest has the hash of every file in models/, and the folder holds no other`, () => {
      const { folder, outcome } = written.get(name)!;
      const names = readdirSync(join(folder, 'models'));
      assert.deepEqual(names.sort(), [...MODEL_FILE_NAMES].sort());
      const hashes = names.map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, 'models', file)))
          .digest('hex'),
      ]);
      const manifest = JSON.parse(readFileSync(join(folder, 'experiment_manifest.json'), 'utf8'));
      assert.deepEqual(manifest.model_files, Object.fromEntries(hashes));
      assert.deepEqual(manifest, outcome.manifest);
    });
  }

  test('an ONNX file can be used alone: it names its features in order, what it is of and its opset', () => {
    const { folder, models } = written.get('huber')!;
    for (const key of MODEL_KEYS) {
      const { side, feature_set, feature_names, classifier, regressor } = models[key];
      for (const [kind, { file }] of Object.entries({ classifier, regressor })) {
        const { opset, metadata } = readOnnx(readFileSync(join(folder, 'models', file)));
        assert.equal(opset, 13);
        assert.deepEqual(JSON.parse(metadata.feature_names!), feature_names);
        assert.deepEqual([metadata.side, metadata.feature_set, metadata.model], [side, feature_set, kind]);
        assert.equal(metadata.ages_minutes, '[5,30]');
      }
    }
  });

  test('Huber: sigma is the result’s, and as many fit rows lie beyond epsilon times sigma as are counted', () => {
    const { train, models, outcome } = written.get('huber')!;
    for (const key of MODEL_KEYS) {
      const { side, regressor, fit_rows } = models[key];
      assert.equal(regressor.scale_bps, outcome.judgement.result[key].regressor_scale);
      const rows = rowsOf(train, side, 'fit_inner');
      const edges = predict(written.get('huber')!, key, 'regressor', rows);
      const target = train.getChild('expected_continue_edge_bps')!;
      const beyond = rows.filter((row, i) => Math.abs(target.get(row) - edges[i]!) > 1.35 * regressor.scale_bps!);
      assert.equal(beyond.length, regressor.outliers);
      assert.equal(regressor.outlier_share, beyond.length / fit_rows);
      assert.ok(beyond.length > 10 && beyond.length < fit_rows / 2);
    }
  });

  test('ridge has no sigma and no outliers, and its predictions stay within the clip', () => {
    const { train, models } = written.get('ridge under a clip')!;
    for (const key of MODEL_KEYS) {
      const { side, regressor } = models[key];
      assert.deepEqual([regressor.scale_bps, regressor.outliers, regressor.outlier_share], [null, null, null]);
      const edges = predict(written.get('ridge under a clip')!, key, 'regressor', rowsOf(train, side));
      assert.ok(edges.every((edge) => Math.abs(edge) <= 5) && edges.some((edge) => Math.abs(edge) === 5));
    }
  });

  test('a feature that is constant on each side has its constant as mean, scale 1 and coefficient 0', () => {
    const { coefficients } = written.get('huber')!;
    const signs = coefficients.filter((row) => row.feature === 'position_side_sign');
    assert.equal(signs.length, 4);
    for (const { side, coef, coef_standardized, mean: centre, scale } of signs) {
      assert.deepEqual([coef, coef_standardized, centre, scale], [0, 0, side === 'LONG' ? 1 : -1, 1]);
    }
  });

  test('the same run writes the same bytes', async () => {
    const { folder } = written.get('ridge under a clip')!;
    const again = await run('again', CONFIGURATIONS['ridge under a clip']!);
    for (const file of MODEL_FILE_NAMES) {
      const bytes = (where: string) => readFileSync(join(where, 'models', file));
      assert.ok(bytes(folder).equals(bytes(again.folder)), file);
    }
  });
});

test('--force replaces a folder of models that a run wrote, and none that holds anything else or is a link', (t) => {
  const folder = temporaryFolder(t);
  const models = join(folder, 'models');
  mkdirSync(models);
  writeFileSync(join(models, 'models.json'), '{}');
  refuseExisting(folder, true, '--out');
  assert.throws(() => refuseExisting(folder, false, '--out'), /already holds a run's files/);
  writeFileSync(join(models, 'mine.onnx'), '');
  assert.throws(() => refuseExisting(folder, true, '--out'), /: holds models\/mine\.onnx, which is no run's file;/);
  const other = temporaryFolder(t);
  symlinkSync(models, join(other, 'models'));
  assert.throws(() => refuseExisting(other, true, '--out'), /: holds models, which is no run's file;/);
});

/** Rows of a side, and of one split or of all, split by split as the predictions file has them, in frame order. */
function rowsOf(train: Table, side: string, split?: string): number[] {
  const sides = train.getChild('position_side')!;
  const splits = train.getChild('split_id')!;
  const wanted = split === undefined ? SPLITS : [split];
  return wanted.flatMap((one) =>
    Array.from({ length: train.numRows }, (_, row) => row).filter(
      (row) => sides.get(row) === side && splits.get(row) === one,
    ),
  );
}

function predict(
  { folder, train, models }: Written,
  key: ModelKey,
  kind: 'classifier' | 'regressor',
  rows: readonly number[],
): Float64Array {
  const { feature_names, [kind]: fit } = models[key];
  const features = new Float32Array(rows.length * feature_names.length);
  for (const [j, name] of feature_names.entries()) {
    const column = train.getChild(name)!;
    for (const [i, row] of rows.entries()) features[i * feature_names.length + j] = column.get(row);
  }
  const output = readOnnx(readFileSync(join(folder, 'models', fit.file))).run(features, rows.length);
  assert.ok(output instanceof Float64Array);
  return output;
}

function predictedBy(predictions: Table, { side, feature_set }: Described, column: string): number[] {
  const [sides, sets, values] = ['side', 'feature_set', column].map((name) => predictions.getChild(name)!);
  return Array.from({ length: predictions.numRows }, (_, row) => row)
    .filter((row) => sides!.get(row) === side && sets!.get(row) === feature_set)
    .map((row) => values!.get(row));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
