import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { METRIC_COLUMNS } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { JudgedConfiguration } from '../../../src/store/records.ts';
import type { VerdictStore } from '../../../src/store/verdict-store.ts';
import { UserError } from '../../../src/user-error.ts';
import { randomFrom } from '../../support/random.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TRIES = 200;

test('a store with a flipped byte shows what was recorded or says in one line that it is damaged', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'sweeps.db');
  const records = syntheticConfigurations(60).slice(0, 8);
  const recorded = new Map<string, JudgedConfiguration>();
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, records);
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

test('a value changed behind the store is noticed wherever it is shown', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const [record, failing] = syntheticConfigurations(6);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, [record!, failing!]);
    const recorded = await store.record(runId, [syntheticOutcome(record!), failedOutcome(failing!)]);
    await store.finishRun(runId, SYNTHETIC_END, recorded);
  }
  const sound = readFileSync(path);
  const changed = async (change: string, check: (store: VerdictStore) => Promise<void>) => {
    writeFileSync(path, sound);
    alter(path, change);
    await using store = await openVerdictStore(path, { mode: 'read' });
    await check(store);
    assert.notDeepEqual(await store.check(), [], change);
  };
  for (const change of [
    'UPDATE verdicts SET tune_auc = tune_auc + 1e-9',
    'UPDATE verdicts SET gates_passed = 8 - gates_passed',
    'UPDATE verdicts SET passed = 1 - passed',
    'UPDATE verdicts SET duration_ms = 1',
    'UPDATE verdicts SET fit_statuses = 1',
    'UPDATE configurations SET regressor_alpha = 0.5',
    'UPDATE configurations SET huber_epsilon = 1.36',
    `UPDATE selections SET ages_minutes = '[3,5]'`,
    'UPDATE contents SET row_count = 1',
    `UPDATE contents SET days = replace(days, '20000', '20001')`,
    `UPDATE codes SET version = '0.1.1'`,
    `UPDATE data SET baseline_run_id = 'eth-2m'`,
    `UPDATE data SET data_root = '/elsewhere'`,
    `UPDATE data SET files = '[]'`,
    `UPDATE data SET hash = 'f'`,
    `UPDATE runs SET sweep_name = 'another'`,
    `UPDATE runs SET definition = '{}'`,
    `UPDATE runs SET started_at = '2025'`,
    `UPDATE runs SET outcome = 'interrupted'`,
    'UPDATE runs SET git_dirty = 1',
  ]) {
    await changed(change, async (store) => {
      await assert.rejects(store.outcomes(), /damaged \(.+ (is|are) not as (it was|they were) stored\)/, change);
      await assert.rejects(store.find(record!.id), /damaged/, change);
    });
  }
  for (const change of [`UPDATE sweeps SET name = 'another'`, `UPDATE sweeps SET definition = '{}'`]) {
    await changed(change, async (store) => {
      await assert.rejects(store.sweeps(), /damaged \(sweep .+ is not as it was stored\)/, change);
    });
  }
  await changed(`UPDATE configurations SET canonical = replace(canonical, '1.1', '1.2')`, async (store) => {
    await assert.rejects(store.find(record!.id), /damaged \(configuration [0-9a-f]+ differs from its id\)/);
  });
  for (const change of [
    'UPDATE verdicts SET digest = zeroblob(32)',
    `UPDATE verdict_documents SET document = replace(document, '0.9', '0.8')`,
    'UPDATE verdict_documents SET losses = zeroblob(9)',
    'DELETE FROM verdict_documents',
  ]) {
    await changed(change, async (store) => {
      await assert.rejects(store.find(record!.id), /damaged \(the documents of verdict 1 /, change);
    });
  }
  await changed('DELETE FROM looks', async (store) => {
    assert.deepEqual(await store.check(), ['1 verdicts are not counted as looks at the locked splits']);
  });
});

test('a damaged index is named by its page', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const records = syntheticConfigurations(6).slice(0, 3);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, records);
    await store.record(
      runId,
      records.map((record) => syntheticOutcome(record)),
    );
  }
  const index = 'sqlite_autoindex_verdicts_1';
  const database = new DatabaseSync(path);
  const { page } = database.prepare('SELECT rootpage AS page FROM sqlite_schema WHERE name = ?').get(index) as {
    page: number;
  };
  const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  database.close();
  const bytes = readFileSync(path);
  // The first two cells of a leaf begin where its header says (eight bytes in): now beyond the page's end.
  bytes.fill(0xff, (page - 1) * pageSize + 8, (page - 1) * pageSize + 12);
  writeFileSync(path, bytes);
  await using store = await openVerdictStore(path, { mode: 'read' });
  const problems = await store.check();
  assert.match(problems[0] ?? '', new RegExp(`page ${page} `), problems.join('; '));
  assert.ok(!problems.some((problem) => /^database disk image/.test(problem)), problems.join('; '));
});

test('a metric changed behind the store is noticed wherever it is read', async (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  const records = syntheticConfigurations(6).slice(0, 2);
  {
    await using store = await openVerdictStore(path, { mode: 'write' });
    const runId = await beginSyntheticRun(store, records);
    await store.record(
      runId,
      records.map((record) => syntheticOutcome(record)),
    );
  }
  const sound = readFileSync(path);
  const random = randomFrom(7);
  for (let i = 0; i < 40; i += 1) {
    writeFileSync(path, sound);
    flipMetricBit(path, random.integer(0, METRIC_COLUMNS.length * 64 - 1));
    await using store = await openVerdictStore(path, { mode: 'read' });
    const differs = /damaged \(the metrics of [0-9a-f]+ are not as they were stored\)/;
    const column = METRIC_COLUMNS[random.integer(0, METRIC_COLUMNS.length - 1)]!;
    await assert.rejects(store.outcomes({ metrics: [column] }), differs);
    await assert.rejects(store.pages({ metrics: METRIC_COLUMNS })[Symbol.asyncIterator]().next(), differs);
    assert.match((await store.check()).join(), /the metrics of [0-9a-f]+ are not as they were stored/);
  }
  for (const change of [
    'DELETE FROM verdict_metrics WHERE verdict_id = 1',
    'PRAGMA foreign_keys = OFF; UPDATE verdict_metrics SET verdict_id = 3 - verdict_id + 10; UPDATE verdict_metrics SET verdict_id = verdict_id - 10',
  ]) {
    writeFileSync(path, sound);
    alter(path, change);
    await using store = await openVerdictStore(path, { mode: 'read' });
    await assert.rejects(store.outcomes({ metrics: METRIC_COLUMNS.slice(0, 1) }), /damaged/, change);
    assert.notDeepEqual(await store.check(), [], change);
  }
});

function flipMetricBit(path: string, bit: number): void {
  const database = new DatabaseSync(path);
  const metrics = database.prepare('SELECT metrics FROM verdict_metrics WHERE verdict_id = 2').get()?.metrics;
  assert.ok(metrics instanceof Uint8Array);
  metrics[bit >> 3]! ^= 1 << (bit & 7);
  database.prepare('UPDATE verdict_metrics SET metrics = ? WHERE verdict_id = 2').run(metrics);
  database.close();
}

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
