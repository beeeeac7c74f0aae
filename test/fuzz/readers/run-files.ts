import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaselineRun, readBaselineRun } from '../../../src/baseline/baseline-run.ts';
import { runExperiment } from '../../../src/experiment/run-experiment.ts';
import type { Random } from '../../support/random.ts';
import { BARS, copyTinyRun, FEATURES, LABELS } from '../../support/tiny-run.ts';
import { mutateText } from '../mutations.ts';
import { hostileOnnx } from '../onnx-inputs.ts';
import { check, checkFinite, outcomeOf } from '../outcome.ts';
import { hostileParquet } from '../parquet-inputs.ts';
import type { Reader } from '../readers.ts';

const LABEL_CONFIG = { continue: { horizon_minutes: 15, min_expected_continue_edge_bps: 5 } };
/** Market features of the reference run. */
const FEATURE_COUNT = 54;
/** Of the inputs that are accepted so many are judged, too: fits on what a damaged file holds. */
const JUDGED_SHARE = 0.15;

/** Every file of a baseline run, one of them hostile, the others as they are. */
export const runFiles: readonly Reader[] = [
  fileReader('feature frame (parquet)', [FEATURES], 900, hostileParquet),
  fileReader('entry labels (parquet)', [LABELS], 700, hostileParquet),
  fileReader('bars of the run (parquet)', [BARS], 700, hostileParquet),
  fileReader(
    'frozen models (ONNX)',
    ['model/direction/direction.onnx', 'model/entry/entry.onnx'],
    2000,
    (real, random) => hostileOnnx(real, FEATURE_COUNT, random),
  ),
  fileReader(
    'JSON files of the run',
    [
      'feature/feature_order.json',
      'label/price_plan_context.json',
      'label/label_config.json',
      'split/split_manifest.json',
      'model/model_train_manifest.json',
    ],
    2000,
    (real, random) => mutateText(Buffer.from(real).toString(), random),
  ),
];

function fileReader(
  name: string,
  paths: readonly string[],
  count: number,
  make: (real: Uint8Array, random: Random) => Uint8Array,
): Reader {
  return {
    name,
    count,
    prepare: async (folder) => {
      const run = await copyTinyRun(folder);
      await writeFile(join(run, 'label/label_config.json'), JSON.stringify(LABEL_CONFIG));
      const files = await Promise.all(paths.map(async (path) => [path, await readFile(join(run, path))] as const));
      const restore = async () => {
        for (const [path, bytes] of files) await writeFile(join(run, path), bytes);
      };
      const isHealthy = async () => {
        await restore();
        return (await outcomeOf(/./, async () => checkRun(await readBaselineRun(folder, 'tiny')))) === 'accepted';
      };
      const tryInput = async (random: Random) => {
        const [path, real] = random.pick(files);
        const judges = random.chance(JUDGED_SHARE);
        await restore();
        await writeFile(join(run, path), make(new Uint8Array(real), random));
        return outcomeOf(named(path), async () => {
          await checkRun(await readBaselineRun(folder, 'tiny'));
          if (judges) await judge(folder);
        });
      };
      return { tryInput, isHealthy };
    },
  };
}

/** The file itself; what only shows when everything is put together is said of the rows, the split or the model. */
function named(path: string): RegExp {
  const file = path.split('/').at(-1) ?? path;
  return new RegExp(`${file.replace('.', '\\.')}|replay |state frame|rows|split|feature|memory`);
}

async function checkRun(run: BaselineRun): Promise<void> {
  const { features, entries, replay, pricePlan, continueLabel, frozenModels } = run;
  const { rowCount } = features;
  check(features.eventTimesNs.length === rowCount && features.splits.length === rowCount, 'columns of unequal length');
  for (const { codes, pool } of [
    features.sampleIds,
    features.symbols,
    entries.sampleIds,
    entries.symbols,
    replay.symbols,
  ]) {
    check(
      codes.every((code) => code >= -1 && code < pool.count),
      'a code without a text',
    );
  }
  check(
    features.splits.every((split) => split < 4),
    'a fifth split',
  );
  check(
    entries.sides.every((side) => side < 2),
    'a third side',
  );
  const { high, close } = await replay.readPrices();
  check(high.length === replay.rowCount && close.length === replay.rowCount, 'prices of unequal length');
  const { length: width } = features.featureOrder;
  await features.readFeatures(new Float32Array(rowCount * width), width);
  checkFinite([pricePlan, continueLabel], 'label');
  for (const { weights, bias } of Object.values(frozenModels)) {
    check(weights.every(Number.isFinite) && bias.every(Number.isFinite), 'a weight that is not finite');
  }
}

/** One small configuration, the whole way to the nine files. */
async function judge(dataRoot: string): Promise<void> {
  const outputFolder = join(dataRoot, 'out');
  const outcome = await runExperiment(
    {
      dataRoot,
      baselineRunId: 'tiny',
      runId: 'fuzz',
      configuration: {
        agesMinutes: [3],
        regressor: { kind: 'huber', alpha: 0.001, epsilon: 1.35, maxIter: 100 },
        regressionTargetClipBps: 0,
        maxRowsPerSplit: 0,
      },
      barGaps: 'keep',
      outputFolder,
      force: true,
    },
    () => {},
  );
  checkFinite(outcome.judgement.result, 'result');
  for (const [key, model] of Object.entries(outcome.judgement.result)) {
    for (const split of [model.tune, model.validation_locked, model.latest_stress]) {
      const auc = split?.continue_auc ?? 0.5;
      check(auc >= 0 && auc <= 1, `${key}: AUC ${auc}`);
      check((split?.edge_mae ?? 0) >= 0 && (split?.brier ?? 0) >= 0 && (split?.brier ?? 0) <= 1, `${key}: loss`);
    }
  }
  await rm(outputFolder, { recursive: true });
}
