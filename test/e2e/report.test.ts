import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, snapshot, test } from 'node:test';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

// Screens are in report.test.ts.snapshot. After a wanted change, write them anew and read the difference:
//
//   node --test --test-update-snapshots test/e2e/report.test.ts && git diff test/e2e

snapshot.setDefaultSnapshotSerializers([String]);

// 16 configurations that can be judged and 8 that have no rows.
const AXES = {
  agesMinutes: [[30], [38], [5000]],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: [0.001, 100],
  ridgeAlpha: [10, 3000],
  regressionTargetClipBps: [0, 20],
} as const;

const GRID = ['--sweep', 'grid'];

const folder = sharedFolder();
const db = join(folder, 'report.db');

before(async () => {
  await runSweepFile(writeDefinition(folder, { name: 'grid', axes: AXES }), db, '--allow-errors');
  const another = { agesMinutes: [[10]], regressorKind: ['ridge'] } as const;
  await runSweepFile(writeDefinition(folder, { name: 'another', axes: another }), db);
});

describe('the leaderboard', { concurrency: 2 }, () => {
  for (const [screen, env] of [
    ['a terminal of 80 columns', { COLUMNS: '80' }],
    ['a terminal of 120 columns', { COLUMNS: '120' }],
    ['a terminal of 200 columns', { COLUMNS: '200' }],
    ['a pipe', {}],
  ] as const) {
    test(`is made for ${screen}`, async (t) => {
      const stdout = await report(['--sweep', 'grid', '--top', '8'], env);
      const width = Number('COLUMNS' in env ? env.COLUMNS : 100);
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > width),
        [],
      );
      assert.ok(!stdout.includes('\x1b'), 'no colours where nobody sees them');
      t.assert.snapshot(stdout);
    });
  }

  test('is printed as markdown', async (t) => {
    t.assert.snapshot(await report(['--sweep', 'grid', '--top', '3', '--format', 'markdown']));
  });

  test('lists what could not be judged, and why, with --status error', async (t) => {
    t.assert.snapshot(await report(['--sweep', 'grid', '--status', 'error'], { COLUMNS: '80' }));
  });

  test('is printed as JSON, best first, with all that was judged', async () => {
    const { sweep: name, counts, rows, lockedSplits } = await reportJson('--sweep', 'grid');
    assert.equal(name, 'grid');
    assert.deepEqual(counts.judged, 16);
    assert.deepEqual(counts.error, 8);
    assert.deepEqual(
      rows.map(({ rank }) => rank),
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    const ratios = rows.map((row) => row.tune_mae);
    assert.deepEqual(
      ratios,
      ratios.toSorted((a, b) => a - b),
    );
    const [looks, ...others] = lockedSplits;
    assert.deepEqual([looks?.baselineRunId, looks?.configurationCount, others], ['tiny', 17, []]);
  });

  test('is printed as CSV: a header and a line for each, what failed at the end with its error', async () => {
    const lines = (await report(['--sweep', 'grid', '--format', 'csv'])).trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^rank,id,verdict,sweep,baseline,data,dataset,code,tags,ages,kind,.+,error$/);
    const { rows } = await reportJson('--sweep', 'grid');
    assert.deepEqual(
      lines.slice(1, 17).map((line) => line.split(',').slice(0, 2).join()),
      rows.map(({ rank, id }) => `${rank},${id}`),
    );
  });

  test('is of the sweep that ran last when none is named, and of every one, by baseline run, with --all', async () => {
    const last = await reportJson();
    assert.deepEqual([last.sweep, last.rows.length], ['another', 1]);
    const { leaderboards } = JSON.parse(await report(['--all', '--json']));
    assert.deepEqual(
      leaderboards.map(({ sweep: name, baselines, rows }: Report) => [name, baselines, rows.length]),
      [[null, ['tiny'], 17]],
    );
    const sweeps = leaderboards[0].rows.map((row: Report['rows'][number]) => row.sweep);
    assert.equal(sweeps.filter((name: string) => name === 'grid').length, 16);
    assert.equal(sweeps.filter((name: string) => name === 'another').length, 1);
    assert.match(await report(['--all', '--where', 'sweep=another']), /^baseline run tiny {2}25 configurations: /);
  });
});

describe('sorting and filtering', { concurrency: 2 }, () => {
  test('by conditions shows those that meet all of them, with the rank they have among all', async () => {
    const whole = await reportJson('--sweep', 'grid');
    const part = await reportJson('--sweep', 'grid', '--where', 'kind=huber', '--where', 'alpha>=1');
    assert.equal(part.rows.length, 4);
    assert.deepEqual(
      part.rows.map(({ id, rank }) => ({ id, rank })),
      whole.rows.filter(({ kind, alpha }) => kind === 'huber' && alpha >= 1).map(({ id, rank }) => ({ id, rank })),
    );
  });

  test('by another column of tune is marked by nothing', async () => {
    const { rows, warnings, sortedBy } = await reportJson('--sweep', 'grid', '--sort', 'tune_auc');
    assert.deepEqual(warnings, []);
    assert.equal(sortedBy?.spendsLockedSplit, false);
    const aucs = rows.map((row) => row.tune_auc);
    assert.deepEqual(
      aucs,
      aucs.toSorted((a, b) => b - a),
    );
  });

  for (const field of ['validation_locked.continue_auc', 'short_market_plus_state.latest_stress.brier', 'margin']) {
    test(`by ${field} is marked: it spends a locked split`, async () => {
      const { warnings, sortedBy } = await reportJson('--sort', field);
      assert.deepEqual(warnings, ['sorted by a locked split: selecting on it spends it']);
      assert.equal(sortedBy?.spendsLockedSplit, true);
    });
  }

  test('by a gate split is marked on the screen, too, and so is a filter', async () => {
    const sorted = await report([...GRID, '--sort', 'validation_locked.continue_auc']);
    assert.match(sorted, /^! sorted by a locked split: selecting on it spends it$/m);
    const filtered = await report([...GRID, '--where', 'latest_stress.continue_auc>0.5', '--status', 'pass']);
    assert.match(
      filtered.replaceAll('\n', ' '),
      /! filtered by a locked split \(latest_stress\.continue_auc>0\.5, status pass\): selecting on it spends it /,
    );
  });

  test('by status shows what passed, or is not ready', async () => {
    const [all, pass, fail] = await Promise.all([
      reportJson(...GRID),
      reportJson(...GRID, '--status', 'pass'),
      reportJson(...GRID, '--status', 'not ready'),
    ]);
    assert.ok(pass.rows.length > 0 && fail.rows.length > 0);
    assert.ok(pass.rows.every(({ status, gates }) => status === 'PASS_TO_FORMAL_CHAIN' && gates === 8));
    assert.ok(fail.rows.every(({ status }) => status === 'NOT_READY_FOR_FORMAL_CHAIN'));
    assert.equal(pass.rows.length + fail.rows.length, all.rows.length);
  });
});

type Report = {
  readonly sweep: string | null;
  readonly baselines: readonly string[];
  readonly counts: { readonly judged: number; readonly error: number };
  readonly warnings: readonly string[];
  readonly sortedBy: { readonly spendsLockedSplit: boolean } | null;
  readonly lockedSplits: readonly { readonly baselineRunId: string; readonly configurationCount: number }[];
  readonly rows: readonly {
    readonly rank: number;
    readonly id: string;
    readonly sweep: string;
    readonly status: string;
    readonly kind: string;
    readonly alpha: number;
    readonly tune_mae: number;
    readonly tune_auc: number;
    readonly gates: number;
  }[];
};

const asked = new Map<string, Promise<string>>();

/** Several tests ask the same. */
async function reportJson(...args: readonly string[]): Promise<Report> {
  const key = args.join(' ');
  const answer = asked.get(key) ?? report([...args, '--format', 'json']);
  asked.set(key, answer);
  return JSON.parse(await answer);
}

async function report(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await ask(['report', '--db', db, ...args], { env });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}
