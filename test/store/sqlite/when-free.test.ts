import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, type TestContext, test } from 'node:test';
import { whenFree } from '../../../src/store/sqlite/when-free.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A database that another connection locks, and a way to write to it. */
function lockedDatabase(t: TestContext) {
  const path = join(temporaryFolder(t), 'locked.db');
  const [another, own] = [new DatabaseSync(path), new DatabaseSync(path)];
  t.after(() => own.close());
  t.after(() => another.close());
  another.exec('CREATE TABLE rows (x)');
  another.exec('BEGIN IMMEDIATE');
  return { another, write: () => own.exec('INSERT INTO rows VALUES (1)') };
}

describe('work that another program’s lock keeps out', () => {
  test('is done when the lock is given up, and everything else goes on meanwhile', async (t) => {
    const { another, write } = lockedDatabase(t);
    let attempts = 0;
    const done = whenFree(() => {
      attempts += 1;
      // The third time it is given up by what goes on.
      if (attempts === 2) setImmediate(() => another.exec('COMMIT'));
      write();
      return 'written';
    }, 600_000);
    assert.equal(await done, 'written');
    assert.equal(attempts, 3);
  });

  test('is given up when the time is over, with what SQLite says', async (t) => {
    const { write } = lockedDatabase(t);
    await assert.rejects(
      whenFree(() => write(), 120),
      /database is locked/,
    );
  });

  test('is not tried again when anything else is wrong', async () => {
    let attempts = 0;
    const failing = whenFree(() => {
      attempts += 1;
      throw new TypeError('a bug');
    }, 600_000);
    await assert.rejects(failing, /a bug/);
    assert.equal(attempts, 1);
  });
});
