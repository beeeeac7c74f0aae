import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { STATE_FEATURE_SCHEMA, STATE_FEATURES } from '../../src/dataset/state-features.ts';
import { MODEL_FILE_NAMES } from '../../src/experiment/models/model-file-names.ts';
import { type ExperimentOutcome, runExperiment } from '../../src/experiment/run-experiment.ts';
import { version } from '../../src/version.ts';
import { compareCase } from '../golden-comparison/compare-case.ts';
import { readParquetFile } from '../support/parquet.ts';
import { ask, type Ended } from '../support/sweep-command.ts';
import { everythingBelow, makeTemporaryFolder, removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import {
  BARS,
  changeColumns,
  copyTinyRun,
  FEATURES,
  keepRows,
  LABELS,
  TINY_CASES,
  TINY_DATA_ROOT,
} from '../support/tiny-run.ts';

const NINE_FILES = [
  'experiment_manifest.json',
  'position_state_feature_order.json',
  'position_state_feature_schema.json',
  'position_state_source_manifest.json',
  'state_continue_experiment_report.md',
  'state_continue_predictions.parquet',
  'state_continue_result.json',
  'state_continue_train.parquet',
  'state_continue_verdict.json',
];
const CASES = ['capped-huber', 'huber', 'ridge-clip20', 'ridge-pass'];
const RUN_FOLDER = 'experiments/state_continue';

type JsonObject = { [key: string]: unknown };

function experiment(args: readonly string[], dataRoot = TINY_DATA_ROOT): Promise<Ended> {
  return ask(['experiment', '--data-root', dataRoot, '--baseline-run-id', 'tiny', ...args]);
}

async function readJson(path: string): Promise<JsonObject> {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** The options of a golden case. */
async function argumentsOf(name: string): Promise<string[]> {
  const args = await readJson(join(TINY_CASES, name, 'case.json'));
  const { baseline_run_id: _, ...options } = args;
  return Object.entries(options).flatMap(([key, value]) => [`--${key.replaceAll('_', '-')}`, String(value)]);
}

/** Every key of the expected value is there, objects within objects; more may have been added. */
function assertHasKeys(got: unknown, expected: unknown, where: string): void {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected)) return;
  assert.ok(typeof got === 'object' && got !== null, where);
  for (const [key, value] of Object.entries(expected)) {
    assert.ok(key in got, `${where}.${key} is missing`);
    assertHasKeys((got as JsonObject)[key], value, `${where}.${key}`);
  }
}

describe('sweep experiment on the reference run', { concurrency: 2 }, () => {
  let root = '';
  const outputs = new Map<string, Ended>();
  const folderOf = (name: string) => join(root, name);

  before(async () => {
    root = await makeTemporaryFolder();
    for (const name of CASES) {
      const extra = name === 'huber' ? ['--json'] : ['--require-pass'];
      outputs.set(
        name,
        await experiment(['--run-id', name, '--out', folderOf(name), ...(await argumentsOf(name)), ...extra]),
      );
    }
  });

  after(() => removeFolder(root));

  for (const name of CASES) {
    test(`agrees with the golden case ${name} in frame, metrics, objectives, predictions and verdict`, async () => {
      assert.equal(outputs.get(name)?.stderr, '');
      const { deviations, worst } = await compareCase(join(TINY_CASES, name), folderOf(name));
      const bad = deviations.filter((deviation) => !deviation.withinBound);
      const list = bad.slice(0, 5).map(({ what, got, expected }) => `${what}: got ${got}, expected ${expected}`);
      assert.equal(bad.length, 0, list.join('\n'));
      assert.ok(deviations.length > 1000, `only ${deviations.length} values compared`);
      assert.equal(worst.length, 7, 'all kinds of values were compared');
    });

    test(`writes nine files and a folder of models for ${name}, with all keys of the original program`, async () => {
      const folder = folderOf(name);
      assert.deepEqual((await readdir(folder)).sort(), [...NINE_FILES, 'models'].sort());
      for (const file of ['state_continue_result.json', 'state_continue_verdict.json', 'experiment_manifest.json']) {
        const golden = await readJson(join(TINY_CASES, name, 'sklearn', file));
        assertHasKeys(await readJson(join(folder, file)), golden, file);
      }
      const manifest = await readJson(join(folder, 'experiment_manifest.json'));
      const golden = await readJson(join(TINY_CASES, name, 'sklearn/experiment_manifest.json'));
      for (const [key, value] of Object.entries(golden)) {
        // Where the run lay, what it was called, and a hash of other bytes.
        if (['run_id', 'baseline_root', 'dataset_hash_sha256'].includes(key)) continue;
        assert.deepEqual(manifest[key], value, key);
      }
      assert.match(String(manifest.dataset_hash_sha256), /^[0-9a-f]{64}$/);
      const { node_version: node, code_version: code, git_commit: commit } = { ...Object(manifest.made_by) };
      assert.deepEqual([node, code], [process.version, version()]);
      assert.match(commit ?? '0'.repeat(40), /^[0-9a-f]{40}$/);
    });

    test(`writes the original program’s report for ${name}, line by line but for the digits of its numbers`, async () => {
      const lines = async (path: string) => {
        const text = await readFile(path, 'utf8');
        // Fractions differ in their last digits; a fit that did not converge is a reason only where it happened.
        const masked = text.replaceAll(/-?\d+\.\d+(e-?\d+)?/g, '#').replace(/- reasons: `\d+`/, '- reasons: #');
        return masked.split('\n').filter((line) => !line.startsWith('- run_id') && !line.includes('did not converge'));
      };
      assert.deepEqual(
        await lines(join(folderOf(name), 'state_continue_experiment_report.md')),
        await lines(join(TINY_CASES, name, 'sklearn/state_continue_experiment_report.md')),
      );
    });
  }

  test('describes its inputs: state features with units and sources, in model order, and where they come from', async () => {
    const folder = folderOf('huber');
    assert.deepEqual(await readJson(join(folder, 'position_state_feature_schema.json')), STATE_FEATURE_SCHEMA);
    assert.deepEqual(await readJson(join(folder, 'position_state_feature_order.json')), STATE_FEATURES);
    const source = await readJson(join(folder, 'position_state_source_manifest.json'));
    const manifest = await readJson(join(folder, 'experiment_manifest.json'));
    assert.equal(source.row_count, manifest.row_count);
    assert.deepEqual(source.split_counts, manifest.split_counts);
    assert.equal(source.out_of_fold_used, false);
    assert.equal(source.replay_decision_trace_used, false);
    const compact = JSON.stringify(STATE_FEATURES);
    assert.equal(source.state_feature_order_hash, createHash('sha256').update(compact).digest('hex'));
  });

  test('exits with 3 under --require-pass when the verdict is not a pass, with 0 when it is, and with 0 without it', () => {
    assert.equal(outputs.get('ridge-pass')?.code, 0);
    assert.equal(outputs.get('ridge-clip20')?.code, 3);
    assert.equal(outputs.get('capped-huber')?.code, 3);
    assert.equal(outputs.get('huber')?.code, 0, 'not ready, but nobody asked');
  });

  test('prints the eight gates with values, limits and margins, then the verdict and where the files are', async () => {
    const { stdout } = outputs.get('ridge-clip20')!;
    const gates = stdout.split('\n').filter((line) => / (passed|missed)$/.test(line));
    assert.equal(gates.length, 8);
    assert.equal(gates.filter((line) => line.endsWith('passed')).length, 4);
    for (const line of gates) {
      assert.match(
        line,
        /^(long|short) (validation_locked|latest_stress|locked|stress) ((continue_)?auc\s+\d\.\d+\s+≥ 0\.6|(edge_mae_vs_constant_ratio|mae)\s+\d\.\d+\s+≤ 0\.97)\s+\d\.\d+\s+[+-]\d\.\d{4}\s+(passed|missed)$/,
      );
      const margin = Number(/[+-]\d\.\d{4}/.exec(line)![0]);
      assert.equal(line.endsWith('passed'), margin >= 0, line);
    }
    const verdict = await readJson(join(folderOf('ridge-clip20'), 'state_continue_verdict.json'));
    const reasons = verdict.reasons as string[];
    assert.ok(stdout.includes(`\nverdict: ${verdict.status}, ${reasons.length} reasons\n`));
    for (const reason of reasons) assert.ok(stdout.includes(`\n  - ${reason}\n`), reason);
    assert.ok(stdout.endsWith(`\nfiles: ${folderOf('ridge-clip20')}\n`));
    assert.match(outputs.get('ridge-pass')!.stdout, /\nverdict: PASS_TO_FORMAL_CHAIN\n/);
  });

  test('prints one JSON document under --json: what was asked, the files’ contents, the eight gates', async () => {
    const document: JsonObject = JSON.parse(outputs.get('huber')!.stdout);
    const folder = folderOf('huber');
    assert.equal(document.folder, folder);
    assert.equal(document.runId, 'huber');
    assert.deepEqual(document.configuration, {
      agesMinutes: [3, 5, 10],
      regressor: { kind: 'huber', alpha: 0.001, epsilon: 1.35, maxIter: 1000 },
      regressionTargetClipBps: 0,
      maxRowsPerSplit: 0,
    });
    assert.deepEqual(document.result, await readJson(join(folder, 'state_continue_result.json')));
    assert.deepEqual(document.verdict, await readJson(join(folder, 'state_continue_verdict.json')));
    assert.deepEqual(document.manifest, await readJson(join(folder, 'experiment_manifest.json')));
    assert.equal((document.gates as unknown[]).length, 8);
  });

  test('certifies every fit in the results: converged, residual below tolerance, objective and scale given', async () => {
    for (const name of CASES) {
      const result = await readJson(join(folderOf(name), 'state_continue_result.json'));
      for (const [key, value] of Object.entries(result)) {
        const model = value as JsonObject;
        assert.equal(model.regressor_converged, true, key);
        assert.equal(model.regressor_status, 'converged', key);
        assert.equal(model.classifier_status, 'converged', key);
        assert.ok(Number(model.regressor_kkt_residual) <= Number(model.regressor_kkt_tolerance), key);
        assert.ok(Number(model.classifier_kkt_residual) <= Number(model.classifier_kkt_tolerance), key);
        assert.ok(Number(model.regressor_objective) > 0 && Number(model.classifier_objective) > 0, key);
        assert.equal(model.regressor_scale === null, model.regressor_kind === 'ridge', key);
      }
    }
  });

  test('writes predictions that the metrics can be computed from', async () => {
    const folder = folderOf('ridge-clip20');
    const result = (await readJson(join(folder, 'state_continue_result.json'))) as Record<string, JsonObject>;
    const rows = [...(await readParquetFile(join(folder, 'state_continue_predictions.parquet')))].map((row) =>
      row.toJSON(),
    );
    for (const [key, model] of Object.entries(result)) {
      const [, side = '', set = ''] = /^(long|short)_(.*)$/.exec(key)!;
      for (const split of ['fit_inner', 'tune', 'validation_locked', 'latest_stress']) {
        const part = rows.filter((r) => r.side === side.toUpperCase() && r.feature_set === set && r.split_id === split);
        const metrics = model[split] as Record<string, number>;
        assert.equal(part.length, metrics.row_count);
        const errors = part.map((r) => Math.abs(r.expected_continue_edge_bps - r.predicted_continue_edge_bps));
        assertNear(errors.reduce((a, b) => a + b, 0) / part.length, metrics.edge_mae!, `${key} ${split} edge_mae`);
        const squares = part.map((r) => (r.continue_prob - r.continue_target) ** 2);
        assertNear(squares.reduce((a, b) => a + b, 0) / part.length, metrics.brier!, `${key} ${split} brier`);
        assert.ok(
          part.every((r) => Math.abs(r.predicted_continue_edge_bps) <= 20),
          'clipped',
        );
      }
    }
  });
});

/** Metrics are computed from float64 predictions, the file holds float32. */
function assertNear(got: number, expected: number, what: string): void {
  assert.ok(Math.abs(got - expected) <= 1e-5 * Math.abs(expected), `${what}: got ${got}, expected ${expected}`);
}

describe('sweep experiment’s options', { concurrency: 2 }, () => {
  const quick = ['--ages-minutes', '30', '--regressor-kind', 'ridge'];

  test('a run’s files go below the data root, and a run that has some is not overwritten unless --force says so', async (context) => {
    const dataRoot = await temporaryFolder(context);
    await copyTinyRun(dataRoot);
    const first = await experiment(['--run-id', 'one', ...quick], dataRoot);
    assert.equal(first.code, 0, first.stderr);
    const folder = join(dataRoot, 'trader-v4/runs/one', RUN_FOLDER);
    const before = await everythingBelow(join(dataRoot, 'trader-v4/runs/one'));
    assert.deepEqual(before.filter((path) => path.includes('.')).length, NINE_FILES.length + MODEL_FILE_NAMES.length);
    const result = await readFile(join(folder, 'state_continue_result.json'), 'utf8');

    const refused = await experiment(['--run-id', 'one', ...quick, '--ridge-alpha', '99'], dataRoot);
    assert.equal(refused.code, 2);
    assert.equal(
      refused.stderr,
      `sweep: ${folder}: already holds a run's files. Choose another --run-id, or --force to replace them.\n`,
    );
    assert.equal(await readFile(join(folder, 'state_continue_result.json'), 'utf8'), result);

    const forced = await experiment(['--run-id', 'one', ...quick, '--ridge-alpha', '99', '--force'], dataRoot);
    assert.equal(forced.code, 0, forced.stderr);
    assert.notEqual(await readFile(join(folder, 'state_continue_result.json'), 'utf8'), result);
    assert.deepEqual(await everythingBelow(join(dataRoot, 'trader-v4/runs/one')), before, 'and nothing else is left');
  });

  test('--force replaces a run’s files, and never a folder or file that holds anything else', async (context) => {
    const root = await temporaryFolder(context);
    const folder = join(root, 'my-notes');
    await copyTinyRun(folder);
    const before = await everythingBelow(folder);
    const run = await experiment(['--run-id', 'one', ...quick, '--force', '--out', folder]);
    assert.equal(run.code, 2, `exit code 2 expected, got ${run.code}: ${run.stderr}`);
    assert.deepEqual(await everythingBelow(folder), before);
    const file = join(root, 'thesis.tex');
    await writeFile(file, 'years of work');
    const onFile = await experiment(['--run-id', 'one', ...quick, '--force', '--out', file]);
    assert.equal(onFile.code, 2);
    assert.equal(await readFile(file, 'utf8'), 'years of work');
  });

  test('a failed run with --force leaves the files of the earlier run as they were', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const tiny = await copyTinyRun(dataRoot);
    assert.equal((await experiment(['--run-id', 'one', ...quick], dataRoot)).code, 0);
    const before = await everythingBelow(dataRoot);
    await rm(join(tiny, LABELS));
    assert.equal((await experiment(['--run-id', 'one', ...quick, '--force'], dataRoot)).code, 2);
    assert.deepEqual(
      await everythingBelow(dataRoot),
      before.filter((path) => !path.endsWith(LABELS)),
    );
  });

  test('--bar-gaps drop leaves out the rows that span missing minutes, and both ways the manifest counts them', async (context) => {
    const root = await temporaryFolder(context);
    const manifests: JsonObject[] = [];
    for (const policy of ['keep', 'drop']) {
      const out = join(root, policy);
      const run = await experiment(['--run-id', 'gaps', '--out', out, ...quick, '--bar-gaps', policy]);
      assert.equal(run.code, 0, run.stderr);
      manifests.push(await readJson(join(out, 'experiment_manifest.json')));
    }
    const [keep, drop] = manifests.map(({ row_count, bar_gaps, split_counts }) => ({
      rows: Number(row_count),
      gaps: bar_gaps as { policy: string; rows_spanning_gap: number },
      splits: split_counts as Record<string, number>,
    }));
    assert.equal(keep!.gaps.policy, 'keep');
    assert.equal(drop!.gaps.policy, 'drop');
    assert.ok(keep!.gaps.rows_spanning_gap > 0);
    assert.equal(drop!.gaps.rows_spanning_gap, keep!.gaps.rows_spanning_gap);
    assert.equal(drop!.rows, keep!.rows - keep!.gaps.rows_spanning_gap);
    // The run's gaps lie in fit_inner and in hours that take no part.
    assert.equal(drop!.splits.tune, keep!.splits.tune);
    assert.ok(drop!.splits.fit_inner! < keep!.splits.fit_inner!);
  });

  test('--feature-order takes the place of the run’s own file', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await copyTinyRun(dataRoot);
    const order: string[] = JSON.parse(await readFile(join(folder, 'feature/feature_order.json'), 'utf8'));
    await rm(join(folder, 'feature/feature_order.json'));
    const without = await experiment(['--run-id', 'one', ...quick], dataRoot);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /feature_order\.json: file is missing .*--feature-order FILE\.\n$/);
    const file = join(dataRoot, 'order.json');
    await writeFile(file, JSON.stringify(order));
    const run = await experiment(['--run-id', 'one', ...quick, '--feature-order', file], dataRoot);
    assert.equal(run.code, 0, run.stderr);
    const written = await readParquetFile(
      join(dataRoot, 'trader-v4/runs/one', RUN_FOLDER, 'state_continue_train.parquet'),
    );
    assert.deepEqual(written.schema.names.slice(7, 7 + order.length), order);
  });

  test('an evaluation split of one class has no continue_auc, and its gate fails with None as in the original program', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await copyTinyRun(dataRoot);
    // A market that stands still from latest_stress on: nothing is worth continuing.
    const bars = await readParquetFile(join(folder, FEATURES));
    const starts = [...bars].filter((row) => row.split_id === 'latest_stress').map((row) => Number(row.open_time_ms));
    const start = Math.min(...starts);
    await changeColumns(join(folder, BARS), ['high', 'low', 'close'], (price, row) =>
      Number(row.open_time_ms) >= start ? 1_200_000 : price,
    );
    const { result, verdict } = (await runQuickly(dataRoot)).judgement;
    const { reasons } = verdict;
    for (const [key, model] of Object.entries(result)) {
      assert.equal(model.latest_stress!.positive_rate, 0, 'one class');
      assert.ok(!('continue_auc' in model.latest_stress!));
      assert.ok('continue_auc' in model.tune!);
      const side = key.split('_')[0];
      assert.ok(reasons.includes(`${side} latest_stress continue_auc below 0.60: None`), reasons.join('\n'));
    }
  });

  test('an evaluation split without rows is left out of the results, and fails its gates', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await copyTinyRun(dataRoot);
    await keepRows(join(folder, FEATURES), (row) => row.split_id !== 'validation_locked');
    const { result, verdict } = (await runQuickly(dataRoot)).judgement;
    for (const model of Object.values(result)) {
      assert.ok(!('validation_locked' in model) && 'latest_stress' in model);
    }
    const { reasons } = verdict;
    assert.ok(reasons.includes('long validation_locked continue_auc below 0.60: None'));
    assert.ok(reasons.includes('short validation_locked edge_mae_vs_constant_ratio above 0.97: None'));
  });

  test('rows with a missing or infinite feature, and bars with a missing price, take no part', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const folder = await copyTinyRun(dataRoot);
    const whole = (await runQuickly(dataRoot)).manifest.row_count;
    const bad = [null, Number.NaN, Infinity, -Infinity];
    await changeColumns(join(folder, FEATURES), ['ret_3m_bps'], (value, _, i) => (i % 9 === 0 ? bad[i % 4] : value));
    await changeColumns(join(folder, BARS), ['close'], (value, _, i) => (i % 100 === 7 ? bad[i % 4] : value));
    const some = (await runQuickly(dataRoot)).manifest.row_count;
    assert.ok(some < whole && some > whole / 4, `${some} of ${whole} rows are left`);
    const result = await readFile(
      join(dataRoot, 'trader-v4/runs/one', RUN_FOLDER, 'state_continue_result.json'),
      'utf8',
    );
    assert.ok(!/NaN|Infinity/.test(result));
  });
});

/** One ridge fit at age 30 by the program's own function, for what does not depend on the command line. */
function runQuickly(dataRoot: string): Promise<ExperimentOutcome> {
  const configuration = {
    agesMinutes: [30],
    regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
  } as const;
  const names = { dataRoot, baselineRunId: 'tiny', runId: 'one' };
  return runExperiment({ ...names, configuration, barGaps: 'keep', force: true }, () => {});
}

describe('sweep experiment’s log', { concurrency: 2 }, () => {
  /** The original program's events and their fields, in its order. */
  const EVENTS: Readonly<Record<string, string[]>> = {
    experiment_started: [
      'runId',
      'baselineRunId',
      'ages',
      'regressorKind',
      'ridgeAlpha',
      'huberAlpha',
      'huberEpsilon',
      'huberMaxIter',
      'regressionTargetClipBps',
    ],
    age_built: ['ageMinutes', 'rowCount'],
    split_capped: ['splitId', 'rowCount', 'maxRows'],
    dataset_written: ['runId', 'rowCount', 'splitCounts', 'path'],
    model_trained: ['runId', 'side', 'featureSet', 'tuneAuc', 'tuneMaeRatio'],
    experiment_finished: ['runId', 'report'],
  };
  const options = ['--ages-minutes', '3,30', '--max-rows-per-split', '400'];

  test('--log-json writes one JSON object a line, with the original program’s events and fields', async (context) => {
    const out = join(await temporaryFolder(context), 'out');
    const { stderr, code } = await experiment(['--run-id', 'log', '--out', out, '--log-json', ...options]);
    assert.equal(code, 0);
    const lines: JsonObject[] = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const counts = new Map<string, number>();
    for (const { event, time, ...fields } of lines) {
      const name = String(event).replace('trader.training.state_continue_', '');
      assert.match(String(time), /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/);
      assert.deepEqual(Object.keys(fields), EVENTS[name], `fields of ${name}`);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const expected = {
      experiment_started: 1,
      age_built: 2,
      split_capped: 4,
      dataset_written: 1,
      model_trained: 4,
      experiment_finished: 1,
    };
    assert.deepEqual(Object.fromEntries([...counts].sort()), Object.fromEntries(Object.entries(expected).sort()));
    assert.equal(lines[0]?.event, 'trader.training.state_continue_experiment_started');
    assert.equal(lines.at(-1)?.event, 'trader.training.state_continue_experiment_finished');
  });

  test('--verbose writes the original program’s lines', async (context) => {
    const out = join(await temporaryFolder(context), 'out');
    const { stderr, stdout } = await experiment(['--run-id', 'log', '--out', out, '--verbose', ...options]);
    const lines = stderr.trimEnd().split('\n');
    for (const line of lines) {
      const [event = '', ...words] = line.split(' ');
      const fields = EVENTS[event.replace('trader.training.state_continue_', '')];
      assert.ok(fields !== undefined, line);
      assert.deepEqual(
        words.flatMap((word) => /^([a-zA-Z]+)=/.exec(word)?.[1] ?? []),
        fields,
        line,
      );
    }
    assert.equal(
      lines[0],
      'trader.training.state_continue_experiment_started runId=log baselineRunId=tiny ages=[3, 30] regressorKind=huber ' +
        'ridgeAlpha=10.0 huberAlpha=0.001 huberEpsilon=1.35 huberMaxIter=1000 regressionTargetClipBps=0.0',
    );
    assert.ok(stdout.includes('verdict: '), 'the outcome goes to stdout all the same');
  });
});

test('a help text names every option of the original program', async () => {
  const { stdout, code } = await ask(['experiment', '--help']);
  assert.equal(code, 0);
  const options =
    'data-root baseline-run-id run-id ages-minutes regressor-kind ridge-alpha huber-alpha huber-epsilon huber-max-iter regression-target-clip-bps max-rows-per-split';
  for (const option of [
    ...options.split(' '),
    'feature-order',
    'bar-gaps',
    'json',
    'require-pass',
    'force',
    'verbose',
    'log-json',
  ]) {
    assert.ok(stdout.includes(`--${option}`), option);
  }
});
