import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { compareCase } from '../golden-comparison/compare-case.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { changeOnePrice, copyTiny } from '../support/tiny-copy.ts';
import { runSweepFile, TINY_CASES, writeDefinition } from '../support/tiny-sweep.ts';

// The smallest grid with all of the golden cases' configurations in it, among 144.
const AXES = {
  agesMinutes: [[3, 5, 10], [30, 3], [30], [38]],
  maxRowsPerSplit: [0, 500],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: [0.001, 100],
  huberEpsilon: [1.2, 1.35],
  ridgeAlpha: [10, 3000],
  regressionTargetClipBps: [0, 20, 60],
} as const;
const CASES = ['huber', 'capped-huber', 'ridge-clip20', 'ridge-pass'];
const METRIC_BOUND = 1e-6;

const folder = sharedFolder();
const db = join(folder, 'golden.db');
const definition = writeDefinition(folder, { name: 'golden', axes: AXES });
let ids: ReadonlyMap<string, string>;

before(async () => {
  await runSweepFile(definition, db);
  const { stdout } = await ask(['plan', definition, '--json']);
  ids = new Map(CASES.map((name) => [name, idOfCase(name, JSON.parse(stdout).configurations)]));
});

describe('a sweep whose grid contains the golden configurations', { concurrency: 2 }, () => {
  for (const name of CASES) {
    test(`show gives ${name} its golden metrics and verdict`, async () => {
      const { code, stdout, stderr } = await ask(['show', idOf(name), '--db', db, '--json']);
      assert.equal(code, 0, stderr);
      const shown = JSON.parse(stdout);
      const golden = readGolden(name, 'exact/state_continue_result.json');
      let compared = 0;
      for (const [place, expected] of splitMetrics(golden)) {
        const got = place.reduce((value, key) => Object(value)[key], shown.result);
        compared += 1;
        assert.ok(
          got === expected || Math.abs(Number(got) - Number(expected)) <= METRIC_BOUND * Math.abs(Number(expected)),
          `${place.join(' ')}: got ${got}, expected ${expected}`,
        );
      }
      // Four models on four splits, at least seven metrics each.
      assert.ok(compared >= 4 * 4 * 7, `${compared} metrics`);
      assert.equal(shown.status, readGolden(name, 'exact/state_continue_verdict.json').status);
      assert.equal(shown.provenance.dataset.baselineRunId, 'tiny');
    });

    test(`reproduce writes the nine files of ${name} as the golden program did, and finds nothing different`, async () => {
      const out = join(folder, name);
      const { code, stdout, stderr } = await ask(['reproduce', idOf(name), '--db', db, '--out', out]);
      assert.equal(code, 0, stdout + stderr);
      assert.match(
        stdout,
        /reproduced: \d+ values agree with the stored verdict to 1e-9, dataset [0-9a-f]{12}… is the same/,
      );
      const { deviations } = await compareCase(join(TINY_CASES, name), out);
      assert.ok(deviations.length > 1000, `${deviations.length} values compared`);
      assert.deepEqual(
        deviations.filter(({ withinBound }) => !withinBound),
        [],
      );
    });
  }

  test('the report finds the golden pass among those that pass', async () => {
    const { stdout } = await ask(['report', '--db', db, '--status', 'pass', '--format', 'json']);
    const passed: { id: string }[] = JSON.parse(stdout).rows;
    assert.ok(passed.some(({ id }) => id === idOf('ridge-pass')));
    assert.ok(!passed.some(({ id }) => id === idOf('huber')));
  });
});

describe('reproduce', { concurrency: 2 }, () => {
  test('finds the data wherever they were moved, as long as they are the same', async () => {
    const dataRoot = copyTiny(join(folder, 'moved'));
    const { code, stdout } = await reproduceRidge('moved-files', '--data-root', dataRoot, '--json');
    assert.equal(code, 0, stdout);
    const { differences, datasetHash } = JSON.parse(stdout);
    assert.deepEqual(differences, []);
    assert.equal(datasetHash.now, datasetHash.stored);
  });

  test('exits 4 and names the file of the baseline run that changed when one price did', async () => {
    const dataRoot = copyTiny(join(folder, 'tampered'));
    await changeOnePrice(dataRoot);
    const { code, stdout } = await reproduceRidge('tampered-files', '--data-root', dataRoot);
    assert.equal(code, 4, stdout);
    assert.match(stdout, /NOT reproduced: \d+ of \d+ values differ/);
    assert.match(stdout, /dataset hash: stored [0-9a-f]{64}, now [0-9a-f]{64}/);
    assert.match(stdout, /changed since:\n {2}baseline run: replay\/replay\.parquet \([\d,]+ bytes then, [\d,]+ now\)/);
  });

  test('replaces the files of an earlier run only when --force says so, and never any other file', async () => {
    const out = join(folder, 'kept');
    mkdirSync(out);
    writeFileSync(join(out, 'state_continue_verdict.json'), 'earlier');
    const refused = await reproduceRidge('kept');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^sweep: .+kept: already holds a run's files\. .+--force.*\n$/);
    assert.equal(readFileSync(join(out, 'state_continue_verdict.json'), 'utf8'), 'earlier');
    assert.equal((await reproduceRidge('kept', '--force')).code, 0);
    assert.equal(readdirSync(out).length, 10, 'nine files and models/');
    writeFileSync(join(out, 'notes.txt'), 'mine');
    const foreign = await reproduceRidge('kept', '--force');
    assert.equal(foreign.code, 2);
    assert.match(
      foreign.stderr,
      /^sweep: .+kept: holds notes\.txt, which is no run's file; nothing is replaced there\. .+\n$/,
    );
    assert.equal(readdirSync(out).length, 11);
  });
});

describe('a stored verdict that was changed by hand', { concurrency: 2 }, () => {
  test('is said to be damaged by show and reproduce when it was its result', async () => {
    const changed = changedStore(
      'result.db',
      `UPDATE verdict_documents SET document = replace(document, '"metrics":[', '"metrics":[1') WHERE verdict_id = VERDICT`,
    );
    for (const command of ['show', 'reproduce']) {
      const { code, stderr } = await ask([command, idOf('huber'), '--db', changed]);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^sweep: .+result\.db: damaged \(.+\)\. Move .+-wal and .+-shm away, then put a copy in its place.+\n$/,
      );
    }
  });

  test('is said to be damaged by the leaderboard when it was its rank', async () => {
    const changed = changedStore('rank.db', 'UPDATE verdicts SET tune_edge_mae_ratio = 0.1 WHERE id = VERDICT');
    const { code, stderr } = await ask(['report', '--db', changed]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`damaged \\(the verdict of ${idOf('huber')} is not as it was stored\\)`));
  });

  test('is said to be damaged by whatever reads it, and found by doctor, when it was a metric', async () => {
    const changed = changedStore(
      'metric.db',
      'UPDATE verdict_metrics SET metrics = zeroblob(length(metrics)) WHERE verdict_id = VERDICT',
    );
    for (const args of [['report', '--sort', 'tune.brier'], ['report', '--where', 'tune.brier>0'], ['export']]) {
      const { code, stdout, stderr } = await ask([...args, '--db', changed]);
      assert.deepEqual([code, stdout], [2, '']);
      const named = `the metrics of ${idOf('huber')} are not as they were stored`;
      assert.match(stderr, new RegExp(`^sweep: .+metric\\.db: damaged \\(${named}\\)`));
    }
    const { code, stdout } = await ask(['doctor', '--db', changed]);
    assert.equal(code, 2);
    assert.match(stdout, /^FAULT store .+metric\.db: /m);
  });
});

function reproduceRidge(out: string, ...options: readonly string[]) {
  return ask(['reproduce', idOf('ridge-pass'), '--db', db, '--out', join(folder, out), ...options]);
}

/** A copy of the store with one statement run on it; VERDICT stands for the verdict of the case `huber`. */
function changedStore(name: string, sql: string): string {
  const path = join(folder, name);
  copyFileSync(db, path);
  const database = new DatabaseSync(path);
  const verdict = `(SELECT verdicts.id FROM verdicts JOIN configurations ON configurations.id = verdicts.configuration_id
    WHERE configurations.configuration_id = '${idOf('huber')}')`;
  assert.equal(Number(database.prepare(sql.replace('VERDICT', verdict)).run().changes), 1);
  database.close();
  return path;
}

function idOf(name: string): string {
  const id = ids.get(name);
  assert.ok(id !== undefined, name);
  return id;
}

type PlannedRow = {
  id: string;
  agesMinutes: number[];
  maxRowsPerSplit: number;
  regressionTargetClipBps: number;
  regressor: { kind: string; alpha: number; epsilon?: number };
};

/** The planned configuration that a case's arguments describe. */
function idOfCase(name: string, planned: readonly PlannedRow[]): string {
  const args = readGolden(name, 'case.json');
  const isHuber = args.regressor_kind === 'huber';
  const ages = [...new Set(String(args.ages_minutes).split(',').map(Number))].sort((a, b) => a - b);
  const [found, ...others] = planned.filter(
    ({ agesMinutes, maxRowsPerSplit, regressionTargetClipBps, regressor }) =>
      agesMinutes.join() === ages.join() &&
      maxRowsPerSplit === args.max_rows_per_split &&
      regressionTargetClipBps === args.regression_target_clip_bps &&
      regressor.kind === args.regressor_kind &&
      regressor.alpha === (isHuber ? args.huber_alpha : args.ridge_alpha) &&
      (!isHuber || regressor.epsilon === args.huber_epsilon),
  );
  assert.ok(found !== undefined && others.length === 0, `${name} is not exactly once in the plan`);
  return found.id;
}

function readGolden(name: string, file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(TINY_CASES, name, file), 'utf8'));
}

/** Every number of every model and split: what a golden result says of its data. */
function* splitMetrics(result: Record<string, unknown>): Generator<[place: string[], value: unknown]> {
  for (const [model, splits] of Object.entries(result)) {
    for (const [split, metrics] of Object.entries(Object(splits))) {
      if (typeof metrics !== 'object' || metrics === null) continue;
      for (const [metric, value] of Object.entries(metrics)) yield [[model, split, metric], value];
    }
  }
}
