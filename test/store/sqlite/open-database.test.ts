import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import type { StoreOptions } from '../../../src/store/verdict-store.ts';
import { UserError } from '../../../src/user-error.ts';
import { boundByPermissions, type Start, spawnWith } from '../../support/bound-by-permissions.ts';
import { beginSyntheticRun, SYNTHETIC_RUN, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const HOLDER = fileURLToPath(new URL('hold-store.ts', import.meta.url));
const OPENER = fileURLToPath(new URL('try-store.ts', import.meta.url));

describe('opening a store', () => {
  test('to write makes the file and the folders above it', async (t) => {
    const path = join(temporaryFolder(t), 'deep', 'er', 'sweeps.db');
    await (await openVerdictStore(path, { mode: 'write' })).close();
    assert.ok(existsSync(path));
    await (await openVerdictStore(path, { mode: 'read' })).close();
  });

  test('to read makes nothing: a missing store is said to be missing', async (t) => {
    const folder = temporaryFolder(t);
    await refuses(
      join(folder, 'sweeps.db'),
      'read',
      /sweeps\.db: no such store\. Make one with `sweep run [^`]+`, or name another$/,
    );
    await refuses(join(folder, "a user's.db"), 'read', /`sweep run FILE --db '[^`]+a user'\\''s\.db'`/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test('refuses a folder, a device, an empty file, another file, and leaves them as they are', async (t) => {
    const folder = temporaryFolder(t);
    const path = (name: string) => join(folder, name);
    mkdirSync(path('folder'));
    writeFileSync(path('empty.db'), '');
    writeFileSync(path('notes.txt'), 'SQLite is a fine thing, and this is not it');
    for (const mode of ['read', 'write'] as const) {
      await refuses('', mode, /--db: expected the name of a file, got an empty one/);
      await refuses(path('folder'), mode, /folder: a folder, expected a store's file\. Try \S+folder\/sweeps\.db$/);
      await refuses(
        path('notes.txt'),
        mode,
        /notes\.txt: not a sweep store \(no SQLite database\)\. Name another file$/,
      );
    }
    for (const mode of ['read', 'write'] as const)
      await refuses('/dev/null', mode, /null: a device or a pipe, expected/);
    assert.ok(!existsSync('/dev/null.writer'));
    await refuses(
      path('empty.db'),
      'read',
      /empty\.db: empty, no sweep was ever stored in it\. `sweep run FILE --db \S+empty\.db` stores one, or name another$/,
    );
    await refuses(
      join(path('notes.txt'), 'sweeps.db'),
      'write',
      /expected a file in a folder, but \S+notes\.txt is a file\. Name another store$/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['empty.db', 'folder', 'notes.txt']);
    assert.equal(readFileSync(path('notes.txt'), 'utf8').length, 42);
  });

  test("refuses another program's database and a newer version's store, and leaves them as they are", async (t) => {
    const folder = temporaryFolder(t);
    const foreign = join(folder, 'browser.db');
    execIn(foreign, 'CREATE TABLE bookmarks (url TEXT)');
    const newer = await storeIn(folder, 'newer.db', 3);
    execIn(newer, `PRAGMA user_version = ${KNOWN + 1}`);
    for (const path of [foreign, newer]) {
      const before = readFileSync(path);
      const expected = path === foreign ? /SQLite database of another program/ : NEWER;
      await refuses(path, 'read', expected);
      await refuses(path, 'write', expected);
      assert.ok(before.equals(readFileSync(path)));
    }
  });

  test('refuses a truncated store in one line', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 12);
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    await refuses(
      path,
      'read',
      /sweeps\.db: damaged \(.+\)\. Move .+sweeps\.db-wal and .+-shm away, then put a copy in its place/,
    );
  });

  test('refuses a header that lies about the rest', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 12);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 4096);
    writeFileSync(path, bytes);
    await refuses(path, 'read', /sweeps\.db: (damaged|not a sweep store)/);
    await refuses(path, 'write', /sweeps\.db: (damaged|not a sweep store)/);
  });

  test('that is only readable: reading works, writing says what to do', async (t) => {
    const start = boundByPermissions();
    if (start === null) return t.skip('no way to start a process that permissions bind');
    const folder = temporaryFolder(t);
    const path = await storeIn(folder, 'sweeps.db', 3);
    chmodSync(path, 0o444);
    // Nothing but reading and entering, for everybody.
    chmodSync(folder, 0o555);
    assert.deepEqual(openBound(start, path, 'read'), { judged: 3 });
    assert.match(
      String(openBound(start, path, 'write').error),
      /sweeps\.db: cannot be written \(permission denied\)\. Give permission/,
    );
    assert.match(
      String(openBound(start, join(folder, 'new.db'), 'write').error),
      /new\.db: cannot be written \(permission denied/,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['sweeps.db', 'sweeps.db.writer']);
    chmodSync(folder, 0o755);
  });
});

describe("the writer's lock", () => {
  test('a second writer is told which process on which machine holds the store', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    const holder = await holdStore(t, path);
    await refuses(
      path,
      'write',
      new RegExp(`being written by process ${holder.pid} on ${hostname()} \\(since ${MINUTE} UTC\\)\\. Wait until`),
    );
    // Readers are let in.
    await (await openVerdictStore(path, { mode: 'read' })).close();
  });

  test('a second writer is told which sweep the first is at, also of its second run, and that it is this process', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    const first = await openVerdictStore(path, { mode: 'write' });
    const at = (sweep: string) =>
      refuses(
        path,
        'write',
        new RegExp(`by this process, ${process.pid} on \\S+ \\(since ${MINUTE} UTC, for sweep "${sweep}"\\)`),
      );
    const begin = (sweepName: string) => beginSyntheticRun(first, syntheticConfigurations(1), { sweepName });
    const run = await begin('one');
    await at('one');
    const end = {
      outcome: 'finished',
      reason: 'everything is judged',
      finishedAt: '2026-01-01T00:00:00.000Z',
    } as const;
    await first.finishRun(run, end, { completed: 0, failed: 0 });
    await refuses(path, 'write', new RegExp(`\\(since ${MINUTE} UTC\\)`));
    await begin('two');
    await at('two');
    await first.close();
  });

  test('of a lock that an older version has, nobody knows since when', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    const holder = await holdStore(t, path);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = new DatabaseSync(`${path}.writer`);
    t.after(() => lock.close());
    lock.exec("UPDATE holder SET pid = 1, host = 'elsewhere'; BEGIN IMMEDIATE");
    await refuses(path, 'write', /being written by process 1 on elsewhere\. Wait until/);
    lock.exec('ROLLBACK; DROP TABLE held; BEGIN IMMEDIATE');
    await refuses(path, 'write', /being written by process 1 on elsewhere\. Wait until/);
  });

  test('ends with its process, however that ends', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    const holder = await holdStore(t, path);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    // A lock that were still held would throw.
    await (await openVerdictStore(path, { mode: 'write' })).close();
  });

  test('a second writer that may wait gets the store when the first has closed it', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    const first = await openVerdictStore(path, { mode: 'write' });
    const holders: string[] = [];
    const second = openVerdictStore(path, {
      mode: 'write',
      waitMs: 60_000,
      onWait: (holder) => {
        holders.push(holder);
        void first.close();
      },
    });
    await (await second).close();
    assert.equal(holders.length, 1);
    assert.match(holders[0]!, new RegExp(`^this process, ${process.pid} on `));
  });

  test('two names of one file meet at one lock', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'sweeps.db');
    await using _store = await openVerdictStore(path, { mode: 'write' });
    symlinkSync(path, join(folder, 'alias.db'));
    await refuses(join(folder, 'alias.db'), 'write', /alias\.db: being written by this process/);
  });

  test('a program that locks the database without asking is waited for, then named as what it is', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 3);
    await using store = await openVerdictStore(path, { mode: 'write', busyTimeoutMs: 50 });
    const browser = new DatabaseSync(path);
    browser.exec('BEGIN IMMEDIATE');
    await assert.rejects(store.beginRun(SYNTHETIC_RUN), (error) => {
      return error instanceof UserError && /sweeps\.db: locked by another program\. Close/.test(error.message);
    });
    browser.exec('ROLLBACK');
    browser.close();
    await store.beginRun(SYNTHETIC_RUN);
  });

  test('a damaged lock file says that it may be deleted', async (t) => {
    const path = await storeIn(temporaryFolder(t), 'sweeps.db', 3);
    writeFileSync(
      `${path}.writer`,
      'no database at all, just some text that is longer than a header, and then some more',
    );
    await refuses(path, 'write', /sweeps\.db\.writer: damaged\. Delete it/);
  });
});

const KNOWN = MIGRATIONS.length;
const NEWER = new RegExp(
  `newer\\.db has schema ${KNOWN + 1}, this version knows up to ${KNOWN}: made by a newer version\\. ` +
    'Update this program, or name another store',
);

async function storeIn(folder: string, name: string, count: number): Promise<string> {
  const path = join(folder, name);
  await using store = await openVerdictStore(path, { mode: 'write' });
  const records = syntheticConfigurations(3 * count).slice(0, count);
  const runId = await beginSyntheticRun(store, records);
  await store.record(
    runId,
    records.map((record) => syntheticOutcome(record)),
  );
  return path;
}

function execIn(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

async function refuses(path: string, mode: StoreOptions['mode'], message: RegExp): Promise<void> {
  await assert.rejects(
    async () => {
      await using store = await openVerdictStore(path, { mode });
      await store.outcomes();
    },
    (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
}

/** As a lock says since when it is held. */
const MINUTE = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d';

/** A process that holds a store for writing until it is killed. */
async function holdStore(t: TestContext, path: string) {
  const holder = spawn(process.execPath, [HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return holder;
}

/** Opens a store in a process that permissions bind. */
function openBound(start: Start, path: string, mode: StoreOptions['mode']): { judged?: number; error?: string } {
  const child = spawnWith(start, process.execPath, [OPENER, path, mode]);
  assert.equal(child.status, 0, child.error?.message ?? child.stderr);
  return JSON.parse(child.stdout);
}
