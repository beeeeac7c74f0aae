import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { ask, type Ended, sharedFolder, sweep } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

// Ten datasets, of which eight cannot be fitted. What can be judged stands between them: 30 and 38 minutes without a cap.
const AXES = {
  agesMinutes: [[30], [38], [899], [1004], [5000]],
  maxRowsPerSplit: [0, 1],
  regressorKind: ['huber', 'ridge'],
} as const;

/** Why; `tiny` is 38 hours long, and a cap of one row leaves one side of a position without any. */
const REASONS = [
  { ages: 5000, caps: [0, 1], what: 'no rows', reason: /^ages 5000: the state frame has no rows\. Choose ages/ },
  { ages: 1004, caps: [0, 1], what: 'no rows to fit', reason: /^state continue LONG has no fit_inner rows/ },
  {
    ages: 899,
    caps: [0],
    what: 'fit labels of one class',
    reason: /^state continue SHORT: .+ are all of one class \(0 of/,
  },
  { ages: 899, caps: [1], what: 'a cap of one row', reason: /has no fit_inner rows|are all of one class/ },
  { ages: 30, caps: [1], what: 'a cap of one row', reason: /has no fit_inner rows|are all of one class/ },
];

const folder = sharedFolder();
const db = join(folder, 'unfit.db');
const definition = writeDefinition(folder, { name: 'unfit', axes: AXES });
let run: Ended;
let failures: readonly Failure[] = [];

type Failure = {
  readonly id: string;
  readonly ages: readonly number[];
  readonly cap: number;
  readonly error: { readonly name: string; readonly message: string };
};

describe('a sweep with datasets that cannot be fitted', () => {
  before(async () => {
    run = await sweep(['run', definition, '--db', db]);
    const report = await ask(['report', '--db', db, '--status', 'error', '--format', 'json']);
    assert.equal(report.code, 0, `${run.stderr}${report.signal}${report.stderr}`);
    failures = JSON.parse(report.stdout).errors;
  });

  test('judges the rest, says how many could not be and how to list them, and exits 6', () => {
    assert.equal(run.code, 6, run.stderr);
    assert.match(run.stdout, /^unfit: 4 judged, 16 error, in /);
    assert.match(run.stdout, /\nerrors: npx sweep report --sweep unfit --db .+ --status error\n$/);
  });

  for (const { ages, caps, what, reason } of REASONS) {
    test(`stores that ${ages} minutes have ${what} (at most ${caps.join(' or ')} rows) as the reason of each configuration`, () => {
      const found = failures.filter((failure) => failure.ages[0] === ages && caps.includes(failure.cap));
      assert.equal(found.length, caps.length * 2);
      for (const { error } of found) {
        assert.equal(error.name, 'UserError');
        assert.match(error.message, reason);
      }
    });
  }

  test('lists them by report --status error, and counts their reasons below', async () => {
    const { stdout } = await ask(['report', '--db', db, '--status', 'error'], { env: { COLUMNS: '140' } });
    assert.match(stdout, /^unfit {2}20 configurations: 0 pass, 4 not ready, 16 error$/m);
    assert.match(stdout, /^[0-9a-f]{7} +5000 +huber +0 +1 +UserError: ages 5000: the state frame has no rows/m);
    assert.match(stdout, /^16 of 16 configurations shown$/m);
    assert.match(stdout, /^error 4 × UserError: ages 5000: the state frame has no rows/m);
  });

  test('shows one with its reason, and has nothing of it to reproduce', async () => {
    const id = failures[0]?.id ?? '';
    const shown = JSON.parse((await ask(['show', id, '--db', db, '--json'])).stdout);
    assert.equal(shown.status, 'error');
    assert.deepEqual(shown.error, failures[0]?.error);
    const { code, stderr } = await ask(['reproduce', id, '--db', db, '--out', join(folder, 'reproduced')]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /: has no verdict to reproduce, it could not be judged: .+: npx sweep run FILE --retry-errors\n$/,
    );
  });

  test('does not try them again, and says of a sweep that has such ones that it has, unless --allow-errors is given', async () => {
    const again = await sweep(['run', definition, '--db', db]);
    assert.equal(again.code, 6, again.stderr);
    assert.match(again.stdout, /^unfit: 0 judged, 20 already in the store \(16 of them error\), in /);
    assert.match(again.stdout, /\nerrors: npx sweep report --sweep unfit --db .+ --status error\n$/);
    const { known, completed, error, errorBefore } = await runSweepFile(definition, db, '--allow-errors');
    assert.deepEqual([known, completed, error, errorBefore], [20, 0, 0, 16]);
  });

  test('tries them again when --retry-errors says so, and nothing else', async () => {
    const retried = await runSweepFile(definition, db, '--retry-errors', '--allow-errors');
    assert.deepEqual([retried.known, retried.completed, retried.error], [4, 0, 16]);
    // Its name in 0.1.0.
    const { known, error } = await runSweepFile(definition, db, '--retry-failed', '--allow-errors');
    assert.deepEqual([known, error], [4, 16]);
  });
});

test('a split with labels of one class has no AUC, and is judged', async () => {
  const store = join(folder, 'no-auc.db');
  const axes = { agesMinutes: [[185]], regressorKind: ['ridge'] } as const;
  const { completed } = await runSweepFile(writeDefinition(folder, { name: 'no-auc', axes }), store);
  assert.equal(completed, 1);
  const { rows } = JSON.parse((await ask(['report', '--db', store, '--format', 'json'])).stdout);
  const { result } = JSON.parse((await ask(['show', rows[0].id, '--db', store, '--json'])).stdout);
  const { latest_stress: stress, tune } = result.long_market_plus_state;
  assert.equal(stress.positive_rate, 0);
  assert.ok(!('continue_auc' in stress) && 'continue_auc' in tune);
});
