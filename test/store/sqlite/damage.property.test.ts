import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { METRIC_COLUMNS } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { JudgedConfiguration } from '../../../src/store/records.ts';
import { UserError } from '../../../src/user-error.ts';
import { randomFrom } from '../../support/random.ts';
import { SYNTHETIC_RUN, syntheticConfigurations, syntheticDataset, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TRIES = 200;

test('a store with a flipped byte shows what was recorded or says in one line that it is damaged', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'sweeps.db');
  const records = syntheticConfigurations(60).slice(0, 20);
  const recorded = new Map<string, JudgedConfiguration>();
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await store.beginRun(SYNTHETIC_RUN);
    await store.enrol(runId, syntheticDataset(), records);
    await store.record(
      runId,
      records.map((record) => syntheticOutcome(record)),
    );
    const { judged } = await store.outcomes({ metrics: METRIC_COLUMNS });
    for (const verdict of judged) recorded.set(verdict.configurationId, verdict);
  }
  const sound = readFileSync(path);
  const counts = { sound: 0, refused: 0 };
  for (let seed = 1; seed <= TRIES; seed += 1) {
    const random = randomFrom(seed);
    const bytes = Buffer.from(sound);
    const at = random.integer(0, bytes.length - 1);
    bytes[at]! ^= 1 << random.integer(0, 7);
    writeFileSync(path, bytes);
    try {
      await using store = await openVerdictStore(path, { mode: 'read' });
      const { judged } = await store.outcomes({ metrics: METRIC_COLUMNS });
      for (const verdict of judged) assertAsRecorded(verdict, recorded, `seed ${seed}`);
      for (const record of records) {
        const found = await store.find(record.id);
        const outcome = syntheticOutcome(record);
        assert.deepEqual(found.kind === 'completed' && found.result, outcome.result, `seed ${seed}`);
        assert.deepEqual(found.kind === 'completed' && found.dailyLosses, outcome.dailyLosses, `seed ${seed}`);
      }
      counts.sound += 1;
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`seed ${seed}, byte ${at}`, { cause: error });
      assert.doesNotMatch(error.message, /\n/);
      counts.refused += 1;
    }
  }
  // Much of a file is room for more.
  assert.ok(counts.refused > 10 && counts.sound > 10, JSON.stringify(counts));
});

test('a number changed behind the store is noticed wherever it is shown', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const [record] = syntheticConfigurations(3);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await store.beginRun(SYNTHETIC_RUN);
    await store.enrol(runId, syntheticDataset(), [record!]);
    await store.record(runId, [syntheticOutcome(record!)]);
  }
  const sound = readFileSync(path);
  for (const change of [
    'UPDATE verdicts SET tune_auc = tune_auc + 1e-9',
    'UPDATE verdicts SET checks_passed = 8 - checks_passed',
    'UPDATE verdicts SET passed = 1 - passed',
    'UPDATE verdicts SET duration_ms = 1',
    'UPDATE configurations SET regressor_alpha = 0.5',
    'UPDATE configurations SET huber_epsilon = 1.36',
    `UPDATE datasets SET ages_minutes = '[3,5]'`,
    'UPDATE datasets SET row_count = 1',
    `UPDATE code_versions SET name = '0.1.1'`,
  ]) {
    writeFileSync(path, sound);
    alter(path, change);
    await using store = await openVerdictStore(path, { mode: 'read' });
    await assert.rejects(store.outcomes(), /damaged \(the verdict of [0-9a-f]+ differs from its checksum\)/, change);
    // One verdict in full is made of its documents; of the narrow row it shows the duration.
    if (!/verdicts SET (tune|checks|passed)/.test(change))
      await assert.rejects(store.find(record!.id), /damaged/, change);
    assert.ok((await store.check()).length > 0, change);
  }
  writeFileSync(path, sound);
  alter(path, `UPDATE configurations SET canonical = replace(canonical, '1.1', '1.2')`);
  {
    await using store = await openVerdictStore(path, { mode: 'read' });
    await assert.rejects(store.find(record!.id), /damaged \(configuration [0-9a-f]+ differs from its checksum\)/);
    assert.equal((await store.check()).length, 1);
  }
  for (const change of [
    `UPDATE verdict_documents SET result = replace(result, '0.9', '0.8')`,
    'UPDATE verdict_documents SET daily_losses = zeroblob(9)',
    'DELETE FROM verdict_documents',
  ]) {
    writeFileSync(path, sound);
    alter(path, change);
    await using store = await openVerdictStore(path, { mode: 'read' });
    await assert.rejects(store.find(record!.id), /damaged \(the documents of verdict 1 /, change);
    assert.ok((await store.check()).length > 0, change);
  }
});

test('a metric changed behind the store is noticed wherever it is read', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const records = syntheticConfigurations(6).slice(0, 2);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await store.beginRun(SYNTHETIC_RUN);
    await store.enrol(runId, syntheticDataset(), records);
    await store.record(
      runId,
      records.map((record) => syntheticOutcome(record)),
    );
  }
  const sound = readFileSync(path);
  for (const column of METRIC_COLUMNS) {
    writeFileSync(path, sound);
    const other = column.type === 'TEXT' ? "'stalled'" : `coalesce(${column.name}, 1) + 1`;
    alter(path, `UPDATE verdict_metrics SET ${column.name} = ${other} WHERE verdict_id = 2`);
    await using store = await openVerdictStore(path, { mode: 'read' });
    const { judged } = await store.outcomes();
    const differs = /damaged \(the metrics (long|short)_\w+ of [0-9a-f]+ differ from their checksum\)/;
    await assert.rejects(store.outcomes({ metrics: [column] }), differs, column.name);
    await assert.rejects(store.pages({ metrics: METRIC_COLUMNS })[Symbol.asyncIterator]().next(), differs, column.name);
    if (column.type === 'TEXT') await assert.rejects(store.unconvergedFits(judged), differs, column.name);
    assert.match((await store.check()).join(), /the metrics \w+ of verdict 2 differ from their checksum/);
  }
  for (const change of [
    'DELETE FROM verdict_metrics WHERE verdict_id = 1',
    'PRAGMA foreign_keys = OFF; UPDATE verdict_metrics SET verdict_id = 3 - verdict_id + 10; UPDATE verdict_metrics SET verdict_id = verdict_id - 10',
  ]) {
    writeFileSync(path, sound);
    alter(path, change);
    await using store = await openVerdictStore(path, { mode: 'read' });
    const { judged } = await store.outcomes();
    await assert.rejects(store.outcomes({ metrics: METRIC_COLUMNS.slice(0, 1) }), /damaged/, change);
    await assert.rejects(store.unconvergedFits(judged), /damaged/, change);
    assert.notDeepEqual(await store.check(), [], change);
  }
});

function alter(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function assertAsRecorded(
  verdict: JudgedConfiguration,
  recorded: ReadonlyMap<string, JudgedConfiguration>,
  message: string,
): void {
  const { dataset, ...numbers } = verdict;
  const { dataset: recordedDataset, ...recordedNumbers } = recorded.get(verdict.configurationId)!;
  assert.deepEqual(numbers, recordedNumbers, message);
  // Where the data lies is no part of a verdict, and may change.
  assert.deepEqual(
    { ...dataset, dataRoot: '', baselineRunId: '' },
    { ...recordedDataset, dataRoot: '', baselineRunId: '' },
  );
}
