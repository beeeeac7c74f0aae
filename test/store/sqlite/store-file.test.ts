import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { userError } from '../../support/user-error.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const RECORDS = syntheticConfigurations(36).slice(0, 12);
const OUTCOMES = RECORDS.map((record) => syntheticOutcome(record));

/** A store of twelve verdicts, or of fewer. */
async function storeIn(folder: string, name = 'sweeps.db', count = 12): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, OUTCOMES.slice(0, count)));
  return path;
}

async function judgedIn(path: string): Promise<number> {
  await using store = await openVerdictStore(path, { mode: 'read' });
  assert.deepEqual(await store.check(), []);
  return (await store.outcomes()).judged.length;
}

/** The three files of a store as a killed run leaves them, in a folder of their own. */
async function killedIn(t: TestContext): Promise<string> {
  const [alive, folder] = [temporaryFolder(t), temporaryFolder(t)];
  const path = await storeIn(alive, 'sweeps.db', 4);
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  await store.record(runId, OUTCOMES.slice(4));
  for (const name of readdirSync(alive)) copyFileSync(join(alive, name), join(folder, name));
  assert.ok(readFileSync(join(folder, 'sweeps.db-wal')).length > 0);
  return join(folder, 'sweeps.db');
}

describe('a store that is taken away while it is written', () => {
  for (const [what, takeAway] of [
    ['deleted', (path: string) => unlinkSync(path)],
    ['renamed', (path: string) => renameSync(path, `${path}.moved`)],
    [
      'replaced',
      (path: string) => {
        copyFileSync(path, `${path}.other`);
        renameSync(`${path}.other`, path);
      },
    ],
    ['left without its log', (path: string) => rmSync(`${path}-wal`)],
  ] as const) {
    test(`${what}: the next verdict says so, and all that was stored is saved beside it`, async (t) => {
      const folder = temporaryFolder(t);
      const path = await storeIn(folder, 'sweeps.db', 4);
      await using store = await openVerdictStore(path, { mode: 'write' });
      const runId = await beginSyntheticRun(store, RECORDS);
      await store.record(runId, OUTCOMES.slice(4, 8));
      takeAway(path);
      const rescued = `${path}.rescued`;
      const said = userError(
        /sweeps\.db: .+ while it was written\. All that was stored in it is in .+sweeps\.db\.rescued: /,
      );
      await assert.rejects(store.record(runId, OUTCOMES.slice(8)), said);
      // Who ends the run asks once more.
      await assert.rejects(store.record(runId, OUTCOMES.slice(8)), said);
      assert.equal(await judgedIn(rescued), 8);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.endsWith('.tmp') || name.includes('rescued')),
        ['sweeps.db.rescued'],
      );
    });
  }

  test('after its last verdict: the run cannot say that it is done', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 4);
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, RECORDS);
    const recorded = await store.record(runId, OUTCOMES.slice(4));
    unlinkSync(path);
    await assert.rejects(store.finishRun(runId, SYNTHETIC_END, recorded), userError(/it was deleted or renamed/));
    assert.equal(await judgedIn(`${path}.rescued`), 12);
  });
});

describe('the log of a run that was killed', () => {
  test('is taken in by the store that it is of', async (t) => {
    assert.equal(await judgedIn(await killedIn(t)), 12);
  });

  test('is not taken in by a copy that was put in its place, neither by readers nor by writers', async (t) => {
    for (const mode of ['read', 'write'] as const) {
      const path = await killedIn(t);
      const copy = await storeIn(temporaryFolder(t), 'good.db', 2);
      copyFileSync(copy, path);
      const before = readFileSync(path);
      const said = userError(
        /sweeps\.db: another store was put in its place, and .+-wal is of the one that was there\. Move /,
      );
      await assert.rejects(openVerdictStore(path, { mode }), said);
      assert.ok(before.equals(readFileSync(path)));
      // As it is told to: then the copy is used.
      for (const ending of ['-wal', '-shm']) renameSync(`${path}${ending}`, `${path}${ending}.old`);
      assert.equal(await judgedIn(path), 2);
    }
  });

  test('is known by a backup of the same store, too', async (t) => {
    const path = await killedIn(t);
    const earlier = join(temporaryFolder(t), 'backup.db');
    {
      const other = await storeIn(temporaryFolder(t), 'sweeps.db', 3);
      await using store = await openVerdictStore(other, { mode: 'read' });
      await store.backup(earlier);
    }
    copyFileSync(earlier, path);
    await assert.rejects(openVerdictStore(path, { mode: 'read' }), userError(/another store was put in its place/));
  });
});

test('a store with several names is written by none of them, and read by each', async (t) => {
  const folder = temporaryFolder(t);
  const path = await storeIn(folder);
  const other = join(folder, 'other.db');
  linkSync(path, other);
  for (const name of [path, other]) {
    const said = userError(/has 2 names \(hard links\), and can be written by one only\. Make the others copies/);
    await assert.rejects(openVerdictStore(name, { mode: 'write' }), said);
    assert.equal(await judgedIn(name), 12);
  }
  assert.ok(!existsSync(`${other}.writer`));
});

describe('a reader', () => {
  test('makes no file beside the store, which would belong to whoever read it', async (t) => {
    const folder = temporaryFolder(t);
    const path = await storeIn(folder);
    const before = readdirSync(folder).sort();
    await using store = await openVerdictStore(path, { mode: 'read' });
    assert.equal((await store.outcomes()).judged.length, 12);
    assert.deepEqual(readdirSync(folder).sort(), before);
    assert.ok(!before.includes(`${basename(path)}-shm`));
  });

  test('that was there before the writer sees what it writes, and what it has left when it is gone', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 4);
    await using reader = await openVerdictStore(path, { mode: 'read' });
    const count = async () => (await reader.outcomes()).judged.length;
    assert.equal(await count(), 4);
    {
      await using writer = await openVerdictStore(path, { mode: 'write' });
      const runId = await beginSyntheticRun(writer, RECORDS);
      await writer.record(runId, OUTCOMES.slice(4, 8));
      assert.equal(await count(), 8);
      await writer.record(runId, OUTCOMES.slice(8, 10));
      assert.equal(await count(), 10);
    }
    assert.equal(await count(), 10);
  });
});

test('a rule that another program adds during a run is named by the verdict that it keeps out', async (t) => {
  const path = await storeIn(temporaryFolder(t), 'sweeps.db', 1);
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  const other = new DatabaseSync(path);
  other.exec('CREATE UNIQUE INDEX mine ON verdicts (run_id)');
  other.close();
  const said = userError(/a rule that another program has added keeps a verdict out \(UNIQUE .+\)\. Remove it/);
  await assert.rejects(store.record(runId, OUTCOMES.slice(1)), said);
  assert.equal((await store.outcomes()).judged.length, 1);
});
