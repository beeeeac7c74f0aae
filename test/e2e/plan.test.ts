import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { SweepAxes } from '../../src/sweep/sweep-definition.ts';
import { ask, sharedFolder, sweep } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const AXES = {
  agesMinutes: [[3, 5, 10], [30]],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: { logspace: [-4, 0, 5] },
  huberEpsilon: [1.1, 1.35],
  ridgeAlpha: [1, 10, 100],
  regressionTargetClipBps: [0, 60],
  maxRowsPerSplit: [0, 500],
} as const satisfies SweepAxes;
const DATASETS = 2 * 2;
const CONFIGURATIONS = DATASETS * 2 * (5 * 2 + 3);

const folder = sharedFolder();
const definition = writeDefinition(folder, { name: 'planned', axes: AXES });

describe('sweep plan', { concurrency: 2 }, () => {
  test('tells the time by what the runs of its store took', async () => {
    const file = writeDefinition(folder, {
      name: 'timed',
      axes: { regressorKind: ['ridge'], ridgeAlpha: { range: [1, 20, 1] } },
    });
    const db = join(folder, 'timed.db');
    await runSweepFile(file, db);
    const { code, stdout, stderr } = await ask(['plan', file, '--db', db]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^about \d+ s, as 1 run of this store took for 20 verdicts$/m);
    const { estimatedFrom } = JSON.parse((await ask(['plan', file, '--db', db, '--json'])).stdout);
    assert.deepEqual(estimatedFrom, { runs: 1, verdicts: 20 });
  });

  test('says how many configurations on which datasets in how many batches, and what each axis can move', async () => {
    const { code, stdout, stderr } = await ask(['plan', definition, '--threads', '2'], { env: { COLUMNS: '120' } });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const lines = stdout.split('\n');
    assert.equal(lines[0], `planned: ${CONFIGURATIONS} configurations on baseline run tiny`);
    assert.ok(lines.includes('  agesMinutes                 2  3,5,10 | 30  (moves all metrics)'));
    assert.ok(lines.includes('  huberEpsilon                2  1.1, 1.35  (moves edge metrics only)'));
    assert.match(stdout, /^ {2}ages 3,5,10: 3,330 rows, 26 configurations in \d+ batches$/m);
    assert.match(stdout, /^ {2}ages 30, at most 500 rows a split: [\d,]+ rows, 26 configurations in \d+ batches$/m);
    assert.match(stdout, /^threads 2, batches \d+, shared memory \d+ MiB at the most \(32-bit addresses\)$/m);
    assert.match(
      stdout,
      /^about \d+ (s|min|h), by rates of another machine: nothing of this store says how long it takes here$/m,
    );
    assert.match(stdout, /^AUC and Brier come from the classifier: no axis of the regressor moves them\.$/m);
  });

  test('fits its lines to the terminal, and leaves out no word of what it says', async () => {
    const said = async (width: number) => {
      const { stdout } = await ask(['plan', definition], { env: { COLUMNS: String(width) } });
      assert.ok(stdout.split('\n').every((line) => line.length <= width));
      return stdout.split(/\s+/);
    };
    assert.deepEqual(await said(80), await said(200));
    assert.deepEqual(await said(60), await said(200));
  });

  test('prints the same as JSON, with every configuration and its id', async () => {
    const { code, stdout } = await ask(['plan', definition, '--json']);
    assert.equal(code, 0);
    const plan: Plan = JSON.parse(stdout);
    assert.equal(plan.configurationCount, CONFIGURATIONS);
    assert.equal(plan.configurations.length, CONFIGURATIONS);
    assert.equal(new Set(plan.configurations.map(({ id }) => id)).size, CONFIGURATIONS);
    assert.deepEqual(
      plan.datasets.map(({ agesMinutes, maxRowsPerSplit }) => `${agesMinutes} ${maxRowsPerSplit}`),
      ['3,5,10 0', '3,5,10 500', '30 0', '30 500'],
    );
    for (const dataset of plan.datasets) {
      assert.equal(dataset.configurations, CONFIGURATIONS / DATASETS);
      assert.ok(dataset.batches >= 1 && dataset.batches <= dataset.configurations);
    }
    assert.deepEqual(plan.axes.find(({ name }) => name === 'huberAlpha')?.values, [0.0001, 0.001, 0.01, 0.1, 1]);
    assert.deepEqual(plan.axes.find(({ name }) => name === 'ridgeAlpha')?.kinds, ['ridge']);
    assert.deepEqual(plan.unusedAxes, []);
  });

  test('notes an axis that no configuration uses', async () => {
    const axes = { regressorKind: ['huber'], ridgeAlpha: [1, 2], huberAlpha: [1, 2] } as const;
    const file = writeDefinition(folder, { name: 'unused', axes });
    const { stdout, stderr } = await ask(['plan', file, '--json']);
    assert.equal(stderr, `${file}: axes.ridgeAlpha is not used: no configuration of that regressor kind\n`);
    const plan: Plan = JSON.parse(stdout);
    assert.deepEqual(plan.unusedAxes, ['ridgeAlpha']);
    assert.equal(plan.configurationCount, 2);
  });

  test('takes the first of the whole plan with --limit', async () => {
    const plans = await Promise.all([
      ask(['plan', definition, '--json']),
      ask(['plan', definition, '--json', '--limit', '30']),
    ]);
    const [whole, limited]: Plan[] = plans.map(({ stdout }) => JSON.parse(stdout));
    assert.equal(limited?.configurationCount, 30);
    assert.deepEqual(limited?.configurations, whole?.configurations.slice(0, 30));
    assert.equal(limited?.datasets.length, 2);
  });

  test('runs nothing: it makes no store', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    assert.equal((await sweep(['plan', definition, '--no-cache'], { cwd: empty })).code, 0);
    assert.deepEqual(readdirSync(empty), []);
  });
});

describe('a grid of a million', { concurrency: 2 }, () => {
  const axes = { huberAlpha: { linspace: [0, 1, 1000] }, huberEpsilon: { linspace: [1, 2, 1000] } } as const;
  const million = writeDefinition(folder, { name: 'million', axes });

  test('is refused by run in one line with both remedies, and no store is made', async () => {
    const db = join(folder, 'million.db');
    const { code, stdout, stderr } = await ask(['run', million, '--db', db]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^sweep: .+million\.yaml: 1,000,000 configurations .+ --limit N.+ --yes .+\n$/);
    assert.ok(!existsSync(db));
  });

  test('is planned in part with --limit, without a word more', async () => {
    const { code, stdout, stderr } = await ask(['plan', million, '--limit', '5']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^million: 5 configurations on baseline run tiny\n/);
  });

  test('is planned, and the plan says that run will ask', async () => {
    const { code, stdout, stderr } = await ask(['plan', million]);
    assert.equal(code, 0);
    assert.equal(stderr, `${million}: 1,000,000 configurations; a run asks for --yes or --limit N\n`);
    assert.match(stdout, /^million: 1,000,000 configurations on baseline run tiny\n/);
  });

  test('and any of more than a hundred thousand is planned without a word, where --yes says so', async () => {
    const large = writeDefinition(folder, { name: 'large', axes: { ...axes, huberAlpha: { linspace: [0, 1, 101] } } });
    assert.match((await ask(['plan', large])).stderr, /: 101,000 configurations; a run asks for --yes or --limit N\n$/);
    assert.equal((await ask(['plan', large, '--yes'])).stderr, '');
  });

  test('is as large as a grid may be: one of more is refused', async () => {
    const more = writeDefinition(folder, { name: 'more', axes: { ...axes, huberAlpha: { linspace: [0, 1, 1001] } } });
    const db = ['--db', join(folder, 'more.db')];
    // Neither mentions --yes, which would not help.
    for (const args of [
      ['run', more, ...db],
      ['run', more, '--yes', ...db],
      ['plan', more],
    ]) {
      const { code, stderr } = await ask(args);
      assert.equal(code, 2);
      assert.equal(
        stderr,
        'sweep: more: expected at most 1,000,000 configurations, got 1,001,000. ' +
          'Take the first N with --limit N, or give the axes fewer values\n',
      );
    }
  });
});

describe('a sweep that needs more memory than --max-memory', { concurrency: 2 }, () => {
  const AGES = [Array.from({ length: 20 }, (_, i) => i + 1)];

  let all: number;

  before(async () => {
    all = await memoryOf('all', { agesMinutes: AGES });
  });

  test('is refused in one line with what it needs and what to do', async () => {
    const { code, stderr } = await ask(['plan', definition, '--max-memory', '1']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^sweep: memory: \d+ MiB of shared memory are needed \(.+\), the limit is 1 MiB \(--max-memory\)\. .+\n$/,
    );
  });

  test('fits with the ages that the message proposes', async () => {
    const most = Math.floor(all / 2 ** 20);
    const file = writeDefinition(folder, { name: 'too-much', axes: { agesMinutes: AGES } });
    const { code, stderr } = await ask(['plan', file, '--max-memory', String(most)]);
    assert.equal(code, 2);
    const proposed = /agesMinutes: (\[\[[\d, ]+\]\])/.exec(stderr)?.[1];
    assert.ok(proposed !== undefined, stderr);
    const axes = { agesMinutes: JSON.parse(proposed) };
    const fitting = writeDefinition(folder, { name: 'proposed', axes });
    assert.equal((await ask(['plan', fitting, '--max-memory', String(most)])).code, 0);
  });

  test('needs less with fewer ages', async () => {
    const fewer = await memoryOf('fewer', { agesMinutes: [[3]] });
    assert.ok(fewer < all, `${fewer} bytes for one age, ${all} for twenty`);
  });

  test('needs less when its rows are capped', async () => {
    const capped = await memoryOf('capped', { agesMinutes: AGES, maxRowsPerSplit: [100] });
    assert.ok(capped < all, `${capped} bytes for at most 800 rows, ${all} for all of some 20,000`);
  });

  async function memoryOf(name: string, axes: SweepAxes): Promise<number> {
    const { stdout } = await ask(['plan', writeDefinition(folder, { name, axes }), '--json']);
    return JSON.parse(stdout).memoryBytes;
  }
});

type Plan = {
  readonly configurationCount: number;
  readonly configurations: readonly { readonly id: string }[];
  readonly datasets: readonly {
    readonly agesMinutes: readonly number[];
    readonly maxRowsPerSplit: number;
    readonly configurations: number;
    readonly batches: number;
  }[];
  readonly axes: readonly {
    readonly name: string;
    readonly values: readonly unknown[];
    readonly kinds: readonly string[];
  }[];
  readonly unusedAxes: readonly string[];
};
