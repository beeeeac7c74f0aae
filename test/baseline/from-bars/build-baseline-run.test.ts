import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Table, tableFromIPC } from 'apache-arrow';
import onnxProto from 'onnx-proto';
import { readParquet } from 'parquet-wasm';
import { type Bars, takeBars } from '../../../src/baseline/from-bars/bars.ts';
import { buildBaselineRun } from '../../../src/baseline/from-bars/build-baseline-run.ts';
import { type BuildOptions, planBuild } from '../../../src/baseline/from-bars/build-plan.ts';
import type { BuildSummary } from '../../../src/baseline/from-bars/build-summary.ts';
import { MARKET_FEATURES } from '../../../src/baseline/from-bars/market-features/market-features.ts';
import { writeBaselineRun } from '../../../src/baseline/from-bars/write-baseline-run.ts';
import { UserError } from '../../../src/user-error.ts';
import { randomBars } from './random-bars.ts';

// A lively pair of symbols: one with a book and holes, one bare and shorter, both in another order than time.
const ALPHA = randomBars({ count: 3000, seed: 1, symbol: 'ALPHA', gapChance: 0.002, longestGap: 8 });
const BETA = randomBars({ count: 2600, seed: 2, symbol: 'BETA', withBook: false, withTaker: false });
const SETTINGS = { entryHorizonMinutes: 20, maxAgeMinutes: 10, entryStrideMinutes: 2 };

const HEAD = { nOutputs: 1, weights: new Float32Array(MARKET_FEATURES.length), bias: new Float32Array(1) };
const MODELS = {
  direction: { ...HEAD, nOutputs: 3 },
  entry: {
    long_entry_prob: HEAD,
    short_entry_prob: HEAD,
    long_expected_net_edge_bps: HEAD,
    short_expected_net_edge_bps: HEAD,
  },
  training: { rowCount: 0, classCounts: { long: 0, short: 0, neutral: 0 }, fits: {} },
};
const METRICS = {
  long_continue_prob: { auc: null },
  short_continue_prob: { auc: null },
  long_expected_continue_edge_bps: { mae_vs_constant_ratio: null },
  short_expected_continue_edge_bps: { mae_vs_constant_ratio: null },
};

let folder = '';
let options: BuildOptions;
let summary: BuildSummary;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-baseline-'));
  const alphaRows = Int32Array.from({ length: 3000 }, (_, i) => (i + 1000) % 3000);
  await writeFile(join(folder, 'alpha.csv'), csvOf(takeBars(ALPHA, alphaRows)));
  await writeFile(join(folder, 'beta.csv'), csvOf(BETA));
  options = {
    dataRoot: join(folder, 'data'),
    runId: 'pair',
    bars: [
      { symbol: 'ALPHA', path: join(folder, 'alpha.csv') },
      { symbol: 'BETA', path: join(folder, 'beta.csv') },
    ],
    ...SETTINGS,
  };
  summary = await buildBaselineRun(options);
});
after(() => rm(folder, { recursive: true }));

describe('a built baseline run', () => {
  test('is the files of the contract and three that say how it was made, and no other', async () => {
    const files = await readdir(summary.folder, { recursive: true, withFileTypes: true });
    const paths = files
      .filter((f) => f.isFile())
      .map((f) => join(f.parentPath, f.name).slice(summary.folder.length + 1));
    assert.deepEqual(paths.sort(), [
      'baseline_build.json',
      'feature/feature_frame.parquet',
      'feature/feature_order.json',
      'feature/feature_schema.json',
      'label/entry_labels.parquet',
      'label/label_config.json',
      'label/price_plan_context.json',
      'model/direction/direction.onnx',
      'model/entry/entry.onnx',
      'model/model_train_manifest.json',
      'replay/replay.parquet',
      'split/split_manifest.json',
    ]);
    assert.deepEqual(await readdir(join(folder, 'data/trader-v4/runs')), ['pair'], 'no draft is left behind');
  });

  test('has one feature row a bar, with plain text, UTC times and float32 features in model order', async () => {
    const frame = await tableOf('feature/feature_frame.parquet');
    assert.equal(frame.numRows, 5600);
    assert.deepEqual(
      frame.schema.fields.map((field) => `${field.name} ${field.type}`),
      [
        'sample_id Utf8',
        'symbol Utf8',
        'event_time Timestamp<MILLISECOND, UTC>',
        'open_time_ms Int64',
        'split_id Utf8',
        'walk_forward_fold Int32',
        'data_quality_flag Utf8',
        ...MARKET_FEATURES.map(({ name }) => `${name} Float32`),
      ],
    );
    const row = frame.get(2999)!.toJSON();
    assert.equal(row['sample_id'], `ALPHA-${ALPHA.openTimeMs[2999]}`);
    assert.equal(row['event_time'], ALPHA.openTimeMs[2999]);
    assert.equal(Number(row['open_time_ms']), ALPHA.openTimeMs[2999]);
    assert.equal(row['split_id'], 'latest_stress');
    const [close, before] = [ALPHA.close[2999]!, ALPHA.close[2998]!];
    assert.equal(row['ret_1m_bps'], Math.fround((close / before - 1) * 10_000));
    assert.equal(frame.get(3000)!.toJSON()['symbol'], 'BETA');
    const order: unknown = JSON.parse(await textOf('feature/feature_order.json'));
    assert.deepEqual(
      order,
      MARKET_FEATURES.map(({ name }) => name),
    );
  });

  test('replays the bars as they were, in time order', async () => {
    const replay = await tableOf('replay/replay.parquet');
    for (const name of ['open', 'high', 'low', 'close', 'volume'] as const) {
      assert.deepEqual(replay.getChild(name)!.toArray(), Float64Array.from([...ALPHA[name], ...BETA[name]]), name);
    }
    const times = [...replay.getChild('open_time_ms')!.toArray()].map(Number);
    assert.deepEqual(times, [...ALPHA.openTimeMs, ...BETA.openTimeMs]);
    const spreads = replay.getChild('spread_bps')!.toArray();
    assert.ok(spreads[7] > 0);
    assert.ok(
      spreads.subarray(3000).every((spread: number) => spread === 0),
      'BETA has no book',
    );
    const manifest = JSON.parse(await textOf('split/split_manifest.json'));
    assert.equal(manifest.source_replay_path, 'replay/replay.parquet');
  });

  test('flags rows with a book OK, without one PARTIAL_OPTIONAL, and early ones INSUFFICIENT_HISTORY', async () => {
    const frame = await tableOf('feature/feature_frame.parquet');
    const [symbols, flags] = ['symbol', 'data_quality_flag'].map((name) => frame.getChild(name)!.toJSON());
    const flagsOf = (symbol: string) => new Set(flags!.filter((_, i) => symbols![i] === symbol));
    assert.deepEqual(flagsOf('ALPHA'), new Set(['INSUFFICIENT_HISTORY', 'OK', 'PARTIAL_OPTIONAL']));
    assert.deepEqual(flagsOf('BETA'), new Set(['INSUFFICIENT_HISTORY', 'PARTIAL_OPTIONAL']));
  });

  test('labels both sides of every second minute, in the split of its feature row', async () => {
    const labels = await tableOf('label/entry_labels.parquet');
    const frame = await tableOf('feature/feature_frame.parquet');
    const splitOf = new Map(frame.toArray().map((row) => [row['sample_id'], row['split_id']]));
    for (const row of labels.toArray()) {
      assert.equal(splitOf.get(row['sample_id']), row['split_id']);
      assert.equal((row['event_time'] / 60_000) % 2, 0);
      assert.ok(row['entry_target'] === 0 || row['entry_target'] === 1);
    }
    assert.deepEqual(labels.getChild('side')!.slice(0, 4).toJSON(), ['LONG', 'SHORT', 'LONG', 'SHORT']);
  });

  test('sums up to what its files hold', async () => {
    const frame = await tableOf('feature/feature_frame.parquet');
    for (const [split, byFlag] of Object.entries(summary.rows)) {
      for (const [flag, count] of Object.entries(byFlag)) {
        const rows = frame.toArray().filter((r) => r['split_id'] === split && r['data_quality_flag'] === flag);
        assert.equal(count, rows.length, `${split} ${flag}`);
      }
    }
    const labels = (await tableOf('label/entry_labels.parquet')).toArray();
    for (const [split, bySide] of Object.entries(summary.entryLabels)) {
      for (const [side, { rows, positives }] of Object.entries(bySide)) {
        const own = labels.filter((row) => row['split_id'] === split && row['side'] === side);
        assert.deepEqual([rows, positives], [own.length, own.filter((row) => row['entry_target'] === 1).length]);
        assert.ok(positives > 0 || split === 'purged');
      }
    }
    const { CONTINUE } = JSON.parse(await textOf('model/model_train_manifest.json'));
    assert.deepEqual(CONTINUE.metrics, summary.continueMetrics);
  });

  test('has frozen models whose ONNX heads have the shapes and names the experiment asks for', async () => {
    const count = MARKET_FEATURES.length;
    const shapes = async (path: string) =>
      Object.fromEntries([...(await initializersOf(path))].map(([name, { dims }]) => [name, dims]));
    assert.deepEqual(await shapes('model/direction/direction.onnx'), { direction_W: [count, 3], direction_B: [3] });
    assert.deepEqual(await shapes('model/entry/entry.onnx'), {
      long_entry_prob_W: [count, 1],
      long_entry_prob_B: [1],
      short_entry_prob_W: [count, 1],
      short_entry_prob_B: [1],
      long_expected_net_edge_bps_W: [count, 1],
      long_expected_net_edge_bps_B: [1],
      short_expected_net_edge_bps_W: [count, 1],
      short_expected_net_edge_bps_B: [1],
    });
  });

  test('built again under another name from the same bars it has the same bytes', async () => {
    const again = await buildBaselineRun({ ...options, runId: 'twin' });
    for (const path of [
      'feature/feature_frame.parquet',
      'replay/replay.parquet',
      'label/entry_labels.parquet',
      'model/entry/entry.onnx',
    ]) {
      assert.ok((await readFile(join(again.folder, path))).equals(await readFile(join(summary.folder, path))), path);
    }
    const manifest = await readFile(join(again.folder, 'baseline_build.json'), 'utf8');
    assert.equal(manifest.replaceAll('twin', 'pair'), await textOf('baseline_build.json'));
  });
});

describe('writing a baseline run', () => {
  test('an existing run is refused before any bar is read, and replaced with force', async () => {
    const target = join(folder, 'data/trader-v4/runs/pair');
    const unread = { ...options, bars: [{ symbol: 'X', path: join(folder, 'missing.csv') }] };
    await assert.rejects(buildBaselineRun(unread), {
      name: 'UserError',
      message: `${target}: a new run's folder must be empty, it is not. Choose another run id or use --force`,
    });
    const replaced = await buildBaselineRun({ ...options, costBps: 9, force: true });
    assert.equal(JSON.parse(await textOf('label/price_plan_context.json')).costBps, 9);
    assert.equal(replaced.folder, target);
    await buildBaselineRun({ ...options, force: true });
  });

  test('force does not touch a run that holds anything a build did not write', async () => {
    const runs = join(folder, 'data/trader-v4/runs');
    await mkdir(join(runs, 'mine/experiments'), { recursive: true });
    await assert.rejects(buildBaselineRun({ ...options, runId: 'mine', force: true }), {
      name: 'UserError',
      message: `${join(runs, 'mine')}: --force replaces what a build wrote, but it also holds experiments. Move that away or choose another run id`,
    });
    assert.deepEqual(await readdir(join(runs, 'mine')), ['experiments']);
  });

  test('bars without a single profitable entry leave no file and say what the models lack', async () => {
    const runs = join(folder, 'data/trader-v4/runs');
    const earlier = await readdir(runs);
    await assert.rejects(buildBaselineRun({ ...options, runId: 'calm', minExpectedEntryEdgeBps: 5000 }), {
      name: 'UserError',
      message:
        /^entry labels: the direction model needs long, short and neutral bars in fit_inner, got 0, 0 and \d+\. Give more bars, or /,
    });
    assert.deepEqual(await readdir(runs), earlier);
  });

  test('a draft that cannot take the place of a run is removed, and the run stays as it was', async () => {
    const runs = join(folder, 'data/trader-v4/runs');
    const plan = planBuild({ ...options, runId: 'late' });
    // Someone else's files appear while the build runs.
    await mkdir(join(runs, 'late/experiments'), { recursive: true });
    const earlier = await readdir(runs);
    const frames: never[] = [];
    const content = {
      frames,
      splits: { splitOfBar: [], foldOfBar: [], spans: [] },
      models: MODELS,
      metrics: METRICS,
      manifest: {},
    };
    await assert.rejects(writeBaselineRun(plan, content), { name: 'UserError', message: /must be empty/ });
    assert.deepEqual(await readdir(runs), earlier);
    assert.deepEqual(await readdir(join(runs, 'late')), ['experiments']);
  });

  test('a data root that is a file is refused', async () => {
    const dataRoot = join(folder, 'alpha.csv');
    await assert.rejects(buildBaselineRun({ ...options, dataRoot }), UserError);
  });
});

function csvOf(bars: Bars): string {
  const header = 'open_time_ms,open,high,low,close,volume';
  const taker = bars.takerBuyBase ? ',quote_volume,trades,taker_buy_base' : '';
  const book = bars.book ? ',best_bid,best_ask,best_bid_size,best_ask_size' : '';
  const lines = Array.from(bars.openTimeMs, (time, i) => {
    const fields = [time, bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!, bars.volume[i]!];
    if (bars.takerBuyBase) fields.push(bars.quoteVolume![i]!, bars.trades![i]!, bars.takerBuyBase[i]!);
    if (bars.book) fields.push(bars.book.bid[i]!, bars.book.ask[i]!, bars.book.bidSize[i]!, bars.book.askSize[i]!);
    return fields.map((field) => (Number.isNaN(field) ? '' : String(field))).join(',');
  });
  return [header + taker + book, ...lines].join('\n');
}

async function textOf(path: string): Promise<string> {
  return readFile(join(summary.folder, path), 'utf8');
}

async function tableOf(path: string): Promise<Table> {
  const bytes = await readFile(join(summary.folder, path));
  return tableFromIPC(readParquet(bytes, { batchSize: 1_000_000 }).intoIPCStream());
}

async function initializersOf(path: string): Promise<Map<string, { dims: number[] }>> {
  const { onnx } = onnxProto;
  const model = onnx.ModelProto.decode(await readFile(join(summary.folder, path)));
  return new Map(
    (model.graph?.initializer ?? []).map(({ name, dims }) => [name ?? '', { dims: (dims ?? []).map(Number) }]),
  );
}
