import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { UserError } from '../../../src/user-error.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const RECORDS = syntheticConfigurations(6);

/** A store with some verdicts, which nobody writes any more. */
async function makeStore(path: string, verdicts: number): Promise<void> {
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  await store.record(
    runId,
    RECORDS.slice(0, verdicts).map((record) => syntheticOutcome(record)),
  );
}

test('who follows a store that nobody writes notices when somebody begins to, and when he has ended', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  await makeStore(path, 2);
  await using reader = await openVerdictStore(path, { mode: 'read' });
  const before = await reader.moment();
  assert.deepEqual(await reader.moment(), before);
  {
    await using writer = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(writer, RECORDS);
    await writer.record(runId, [syntheticOutcome(RECORDS[2]!)]);
    const during = await reader.moment();
    assert.notEqual(during.version, before.version);
    assert.equal(during.file, before.file);
    assert.equal((await reader.outcomes()).judged.length, 3);
    await writer.record(runId, [syntheticOutcome(RECORDS[3]!)]);
    assert.notEqual((await reader.moment()).version, during.version);
  }
  const [first] = await reader.verdictsAfter(0, { sweep: 'synthetic' }, 1);
  assert.equal((await reader.verdictsAfter(first!.place, { sweep: 'synthetic' }, 9)).length, 3);
});

test('who follows a store notices that another file has its name, and is told when it was deleted', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'sweeps.db');
  const other = join(folder, 'other.db');
  await makeStore(path, 2);
  await makeStore(other, 5);
  await using reader = await openVerdictStore(path, { mode: 'read' });
  const before = await reader.moment();
  renameSync(other, path);
  const after = await reader.moment();
  assert.notEqual(after.file, before.file);
  assert.equal((await reader.outcomes()).judged.length, 5);
  rmSync(path);
  await assert.rejects(reader.moment(), UserError);
  // Another one takes its place: the reader goes on.
  await makeStore(path, 1);
  await reader.moment();
  assert.equal((await reader.outcomes()).judged.length, 1);
});
