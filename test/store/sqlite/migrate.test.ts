import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { METRIC_COLUMNS, METRIC_GROUPS } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import type { Migration } from '../../../src/store/sqlite/migrations/migration.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { SYNTHETIC_RUN, syntheticConfigurations, syntheticDataset, syntheticOutcome } from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SCHEMAS = fileURLToPath(new URL('../schemas/', import.meta.url));

// A later version of this program, as far as the store is concerned.
const ADD_NOTES: Migration = {
  version: MIGRATIONS.length + 1,
  up: (connection) => connection.exec('ALTER TABLE verdicts ADD COLUMN note TEXT; UPDATE verdicts SET note = run_id'),
};
const LATER: readonly Migration[] = [...MIGRATIONS, ADD_NOTES];

describe('migrations', () => {
  test('are numbered 1, 2, 3, …', () => {
    assert.deepEqual(
      MIGRATIONS.map((migration) => migration.version),
      MIGRATIONS.map((_, i) => i + 1),
    );
  });

  test('lead to a column for each metric and a checksum for each group, named and typed as the lists say', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    await (await openVerdictStore(path, { mode: 'write' })).close();
    const database = new DatabaseSync(path, { readOnly: true });
    const columns = database.prepare('PRAGMA table_info(verdict_metrics)').all();
    database.close();
    assert.deepEqual(
      columns.slice(1).map(({ name, type }) => [name, type]),
      [
        ...METRIC_COLUMNS.map(({ name, type }) => [name, type]),
        ...METRIC_GROUPS.map(({ name }) => [`${name}_checksum`, 'INTEGER']),
      ],
    );
  });

  for (const mode of ['read', 'write'] as const) {
    test(`opened to ${mode}, an older store is brought forward, after a copy was put beside it`, async (t) => {
      const path = await storeOfTwo(temporaryFolder(t));
      (await openDatabase(path, { mode }, LATER)).close();
      assert.deepEqual(query(path, 'SELECT note FROM verdicts'), [{ note: '1' }, { note: '1' }]);
      assert.deepEqual(query(path, 'PRAGMA user_version'), [{ user_version: LATER.length }]);
      const backup = `${path}.schema-${MIGRATIONS.length}.backup`;
      assert.deepEqual(query(backup, 'PRAGMA user_version'), [{ user_version: MIGRATIONS.length }]);
      await using store = await openVerdictStore(backup, { mode: 'read' });
      assert.equal((await store.outcomes()).judged.length, 2);
    });
  }

  test('that fail leave the store as it was, and the copy beside it', async (t) => {
    const path = await storeOfTwo(temporaryFolder(t));
    const broken: Migration = {
      version: LATER.length,
      up: (connection) => connection.exec('DELETE FROM verdict_documents; ALTER TABLE verdicts DROP COLUMN nothing'),
    };
    await assert.rejects(openDatabase(path, { mode: 'write' }, [...MIGRATIONS, broken]), /nothing/);
    await using store = await openVerdictStore(path, { mode: 'write' });
    assert.equal((await store.outcomes()).judged.length, 2);
    assert.deepEqual(await store.check(), []);
    assert.ok(existsSync(`${path}.schema-${MIGRATIONS.length}.backup`));
  });

  test('never overwrite a copy', async (t) => {
    const folder = temporaryFolder(t);
    const path = await storeOfTwo(folder);
    writeFileSync(`${path}.schema-${MIGRATIONS.length}.backup`, 'of another day');
    (await openDatabase(path, { mode: 'write' }, LATER)).close();
    assert.equal(readFileSync(`${path}.schema-${MIGRATIONS.length}.backup`, 'utf8'), 'of another day');
    assert.ok(readdirSync(folder).includes(`sweeps.db.schema-${MIGRATIONS.length}.backup-2`));
  });

  test('a store whose tables were changed by another program is refused', async (t) => {
    for (const [change, message] of [
      ['CREATE TRIGGER t AFTER INSERT ON verdicts BEGIN SELECT 1; END', /it has a trigger "t", which is not ours/],
      ['ALTER TABLE verdicts RENAME COLUMN tune_auc TO auc', /its table "verdicts" is not as we made it/],
      ['DROP TABLE failures', /its table "failures" is missing/],
    ] as const) {
      const path = await storeOfTwo(temporaryFolder(t));
      exec(path, change);
      await assert.rejects(openVerdictStore(path, { mode: 'read' }), message);
      await assert.rejects(openVerdictStore(path, { mode: 'write' }), message);
    }
  });

  test("someone's own indexes and views do no harm", async (t) => {
    const path = await storeOfTwo(temporaryFolder(t));
    exec(path, 'CREATE INDEX mine ON verdicts (tune_auc); CREATE VIEW best AS SELECT * FROM verdicts; ANALYZE');
    await using store = await openVerdictStore(path, { mode: 'write' });
    assert.equal((await store.outcomes()).judged.length, 2);
  });
});

describe('a store of each schema that was ever released', () => {
  const released = readdirSync(SCHEMAS).filter((name) => name.endsWith('.db'));

  test('is kept, one for each schema', () => {
    assert.deepEqual(
      released.sort(),
      MIGRATIONS.map(({ version }) => `schema-${version}.db`),
    );
  });

  for (const name of released) {
    test(`${name} opens, is sound, and its sweep goes on`, async (t) => {
      const path = join(temporaryFolder(t), name);
      cpSync(join(SCHEMAS, name), path);
      await using store = await openVerdictStore(path, { mode: 'write' });
      assert.deepEqual(await store.check(), []);
      assert.equal((await store.outcomes({ metrics: METRIC_COLUMNS })).judged.length, 9);
      const [sweep] = await store.sweeps();
      assert.deepEqual([sweep!.configurationCount, sweep!.failedCount, sweep!.pendingCount], [12, 1, 2]);
      const { judged, failed } = await store.outcomes({ sweep: sweep!.name });
      const known = new Set([...judged, ...failed].map((outcome) => outcome.configurationId));
      const open = syntheticConfigurations(36)
        .slice(0, 12)
        .filter((record) => !known.has(record.id));
      assert.equal(open.length, 2);
      const runId = await store.beginRun({ ...SYNTHETIC_RUN, sweepName: sweep!.name });
      await store.enrol(runId, syntheticDataset(), open);
      await store.record(
        runId,
        open.map((record) => syntheticOutcome(record)),
      );
      assert.equal((await store.sweeps())[0]!.pendingCount, 0);
    });
  }
});

async function storeOfTwo(folder: string): Promise<string> {
  const path = join(folder, 'sweeps.db');
  await using store = await openVerdictStore(path, { mode: 'write' });
  const records = syntheticConfigurations(6).slice(0, 2);
  const runId = await store.beginRun(SYNTHETIC_RUN);
  await store.enrol(runId, syntheticDataset(), records);
  await store.record(
    runId,
    records.map((record) => syntheticOutcome(record)),
  );
  return path;
}

function exec(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function query(path: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}
