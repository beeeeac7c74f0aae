import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { assertSameVerdicts, type StoredVerdict, storedVerdicts } from '../support/stored-verdicts.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
/** Two datasets, a third of the configurations ridge. */
const definition = writeDefinition(folder, {
  name: 'grid',
  axes: {
    agesMinutes: [[3, 5, 10], [30]],
    regressorKind: ['huber', 'ridge'],
    huberAlpha: [0.001, 1, 100],
    huberEpsilon: [1.2, 1.35, 2, 5],
    ridgeAlpha: [1, 10],
    regressionTargetClipBps: [0, 60],
  },
});
const CONFIGURATIONS = 2 * 2 * (3 * 4 + 2);
const NUMBERS = [1, 2, 3];
const storeOf = (number: number) => join(folder, `s${number}.db`);
let undisturbed: ReadonlyMap<string, StoredVerdict>;

before(async () => {
  await runSweepFile(definition, join(folder, 'whole.db'));
  undisturbed = await storedVerdicts(join(folder, 'whole.db'));
  assert.equal(undisturbed.size, CONFIGURATIONS);
  for (const number of NUMBERS)
    await runSweepFile(definition, storeOf(number), '--shard', `${number}/3`, '--threads', '1');
});

describe('shards of a sweep', () => {
  test('judge every configuration once between them, as the whole sweep does', async () => {
    const parts = await Promise.all(NUMBERS.map((number) => storedVerdicts(storeOf(number))));
    assert.ok(parts.every((part) => part.size > 0 && part.size < CONFIGURATIONS));
    const all = new Map(parts.flatMap((part) => [...part]));
    assert.equal(
      parts.reduce((sum, part) => sum + part.size, 0),
      CONFIGURATIONS,
    );
    assertSameVerdicts(all, undisturbed);
  });

  test('go on where they were when the same command is run again, and are the same counted from 0', async () => {
    const again = await runSweepFile(definition, storeOf(2), '--shard-index', '1', '--shards', '3');
    assert.deepEqual([again.known, again.completed], [again.configurations, 0]);
  });

  test('say what part of the sweep they are, wherever they are read', async () => {
    const { size } = await storedVerdicts(storeOf(3));
    const part = `${size} of ${CONFIGURATIONS} configurations`;
    const { stdout: plan } = await ask(['plan', definition, '--shard', '3/3', '--db', storeOf(3)]);
    assert.match(plan, new RegExp(`^grid, shard 3/3 \\(${part}\\): ${size} configurations on baseline run tiny`));
    const { stdout: run } = await ask(['run', definition, '--shard', '3/3', '--db', storeOf(3)]);
    assert.match(run, new RegExp(`^grid, shard 3/3 \\(${part}\\): 0 judged, ${size} already in the store`));
    const { stdout: report } = await ask(['report', '--db', storeOf(3)]);
    assert.ok(report.replaceAll(/\s+/g, ' ').includes(`shard 3/3: ${part}`), report);
    const { stdout: history } = await ask(['history', 'grid', '--db', storeOf(3)]);
    assert.match(history, /shard[\s\S]*3\/3/);
    const { stdout: list } = await ask(['list', '--db', storeOf(3)]);
    assert.match(list, /shard[\s\S]*3\/3/);
    const { stdout: json } = await ask(['list', '--db', storeOf(3), '--json']);
    assert.deepEqual(JSON.parse(json).sweeps[0].shards, [{ number: 3, count: 3, configurationCount: size }]);
  });

  test('are refused in the store of another, unless that is wanted', async () => {
    const db = join(folder, 'mixed.db');
    copyFileSync(storeOf(1), db);
    const { code, stderr } = await ask(['run', definition, '--shard', '2/3', '--db', db]);
    assert.equal(code, 2);
    assert.match(stderr, /holds shard 1\/3 of it, this is shard 2\/3\. Give each shard a store of its own with --db/);
    await runSweepFile(definition, db, '--shard', '2/3', '--mix-shards');
    const { stdout } = await ask(['list', '--db', db]);
    assert.match(stdout, /1-2 of 3/);
  });

  test('to which nothing falls end well and say so in their store', async () => {
    const db = join(folder, 'empty.db');
    const { code, stdout } = await ask(['run', definition, '--shard', '500/500', '--db', db]);
    assert.equal(code, 0);
    assert.match(stdout, /^grid, shard 500\/500 \(0 of 56 configurations\): nothing falls to it/);
    const { stdout: list } = await ask(['list', '--db', db, '--json']);
    const [sweep] = JSON.parse(list).sweeps;
    assert.deepEqual([sweep.pending, sweep.last_run.outcome], [CONFIGURATIONS, 'finished']);
    const plan = await ask(['plan', definition, '--shard', '500/500', '--json']);
    assert.equal(JSON.parse(plan.stdout).configurationCount, 0);
  });

  test('that are not there are refused before anything is made', async () => {
    const db = join(folder, 'never.db');
    for (const [options, message] of [
      [['--shard', '4/3'], /shard: expected a whole number from 1 to 3, got 4/],
      [['--shard', 'three'], /expected one of how many, such as 3\/16, got "three"/],
      [['--shard-index', '3', '--shards', '3'], /--shard-index: expected a whole number from 0 to 2, got 3/],
      [['--shard-index', '1'], /--shard-index: expected --shards beside it/],
      [['--shards', '3'], /--shards: expected --shard-index beside it/],
      [['--shard', '1/3', '--shards', '3'], /cannot be used with/],
    ] as const) {
      const { code, stderr } = await ask(['run', definition, '--db', db, ...options]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
    assert.equal(existsSync(db), false);
  });
});
