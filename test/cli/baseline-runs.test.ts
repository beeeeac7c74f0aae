import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { readSweepDefinition } from '../../src/sweep/definition.ts';
import { beginSyntheticRun, syntheticConfigurations } from '../store/synthetic.ts';
import { ask, type Ended } from '../support/sweep-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyTinyRun } from '../support/tiny-run.ts';

/** What a build for ages up to 10 minutes says of itself, as far as anybody reads it. */
const BUILT_FOR_TEN = {
  settings: {
    runId: 'tiny',
    costBps: 8,
    maxAgeMinutes: 10,
    splitFractions: [0.6, 0.2, 0.1, 0.1],
    startMs: 1_704_067_200_000,
    endMs: null,
  },
  sources: [{ symbol: 'BTCUSDT', files: [{ file: 'btc 1.csv.gz', sha256: '' }] }],
};

/** A data root with a copy of the reference run, which says that it was built for ages up to 10 minutes. */
async function dataRootOf(context: TestContext, build: object = BUILT_FOR_TEN): Promise<string> {
  const dataRoot = join(await temporaryFolder(context), 'data');
  const folder = await copyTinyRun(dataRoot);
  await writeFile(join(folder, 'baseline_build.json'), JSON.stringify(build));
  return dataRoot;
}

async function definitionFile(dataRoot: string, agesMinutes: number[][] | null): Promise<string> {
  const file = join(dataRoot, 'sweep.json');
  const axes = agesMinutes === null ? { huberAlpha: [1] } : { agesMinutes };
  await writeFile(file, JSON.stringify({ name: 'ages', baseline: { dataRoot: '.', runId: 'tiny' }, axes }));
  return file;
}

function assertRefused({ code, stdout, stderr }: Ended, message: RegExp): void {
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, message);
  assert.equal(stderr.trimEnd().split('\n').length, 1, 'one line');
}

describe('sweep baseline list', () => {
  test('says of each run what it is, and of one that cannot be read why', async (context) => {
    const dataRoot = await dataRootOf(context);
    const broken = join(dataRoot, 'trader-v4/runs/broken/feature/feature_frame.parquet');
    await mkdir(dirname(broken), { recursive: true });
    await writeFile(broken, 'no parquet');
    await mkdir(join(dataRoot, 'trader-v4/runs/an-experiment/experiments'), { recursive: true });
    const text = await ask(['baseline', 'list', '--data-root', dataRoot], { env: { COLUMNS: '140' } });
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^tiny +\S+ +[\d,]+ +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +10 min$/m);
    assert.match(text.stdout, /^broken: feature\/feature_frame\.parquet: is not a readable parquet file/m);
    assert.match(text.stdout, /^2 baseline runs$/m);
    const { stdout } = await ask(['baseline', 'list', '--data-root', dataRoot, '--json']);
    const { baselineRuns } = JSON.parse(stdout);
    assert.deepEqual(
      baselineRuns.map(({ runId, maxAgeMinutes, problem }: Record<string, unknown>) => [
        runId,
        maxAgeMinutes,
        typeof problem,
      ]),
      [
        ['broken', undefined, 'string'],
        ['tiny', 10, 'object'],
      ],
    );
  });

  test('of a folder without any says how to make one', async (context) => {
    const { code, stdout } = await ask(['baseline', 'list', '--data-root', await temporaryFolder(context)]);
    assert.equal(code, 0);
    assert.match(stdout, /^no baseline runs in .+\/trader-v4\/runs\. npx sweep baseline build makes one from bars$/m);
  });
});

test('a run that is missing is told with those that are there', async (context) => {
  const dataRoot = await dataRootOf(context);
  const file = join(dataRoot, 'sweep.yaml');
  await writeFile(file, 'name: x\nbaseline: { dataRoot: ., runId: tinny }\naxes: {}\n');
  assertRefused(
    await ask(['plan', file]),
    /baseline run tinny: there is no folder .+\. There is tiny \(`npx sweep baseline list .+`\); `npx sweep baseline build` makes one from bars\.$/m,
  );
});

test('a sweep that a store does not have yet is planned by what the store knows', async (context) => {
  const dataRoot = await dataRootOf(context);
  const [file, db] = [join(dataRoot, 'sweep.yaml'), join(dataRoot, 'other.db')];
  await writeFile(file, 'name: new one\nbaseline: { dataRoot: ., runId: tiny }\naxes: { agesMinutes: [[3, 5]] }\n');
  {
    await using store = await openVerdictStore(db, { mode: 'write' });
    await beginSyntheticRun(store, syntheticConfigurations(2), { sweepName: 'old one' });
  }
  const planned = await ask(['plan', file, '--db', db, '--no-cache']);
  assert.equal(planned.code, 0, planned.stderr);
  assert.match(planned.stdout, /^new one: 1 configuration/);
});

describe('sweep init', () => {
  test('writes a definition that plans, its ages within what the run was built for', async (context) => {
    const dataRoot = await dataRootOf(context);
    const file = join(dirname(dataRoot), 'sweeps', 'first.yaml');
    const { code, stdout } = await ask(['init', file, '--data-root', dataRoot]);
    assert.equal(code, 0);
    assert.match(stdout, /first\.yaml: \d+ configurations over baseline run tiny$/m);
    const text = await readFile(file, 'utf8');
    const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1];
    JSON.parse(await readFile(resolve(dirname(file), schema ?? ''), 'utf8'));
    const definition = await readSweepDefinition(file);
    assert.equal(definition.name, 'first');
    assert.equal(resolve(definition.baseline.dataRoot), resolve(dataRoot));
    assert.deepEqual(definition.axes.agesMinutes, [[3, 5, 10], [5]]);
    assert.equal((await ask(['plan', file, '--no-cache'])).code, 0);
  });

  test('takes the experiment’s own ages where the run does not say what it was built for', async (context) => {
    const dataRoot = await dataRootOf(context);
    await rm(join(dataRoot, 'trader-v4/runs/tiny/baseline_build.json'));
    const file = join(dataRoot, 'first.yaml');
    await ask(['init', file, '--data-root', dataRoot, '--run-id', 'tiny', '--name', 'my first']);
    const definition = await readSweepDefinition(file);
    assert.deepEqual(
      [definition.name, definition.axes.agesMinutes],
      [
        'my first',
        [
          [3, 5, 10, 15, 30],
          [5, 15],
        ],
      ],
    );
  });

  test('replaces nothing unless told to, and asks which run where there are several', async (context) => {
    const dataRoot = await dataRootOf(context);
    const file = join(dataRoot, 'mine.yaml');
    await writeFile(file, 'mine');
    assertRefused(await ask(['init', file, '--data-root', dataRoot]), /mine\.yaml: is there already\. .+ --force/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
    assert.equal((await ask(['init', file, '--data-root', dataRoot, '--force'])).code, 0);
    await mkdir(join(dataRoot, 'trader-v4/runs/other/feature/feature_frame.parquet'), { recursive: true });
    assertRefused(
      await ask(['init', file, '--data-root', dataRoot, '--force']),
      /--run-id: .+ has 2 baseline runs, name one of other, tiny/,
    );
    assertRefused(
      await ask(['init', file, '--data-root', join(dataRoot, 'none')]),
      /there is no baseline run in .+ baseline build makes one/,
    );
    assertRefused(
      await ask(['init', join(dataRoot, 'x.yaml'), '--data-root', dataRoot, '--run-id', 'tinny']),
      /baseline run tinny: there is no folder/,
    );
  });
});

describe('ages beyond those that a baseline run was built for', () => {
  test('are refused by key, with the largest allowed and the command that rebuilds', async (context) => {
    const dataRoot = await dataRootOf(context);
    const file = await definitionFile(dataRoot, [[3, 5], [5, 30], [45]]);
    const refused =
      /sweep\.json: axes\.agesMinutes\[1\]: expected ages of at most 10 minutes, .+ of baseline run tiny .+, got 30\. Say --allow-long-ages .+ in place of FOLDER \(the run does not know it\): .+ baseline build 'BTCUSDT=FOLDER\/btc 1\.csv\.gz' --data-root \S+ --run-id tiny --cost-bps 8 --max-age-minutes 45 --split-fractions 0\.6,0\.2,0\.1,0\.1 --start 2024-01-01T00:00:00\.000Z --force$/m;
    assertRefused(await ask(['plan', file, '--no-cache']), refused);
    assertRefused(await ask(['run', file, '--db', join(dataRoot, 'x.db'), '--no-cache']), refused);
    const doctor = await ask(['doctor', file, '--db', join(dataRoot, 'x.db')]);
    assert.equal(doctor.code, 2);
    assert.match(doctor.stdout, /axes\.agesMinutes\[1\]: expected ages of at most 10 minutes/);
    assertRefused(
      await ask([
        'experiment',
        '--data-root',
        dataRoot,
        '--baseline-run-id',
        'tiny',
        '--run-id',
        'e',
        '--ages-minutes',
        '5,30',
      ]),
      /--ages-minutes: expected ages of at most 10 minutes, .+, got 30\./,
    );
  });

  test('are refused where the definition leaves them to their default', async (context) => {
    const dataRoot = await dataRootOf(context);
    assertRefused(
      await ask(['plan', await definitionFile(dataRoot, null), '--no-cache']),
      /axes\.agesMinutes\[0\]: .+, got 30/,
    );
  });

  test('are judged with --allow-long-ages, and the verdict says so', async (context) => {
    const dataRoot = await dataRootOf(context);
    const file = await definitionFile(dataRoot, [[5, 30]]);
    const db = join(dataRoot, 'x.db');
    const run = await ask(['run', file, '--db', db, '--no-cache', '--allow-long-ages', '--json']);
    assert.equal(run.code, 0, run.stderr);
    const { stdout } = await ask(['report', '--db', db, '--format', 'json']);
    const id = /"configurationId": "(\w+)"|"id": "(\w+)"/.exec(stdout)?.slice(1).find(Boolean) ?? '';
    assert.match((await ask(['show', id, '--db', db, '--json'])).stdout, /"allowLongAges": true/);
    const experiment = await ask([
      ...['experiment', '--data-root', dataRoot, '--baseline-run-id', 'tiny', '--run-id', 'e'],
      ...['--ages-minutes', '5,30', '--allow-long-ages', '--json'],
    ]);
    assert.equal(experiment.code, 0, experiment.stderr);
    assert.equal(JSON.parse(experiment.stdout).manifest.baseline_max_age_minutes, 10);
  });

  test('are nobody’s business where the run does not say', async (context) => {
    const dataRoot = await dataRootOf(context, { settings: {} });
    assert.equal((await ask(['plan', await definitionFile(dataRoot, [[5, 30]]), '--no-cache'])).code, 0);
  });
});
