import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { digestOf, toHex } from '../../src/store/sql/seal.ts';
import { lossesSeal, metricsSeal } from '../../src/store/sql/verdict-seal.ts';
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
    await runSweepFile(definition, storeOf(number), '--shard', `${number}/3`, '--threads', '1', '--no-self-test');
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
    const again = await runSweepFile(definition, storeOf(2), '--shard-index', '1', '--shards', '3', '--no-self-test');
    assert.deepEqual([again.known, again.completed], [again.configurations, 0]);
  });

  test('say what part of the sweep they are, wherever they are read', async () => {
    const { size } = await storedVerdicts(storeOf(3));
    const part = `${size} of ${CONFIGURATIONS} configurations`;
    const { stdout: plan } = await ask(['plan', definition, '--shard', '3/3', '--db', storeOf(3)]);
    assert.match(plan, new RegExp(`^grid, shard 3/3: ${part} on baseline run tiny`));
    const { stdout: run } = await ask(['run', definition, '--shard', '3/3', '--no-self-test', '--db', storeOf(3)]);
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
    const { code, stderr } = await ask(['run', definition, '--shard', '2/3', '--no-self-test', '--db', db]);
    assert.equal(code, 2);
    assert.match(stderr, /holds shard 1\/3 of it, this is shard 2\/3\. Give each shard a store of its own with --db/);
    await runSweepFile(definition, db, '--shard', '2/3', '--mix-shards', '--no-self-test');
    const { stdout } = await ask(['list', '--db', db]);
    assert.match(stdout, /1-2 of 3/);
  });

  test('come together in one store, which is what the whole sweep holds, and say what is missing until then', async () => {
    const db = join(folder, 'all.db');
    const first = await ask(['merge', db, storeOf(3), storeOf(1)]);
    assert.equal(first.code, 0, first.stderr);
    const { size } = await storedVerdicts(storeOf(2));
    assert.match(first.stdout, new RegExp(`^${storeOf(3)}: \\d+ new verdicts, 0 already there, \\d new runs?$`, 'm'));
    assert.match(
      first.stdout,
      new RegExp(
        `^grid, shards 1,3 of 3: ${CONFIGURATIONS - size} of ${CONFIGURATIONS} configurations judged, ${size} pending$`,
        'm',
      ),
    );
    assert.match(
      first.stdout,
      new RegExp(
        `^missing: shard 2/3 \\(${size} of ${size} configurations\\): .*sweep run grid\\.yaml --shard 2/3 --db s2.db$`,
        'm',
      ),
    );
    const second = await ask(['merge', db, storeOf(2), storeOf(1), '--json']);
    const { sources, sweeps } = JSON.parse(second.stdout);
    assert.deepEqual(
      sources.map(({ addedVerdicts }: { addedVerdicts: number }) => addedVerdicts),
      [size, 0],
    );
    assert.deepEqual([sweeps[0].pending, sweeps[0].missing], [0, []]);
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
    const reports = await Promise.all(
      [db, join(folder, 'whole.db')].map(async (path) => (await ask(['report', '--db', path, '--top', 'all'])).stdout),
    );
    assert.equal(reports[0], reports[1]);
    assert.ok(reports[0]!.length > 500);
  });

  test('are not merged where one came out otherwise: exit code 4, and every difference named', async () => {
    const db = join(folder, 'other.db');
    copyFileSync(storeOf(1), db);
    const database = new DatabaseSync(db);
    // As if it had been judged so: another document under a digest of its own.
    database.exec(`UPDATE verdict_documents SET document = document || ' ' WHERE verdict_id = 1`);
    const row = database.prepare('SELECT losses, document FROM verdict_documents WHERE verdict_id = 1').get();
    const days = database
      .prepare('SELECT days FROM contents JOIN verdicts ON content_id = contents.id WHERE verdicts.id = 1')
      .get();
    const metrics = database.prepare('SELECT metrics FROM verdict_metrics WHERE verdict_id = 1').get();
    assert.ok(row?.losses instanceof Uint8Array && metrics?.metrics instanceof Uint8Array);
    const digest = digestOf(String(row.document), String(days?.days), row.losses);
    const seal = lossesSeal(digest, row.losses);
    database.prepare('UPDATE verdicts SET digest = ?, losses_seal = ? WHERE id = 1').run(digest, seal);
    database
      .prepare('UPDATE verdict_metrics SET seal = ? WHERE verdict_id = 1')
      .run(metricsSeal(digest, metrics.metrics));
    database.close();
    const into = join(folder, 'never-merged.db');
    const { code, stdout } = await ask(['merge', into, storeOf(1), db]);
    assert.equal(code, 4);
    assert.match(stdout, /^CONFLICT: 1 result came out otherwise in one store than in another; nothing was merged$/m);
    assert.match(
      stdout,
      new RegExp(`^verdict \\w+@\\w+: \\w{12} in ${storeOf(1)}, ${toHex(digest).slice(0, 12)} in ${db}$`, 'm'),
    );
    assert.equal(existsSync(into), false);
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
