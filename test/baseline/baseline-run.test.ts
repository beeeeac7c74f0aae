import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type BaselineRun, readBaselineRun } from '../../src/baseline/baseline-run.ts';
import { runFolder } from '../../src/baseline/run-folder.ts';
import { contentHash } from '../../src/dataset/content-hash.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { buildStateRows, countStateRows, joinBaselineRun, readRunNumbers } from '../../src/dataset/state-rows.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { KEEP_ALL } from '../support/frame-of.ts';
import { readParquetFile, writeParquetFile } from '../support/parquet.ts';
import { baselineRunOf } from '../support/plain-run.ts';
import { randomFrom } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { type FileTypes, USUAL_TYPES, write, writeJson, writeRunFolder } from '../support/run-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A run with nulls, duplicates and two symbols or more, whose prices are float32 values and whose times are whole seconds. */
const PLAIN = (() => {
  const run = randomRun(randomFrom(5));
  const float32 = (value: number | null) => (value === null ? null : Math.fround(value));
  const bars = run.bars.map(({ high, low, close, ...bar }) => ({
    ...bar,
    high: float32(high),
    low: float32(low),
    close: float32(close),
  }));
  return { ...run, bars };
})();

const VARIANTS: Readonly<Record<string, Partial<FileTypes>>> = {
  'the usual types': {},
  'times in seconds': { time: 's utc' },
  'times in milliseconds without a zone': { time: 'ms' },
  'times in microseconds without a zone': { time: 'us' },
  'times in nanoseconds': { time: 'ns utc' },
  'times as ISO text': { time: 'iso' },
  'times as text with a space': { time: 'iso with space' },
  'times as text without a zone': { time: 'iso without zone' },
  'times as text of another zone': { time: 'iso +09:00' },
  'large text': { text: 'large' },
  'dictionary text in several row groups, each with its own dictionary': { text: 'dictionary', rowGroupRows: 7 },
  'features as float64': { features: 'float64' },
  'prices as float32': { prices: 'float32' },
  'open times as float64': { openTime: 'float64' },
  'open times as uint64': { openTime: 'uint64' },
  'folds as int8': { fold: 'int8' },
  'folds as int64': { fold: 'int64' },
  'folds as float64': { fold: 'float64' },
  'targets as booleans': { entryTarget: 'bool', rowGroupRows: 11 },
  'targets as uint8': { entryTarget: 'uint8' },
  'targets as int64': { entryTarget: 'int64' },
  'targets as float32': { entryTarget: 'float32' },
  'a row group for each five rows': { rowGroupRows: 5 },
  'ONNX weights in double_data': { onnx: { type: 'DOUBLE', storage: 'typed' } },
  'ONNX weights as raw doubles': { onnx: { type: 'DOUBLE', storage: 'raw' } },
  'ONNX weights in float_data': { onnx: { type: 'FLOAT', storage: 'typed' } },
};

async function hashOf(run: BaselineRun): Promise<string> {
  const joins = joinBaselineRun(run);
  const agesMinutes = [1, 2, 3];
  const arena = new SharedArena(createSharedMemory(2 ** 21));
  const numbers = await readRunNumbers(run, arena);
  const rows = buildStateRows(joins, countStateRows(joins, agesMinutes), numbers, arena);
  return contentHash(composeStateFrame(rows, { agesMinutes, ...KEEP_ALL }));
}

async function featuresOf({ features }: BaselineRun): Promise<Float32Array> {
  const out = new Float32Array(features.rowCount * features.featureOrder.length);
  await features.readFeatures(out, features.featureOrder.length);
  return out;
}

function textsOf({ codes, pool }: BaselineRun['features']['symbols']): (string | null)[] {
  return Array.from(codes, (code) => (code < 0 ? null : pool.text(code)));
}

describe('a baseline run on disk', () => {
  let expected: BaselineRun;
  before(() => {
    expected = baselineRunOf(PLAIN);
  });

  test('is one with what makes reading hard', () => {
    assert.ok(PLAIN.features.length > 30 && PLAIN.entries.length > 20);
    assert.ok(PLAIN.features.some((row) => row.eventTimeNs === null || row.openTimeMs === null));
    assert.ok(PLAIN.features.some((row) => row.fold === null));
    assert.ok(PLAIN.features.some((row) => row.values.some((value) => value === null || !Number.isFinite(value))));
    assert.ok(new Set(PLAIN.features.map((row) => row.symbol)).size > 1);
  });

  for (const [what, types] of Object.entries(VARIANTS)) {
    test(`is read the same with ${what}`, async (context) => {
      const dataRoot = await temporaryFolder(context);
      await writeRunFolder(dataRoot, 'run-1', PLAIN, { ...USUAL_TYPES, ...types });
      const run = await readBaselineRun(dataRoot, 'run-1');
      const { features, entries, replay } = run;
      assert.equal(features.rowCount, PLAIN.features.length, 'rows of other quality or split take no part');
      assert.deepEqual(
        textsOf(features.sampleIds),
        PLAIN.features.map((row) => row.sampleId),
      );
      assert.deepEqual(
        textsOf(features.symbols),
        PLAIN.features.map((row) => row.symbol),
      );
      assert.deepEqual(features.eventTimesNs, expected.features.eventTimesNs);
      assert.deepEqual(features.openTimesMs, expected.features.openTimesMs);
      assert.deepEqual(features.splits, expected.features.splits);
      assert.deepEqual(features.folds, expected.features.folds);
      assert.deepEqual(features.featureOrder, PLAIN.featureOrder);
      assert.deepEqual(await featuresOf(run), await featuresOf(expected));
      assert.equal(entries.rowCount, PLAIN.entries.length, 'labels without target or side take no part');
      assert.deepEqual(
        textsOf(entries.sampleIds),
        PLAIN.entries.map((entry) => entry.sampleId),
      );
      assert.deepEqual(
        textsOf(entries.symbols),
        PLAIN.entries.map((entry) => entry.symbol),
      );
      assert.deepEqual(entries.sides, expected.entries.sides);
      assert.deepEqual(entries.openTimesMs, expected.entries.openTimesMs);
      assert.deepEqual(
        textsOf(replay.symbols),
        PLAIN.bars.map((bar) => bar.symbol),
      );
      assert.deepEqual(replay.openTimesMs, expected.replay.openTimesMs);
      assert.deepEqual(await replay.readPrices(), await expected.replay.readPrices());
      assert.deepEqual(run.frozenModels, expected.frozenModels);
      assert.deepEqual([run.pricePlan, run.continueLabel], [PLAIN.pricePlan, PLAIN.continueLabel]);
      assert.equal(await hashOf(run), await hashOf(expected), 'equal data, equal hash');
    });
  }

  test('takes other features, in another order, from a file of that name', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    const order = PLAIN.featureOrder.toReversed();
    await writeJson(join(dataRoot, 'order.json'), order);
    await rm(join(folder, 'feature/feature_order.json'));
    const run = await readBaselineRun(dataRoot, 'run-1', join(dataRoot, 'order.json'));
    assert.deepEqual(run.features.featureOrder, order);
    const width = order.length;
    const mirrored = (await featuresOf(expected)).map(
      (_, at, all) => all[at - (at % width) + width - 1 - (at % width)]!,
    );
    assert.deepEqual(await featuresOf(run), mirrored);
  });

  test('labels continue over 15 minutes and 5 bps unless label_config.json says otherwise', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    const config = join(folder, 'label/label_config.json');
    const labelWith = async (value: unknown) => {
      await writeJson(config, value);
      return (await readBaselineRun(dataRoot, 'run-1')).continueLabel;
    };
    const usual = { horizonMinutes: 15, minExpectedContinueEdgeBps: 5 };
    assert.deepEqual(await labelWith({}), usual);
    assert.deepEqual(await labelWith({ continue: {} }), usual);
    assert.deepEqual(await labelWith({ continue: { horizon_minutes: 3 } }), { ...usual, horizonMinutes: 3 });
    const edge = { continue: { min_expected_continue_edge_bps: -2.5 }, entry: { horizon_minutes: 60 } };
    assert.deepEqual(await labelWith(edge), { ...usual, minExpectedContinueEdgeBps: -2.5 });
    await rm(config);
    assert.deepEqual((await readBaselineRun(dataRoot, 'run-1')).continueLabel, usual);
  });

  test('may keep its bars anywhere: an absolute path, or one from the run’s folder', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    for (const path of [join(folder, 'replay/bars.parquet'), '../run-1/replay/bars.parquet']) {
      await writeJson(join(folder, 'split/split_manifest.json'), { source_replay_path: path, splits: [] });
      assert.equal((await readBaselineRun(dataRoot, 'run-1')).replay.rowCount, PLAIN.bars.length);
    }
  });

  test('has metrics to quote, or none', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    const heads = ['long_continue_prob', 'short_continue_prob', 'long_expected_continue_edge_bps'];
    const metrics = Object.fromEntries(heads.map((head) => [head, {}]));
    await writeJson(join(folder, 'model/model_train_manifest.json'), {
      CONTINUE: {
        metrics: { ...metrics, short_expected_continue_edge_bps: { mae_vs_constant_ratio: null, auc: 0.1 } },
      },
    });
    const none = { longAuc: null, shortAuc: null, longMaeRatio: null, shortMaeRatio: null };
    assert.deepEqual((await readBaselineRun(dataRoot, 'run-1')).continueMetrics, none);
  });

  test('quotes nothing where Python wrote NaN or Infinity for a metric', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    await write(
      join(folder, 'model/model_train_manifest.json'),
      `{"CONTINUE": {"note": "NaN, \\"Infinity\\"", "metrics": {
        "long_continue_prob": {"auc": NaN}, "short_continue_prob": {"auc": 0.5},
        "long_expected_continue_edge_bps": {"mae_vs_constant_ratio": Infinity},
        "short_expected_continue_edge_bps": {"mae_vs_constant_ratio": -Infinity}}}}`,
    );
    const quoted = { longAuc: null, shortAuc: 0.5, longMaeRatio: null, shortMaeRatio: null };
    assert.deepEqual((await readBaselineRun(dataRoot, 'run-1')).continueMetrics, quoted);
  });

  test('is read the same where its tables are folders of parts, in the order of their numbers', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
    for (const file of ['feature/feature_frame.parquet', 'label/entry_labels.parquet', 'replay/bars.parquet']) {
      const table = await readParquetFile(join(folder, file));
      await rm(join(folder, file));
      const size = Math.ceil(table.numRows / 12);
      // part-10 and part-11 stand behind part-9; an empty part is one, too; _SUCCESS and .crc are Hadoop's own.
      for (let part = 0; part < 13; part += 1) {
        const rows = table.slice(part * size, (part + 1) * size);
        const columns = table.schema.names.map((name) => [String(name), rows.getChild(name)!] as const);
        await writeParquetFile(join(folder, file, `part-${part}.snappy.parquet`), Object.fromEntries(columns));
      }
      await write(join(folder, file, '_SUCCESS'), '');
      await write(join(folder, file, '.part-0.snappy.parquet.crc'), 'crc');
    }
    const run = await readBaselineRun(dataRoot, 'run-1');
    assert.equal(await hashOf(run), await hashOf(expected));
  });
});

describe('a run id', () => {
  test('is one plain folder name', () => {
    assert.equal(runFolder('/data', 'btc-2m'), '/data/trader-v4/runs/btc-2m');
    assert.equal(runFolder('/data', 'Run_10.b'), '/data/trader-v4/runs/Run_10.b');
    for (const id of ['', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', '-x', 'a b', 'a\0', 'é', 'x'.repeat(129)]) {
      assert.throws(
        () => runFolder('/data', id),
        /^UserError: run id: expected a run's id of 1 to 128 letters, digits/,
        JSON.stringify(id),
      );
    }
  });
});
