import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { pullStore } from '../../../src/store/pull-store.ts';
import type { OutcomeRecord } from '../../../src/store/records.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { assertSameVerdicts, storedVerdicts } from '../../support/stored-verdicts.ts';
import { userError } from '../../support/user-error.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const RECORDS = syntheticConfigurations(12);
const NOTHING = { allow: [] };

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

/** Judges in a store what is given; without an end, the run goes on. */
async function judge(location: string, outcomes: readonly OutcomeRecord[], ends = true): Promise<string> {
  await using store = await openVerdictStore(location, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  const recorded = await store.record(runId, outcomes);
  if (ends) await store.finishRun(runId, SYNTHETIC_END, recorded);
  return runId;
}

async function database(outcomes: readonly OutcomeRecord[], ends?: boolean): Promise<string> {
  const url = await server.createStore();
  await judge(url, outcomes, ends);
  return url;
}

const ALL = RECORDS.map((record) => syntheticOutcome(record));

describe('what is pulled from PostgreSQL into a file', () => {
  test('is what one machine would have stored, to the last byte of its documents, and unharmed', async (t) => {
    const folder = temporaryFolder(t);
    const [pulled, whole] = [join(folder, 'pulled.db'), join(folder, 'whole.db')];
    const url = await database(ALL);
    await judge(whole, ALL);
    const report = await pullStore(url, pulled, NOTHING);
    assert.ok(report.kind === 'merged');
    const [source] = report.sources;
    assert.deepEqual([source?.addedVerdicts, source?.knownVerdicts, source?.location], [12, 0, url]);
    assertSameVerdicts(await storedVerdicts(pulled), await storedVerdicts(whole));
  });

  test('is nothing new the second time, and what was judged since the third', async (t) => {
    const pulled = join(temporaryFolder(t), 'pulled.db');
    const lost = failedOutcome(RECORDS[11]!);
    const url = await database([...ALL.slice(0, 5), lost], false);
    const counts = async () => {
      const report = await pullStore(url, pulled, NOTHING);
      assert.ok(report.kind === 'merged');
      const { addedVerdicts, knownVerdicts, addedFailures, addedRuns, isRunning } = report.sources[0]!;
      return { addedVerdicts, knownVerdicts, addedFailures, addedRuns, isRunning };
    };
    const none = { addedVerdicts: 0, knownVerdicts: 5, addedFailures: 0, addedRuns: 0, isRunning: true };
    assert.deepEqual(await counts(), { ...none, addedVerdicts: 5, knownVerdicts: 0, addedFailures: 1, addedRuns: 1 });
    assert.deepEqual(await counts(), none);
    await judge(url, ALL);
    const { addedVerdicts, knownVerdicts } = await counts();
    assert.deepEqual({ addedVerdicts, knownVerdicts }, { addedVerdicts: 7, knownVerdicts: 5 });
    await using copy = await openVerdictStore(pulled, { mode: 'read' });
    assert.deepEqual(await copy.check(), []);
    assert.equal((await copy.sweeps())[0]?.errorCount, 0);
  });

  test('is refused whole where the file has another verdict of the same key', async (t) => {
    const pulled = join(temporaryFolder(t), 'pulled.db');
    await judge(pulled, [syntheticOutcome(RECORDS[0]!, 2)]);
    const report = await pullStore(await database(ALL), pulled, NOTHING);
    assert.ok(report.kind === 'refused');
    assert.deepEqual(
      report.conflicts.map(({ kind, one }) => [kind, one.location]),
      [['verdict', pulled]],
    );
    await using copy = await openVerdictStore(pulled, { mode: 'read' });
    assert.equal((await copy.sweeps())[0]?.pendingCount, 11);
  });

  test('is refused where the database is damaged, and no file is made', async (t) => {
    const pulled = join(temporaryFolder(t), 'pulled.db');
    const url = await database(ALL);
    await server.query(url, 'UPDATE sweep.verdicts SET duration_ms = duration_ms + 1 WHERE id = 3');
    await assert.rejects(pullStore(url, pulled, NOTHING), userError(/damaged \(.*nothing was pulled/));
    assert.equal(existsSync(pulled), false);
  });

  test('is refused where nothing is, with what makes it', async (t) => {
    const pulled = join(temporaryFolder(t), 'pulled.db');
    await assert.rejects(
      pullStore(await server.createDatabase(), pulled, NOTHING),
      userError(/holds no sweep store.*sweep db init/),
    );
    assert.equal(existsSync(pulled), false);
  });
});
