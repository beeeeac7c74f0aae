import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as sqlite from 'node:sqlite';
import { test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { SqliteConnection } from '../../../src/store/sqlite/connection.ts';
import { SqliteVerdictStore } from '../../../src/store/sqlite/sqlite-verdict-store.ts';
import { UserError } from '../../../src/user-error.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('on a full disk the batch is not stored, what was before is, and the store goes on when there is room', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const records = syntheticConfigurations(600).slice(0, 200);
  const outcomes = records.map((record) => syntheticOutcome(record));
  await using made = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(made, records);
  await made.record(runId, outcomes.slice(0, 10));

  // SQLite gives the error of a full disk when a database would outgrow its limit: the same code, without a disk to fill.
  const database = new sqlite.DatabaseSync(path);
  const connection = new SqliteConnection(database);
  const store = new SqliteVerdictStore(path, {
    sqlite,
    use: (work) => work(connection),
    moment: () => ({ file: '', version: '' }),
    close: () => database.close(),
  });
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
  database.exec(`PRAGMA max_page_count = ${Number(pages) + 5}`);
  await assert.rejects(store.record(runId, outcomes.slice(10)), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /sweeps\.db: no space left on the disk\. Free some and run again/);
    return true;
  });
  assert.equal((await store.outcomes()).judged.length, 10);
  assert.deepEqual(await store.check(), []);

  database.exec('PRAGMA max_page_count = 1000000');
  await store.record(runId, outcomes.slice(10));
  assert.equal((await store.outcomes()).judged.length, 200);
  await store.close();
});
