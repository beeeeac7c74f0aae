import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { changeOnePrice, copyTiny } from '../support/tiny-copy.ts';
import { writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const dataRoot = copyTiny(join(folder, 'data-of-all'));
const AXES = { agesMinutes: [[10]], regressorKind: ['ridge'], ridgeAlpha: [1, 10] } as const;
const definition = writeDefinition(folder, { name: 'grid', dataRoot, axes: AXES });
const judgedStore = join(folder, 'judged.db');

before(async () => {
  const { code, stderr } = await ask(['run', definition, '--db', judgedStore]);
  assert.equal(code, 0, stderr);
});

function copyStore(name: string): string {
  const path = join(folder, name);
  copyFileSync(judgedStore, path);
  return path;
}

function alter(path: string, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path);
  change(database);
  database.close();
}

describe('a sweep of a name that is taken', () => {
  test('with another definition is refused, names what differs, and changes nothing', async () => {
    const db = copyStore('other.db');
    const other = writeDefinition(folder, {
      name: 'grid',
      file: 'other.yaml',
      dataRoot,
      axes: { ...AXES, ridgeAlpha: [10, 100] },
    });
    const { code, stderr } = await ask(['run', other, '--db', db]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /sweep: sweep "grid": has another definition in .+other\.db \(axes\.ridgeAlpha without 1; axes\.ridgeAlpha with 100|axes\.ridgeAlpha without 1\)/,
    );
    const list = async () => JSON.parse((await ask(['list', '--db', db, '--json'])).stdout).sweeps[0];
    assert.deepEqual([(await list()).configurations, (await list()).runs], [2, 1]);
    const replaced = await ask(['run', other, '--db', db, '--replace']);
    assert.equal(replaced.code, 0, replaced.stderr);
    assert.match(replaced.stderr, /grid is replaced: axes\.ridgeAlpha without 1/);
    assert.match(replaced.stdout, /1 judged, 1 already in the store/);
    const { configurations, pending } = await list();
    assert.deepEqual({ configurations, pending }, { configurations: 2, pending: 0 });
  });

  test('with values added to an axis is extended, and says so', async () => {
    const axes = { ...AXES, ridgeAlpha: [1, 10, 100] };
    const larger = writeDefinition(folder, { name: 'grid', file: 'larger.yaml', dataRoot, axes });
    const { code, stdout, stderr } = await ask(['run', larger, '--db', copyStore('larger.db')]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^grid is extended: axes\.ridgeAlpha with 100$/m);
    assert.match(stdout, /1 judged, 2 already in the store/);
  });
});

test('verdicts by earlier code are told before a run judges them again, and are reached by --code', async () => {
  const db = join(folder, 'earlier-code.db');
  await storeOfOtherCode(db);
  const { code, stdout, stderr } = await ask(['run', definition, '--db', db]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^grid: 2 verdicts are by earlier code \(0\.1\.9 beefbeefbeef, now .+\) and are judged again; they stay, reached by --code beefbeefbeef$/m,
  );
  assert.match(stdout, /^grid: 2 judged, in /);
  const json = async (...args: string[]) => JSON.parse((await ask(['report', '--db', db, '--json', ...args])).stdout);
  const now = await json();
  assert.match(now.warnings.join(), /2 verdicts by earlier code are not shown; --code beefbeefbeef shows them/);
  const then = await json('--code', '0.1.9');
  assert.deepEqual([now.counts.judged, then.counts.judged], [2, 2]);
  // Looked at once is looked at once, by whatever code.
  assert.equal(now.lockedSplits[0].configurationCount, 2);
});

/** A store as an earlier version has left it: the same sweep, its verdicts by other code. */
async function storeOfOtherCode(path: string): Promise<void> {
  await using from = await openVerdictStore(judgedStore, { mode: 'read' });
  await using to = await openVerdictStore(path, { mode: 'write' });
  const [run] = await from.history('grid');
  const { judged } = await from.outcomes();
  const found = await Promise.all(judged.map(({ configurationId }) => from.find(configurationId)));
  const configurations = found.map(({ configurationId: id, configuration, canonical }) => ({
    id,
    configuration,
    canonical,
  }));
  const code = { hash: 'beef'.repeat(16), version: '0.1.9' };
  const runId = await to.beginRun({ ...run!, replaces: false, code, configurations });
  const { dataset } = judged[0]!;
  await to.datasetBuilt(runId, dataset, dataset);
  const outcomes = found.map((outcome) => {
    assert.ok(outcome.kind === 'completed' && !outcome.isSealed);
    return { ...outcome, datasetHash: dataset.contentHash! };
  });
  await to.record(runId, outcomes);
}

test('a verdict that comes out otherwise is a conflict: exit code 4, the stored one stands, reports warn', async () => {
  const db = copyStore('conflict.db');
  const report = async () => JSON.parse((await ask(['report', '--db', db, '--json'])).stdout);
  const before = (await report()).rows;
  alter(db, (database) => {
    // A digest is what tells two verdicts apart: this one stands for a verdict that another machine has made.
    database.exec('UPDATE verdicts SET digest = zeroblob(32) WHERE id = 1');
  });
  const { code, stdout } = await ask(['run', definition, '--db', db, '--fresh']);
  assert.equal(code, 4);
  assert.match(
    stdout,
    /^CONFLICT: 1 verdict came out otherwise than stored, such as [0-9a-f]{24}@[0-9a-f]{8}; the stored ones stand$/m,
  );
  const { rows, warnings } = await report();
  assert.deepEqual(rows, before);
  assert.match(warnings[0], /^CONFLICT: 1 verdict came out otherwise when judged again/);
});

test('data that changed under their name are told with the files, the earlier verdicts stay and are reached', async () => {
  const changing = copyTiny(join(folder, 'changing'));
  const db = join(folder, 'changing.db');
  const file = writeDefinition(folder, { name: 'changing', dataRoot: changing, axes: AXES });
  assert.equal((await ask(['run', file, '--db', db])).code, 0);
  const unchanged = await ask(['report', '--db', db]);
  assert.doesNotMatch(unchanged.stdout, /was changed since/);
  await changeOnePrice(changing);
  const told =
    /baseline run tiny was changed since \(replay\/replay\.parquet \([\d,]+ bytes then, [\d,]+ now\)\): verdicts of changing/;
  const before = await ask(['report', '--db', db], { env: { COLUMNS: '300' } });
  assert.match(before.stdout, told);
  assert.match((await ask(['plan', file, '--db', db])).stderr, told);
  assert.match((await ask(['report', '--db', db, '--html', join(folder, 'changing.html')])).stderr, told);
  const again = await ask(['run', file, '--db', db]);
  assert.equal(again.code, 0, again.stderr);
  assert.match(
    again.stderr,
    /changing: baseline run tiny is not what it was \(replay\/replay\.parquet \([\d,]+ bytes then, [\d,]+ now\)\)/,
  );
  assert.match(again.stdout, /2 judged/);
  const json = async (...args: string[]) => JSON.parse((await ask(['report', '--db', db, '--json', ...args])).stdout);
  const now = await json();
  assert.equal(now.counts.judged, 2);
  assert.deepEqual(
    now.lockedSplits.map(({ configurationCount }: { configurationCount: number }) => configurationCount),
    [2, 2],
  );
  const [, hash = ''] =
    /2 verdicts on earlier data are not shown; --data ([0-9a-f]{12})/.exec(now.warnings.join('\n')) ?? [];
  const then = await json('--data', hash);
  assert.equal(then.counts.judged, 2);
  assert.notDeepEqual(then.rows, now.rows);
  const all = await ask(['report', '--all', '--db', db]);
  const titles = all.stdout.match(/^baseline run tiny.*? {2}2 configurations/gm) ?? [];
  assert.deepEqual(
    [titles.length, new Set(titles).size, titles.filter((title) => title.includes(`, data ${hash}`)).length],
    [2, 2, 1],
    'two tables on one run say which is on which data',
  );
  const id = now.rows[0].id;
  const several = await ask(['show', id, '--db', db]);
  assert.equal(several.code, 2);
  assert.match(
    several.stderr,
    new RegExp(`^sweep: id ${id}: has 2 verdicts: ${id}@.+, ${id}@.+\\. Name one by its own id`),
  );
  assert.equal((await ask(['show', id, '--sweep', 'changing', '--db', db])).code, 0);
  assert.equal((await ask(['show', id, '--data', hash, '--db', db])).code, 0);
});
