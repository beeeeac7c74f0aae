import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { loadSqlite } from '../../../src/store/sqlite/load-sqlite.ts';
import { mergeSqliteStores } from '../../../src/store/sqlite/merge-stores.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const WRITER = fileURLToPath(new URL('write-batches.ts', import.meta.url));
const RECORDS = syntheticConfigurations(6);

/** What a reader says of the runs, the first one first. */
async function outcomesIn(path: string): Promise<string[]> {
  await using store = await openVerdictStore(path, { mode: 'read' });
  const outcomes = (await store.history()).map(({ outcome }) => outcome);
  assert.equal((await store.sweeps())[0]!.lastRun.outcome, outcomes.at(-1), 'list and history say one thing');
  return outcomes;
}

/** The files beside a store, with their bytes and times. */
function filesBeside(path: string): [string, number, string][] {
  const folder = dirname(path);
  return readdirSync(folder)
    .sort()
    .map((name) => [name, statSync(join(folder, name)).mtimeMs, readFileSync(join(folder, name), 'base64')]);
}

test('a run whose process was killed is interrupted for whoever reads the file next, and reading writes nothing', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const child = spawn(process.execPath, [WRITER, path, '25'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.deepEqual(await outcomesIn(path), ['running']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  // Its index of the log is a reader's to write: it says who reads.
  const before = filesBeside(path).filter(([name]) => !name.endsWith('-shm'));
  assert.deepEqual(await outcomesIn(path), ['interrupted']);
  assert.deepEqual(
    filesBeside(path).filter(([name]) => !name.endsWith('-shm')),
    before,
  );
});

test('a run that goes on runs for every reader, whatever died before it and however often it is asked after', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  {
    await using died = await openVerdictStore(path, { mode: 'write' });
    await beginSyntheticRun(died, RECORDS);
  }
  assert.deepEqual(await outcomesIn(path), ['interrupted']);
  {
    // Who writes without a run leaves it so, and knows it.
    await using writer = await openVerdictStore(path, { mode: 'write' });
    assert.deepEqual(
      (await writer.history()).map(({ outcome }) => outcome),
      ['interrupted'],
    );
  }
  assert.deepEqual(await outcomesIn(path), ['interrupted']);
  await using writer = await openVerdictStore(path, { mode: 'write' });
  await beginSyntheticRun(writer, RECORDS);
  for (let i = 0; i < 5; i += 1) assert.deepEqual(await outcomesIn(path), ['interrupted', 'running']);
});

test('who writes without a run, however often, leaves nothing of it in the lock, and a run that died stays known', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  {
    await using died = await openVerdictStore(path, { mode: 'write' });
    await beginSyntheticRun(died, RECORDS);
  }
  for (let i = 0; i < 5; i += 1) await (await openVerdictStore(path, { mode: 'write' })).close();
  const { DatabaseSync } = await loadSqlite();
  const lock = new DatabaseSync(`${path}.writer`, { readOnly: true });
  const named = lock.prepare('SELECT count(*) AS count FROM runs').get();
  lock.close();
  // The one that died and what the last one could have begun.
  assert.equal(named?.['count'], 2);
  assert.deepEqual(await outcomesIn(path), ['interrupted']);
});

test('a run that ends well while a reader keeps to its moment has run at that moment, and not died', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const writer = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(writer, RECORDS);
  await using reader = await openVerdictStore(path, { mode: 'read' });
  const outcomes = async () => (await reader.history()).map(({ outcome }) => outcome);
  await reader.atOneMoment(async () => {
    assert.deepEqual(await outcomes(), ['running']);
    await writer.finishRun(runId, SYNTHETIC_END, { completed: 0, failed: 0 });
    await writer.close();
    assert.deepEqual(await outcomes(), ['running']);
  });
  assert.deepEqual(await outcomes(), ['finished']);
});

test('a run that came with a copy or a merge is as it came: nobody there knows who writes it', async (t) => {
  const folder = temporaryFolder(t);
  const [path, copy, merged] = ['sweeps.db', 'copy.db', 'merged.db'].map((name) => join(folder, name));
  {
    await using writer = await openVerdictStore(path!, { mode: 'write' });
    const runId = await beginSyntheticRun(writer, RECORDS);
    await writer.record(runId, [syntheticOutcome(RECORDS[0]!)]);
    await writer.backup(copy!);
    await mergeSqliteStores(merged!, [path!], { allow: [] });
  }
  assert.deepEqual(await outcomesIn(path!), ['interrupted']);
  assert.deepEqual(await outcomesIn(copy!), ['running']);
  assert.deepEqual(await outcomesIn(merged!), ['running']);
  await mergeSqliteStores(merged!, [path!], { allow: [] });
  assert.deepEqual(await outcomesIn(merged!), ['interrupted'], 'merged again, its end is known');
});

test('who begins to write while somebody asks after the lock is not refused', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  await (await openVerdictStore(path, { mode: 'write' })).close();
  const { DatabaseSync } = await loadSqlite();
  const asking = new DatabaseSync(`${path}.writer`);
  asking.exec('BEGIN IMMEDIATE');
  setTimeout(() => asking.close(), 1);
  await using writer = await openVerdictStore(path, { mode: 'write' });
  assert.deepEqual(await writer.sweeps(), []);
});
