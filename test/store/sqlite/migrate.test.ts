import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type DailyLosses, MODEL_KEYS } from '../../../src/experiment/results.ts';
import { METRIC_COLUMNS } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { ConfigurationRecord, WholeJudgement } from '../../../src/store/records.ts';
import { SqliteConnection } from '../../../src/store/sqlite/connection.ts';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import type { Migration } from '../../../src/store/sqlite/migrations/migration.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { parseDocument } from '../../../src/store/verdict-document.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticDataset, syntheticOutcome } from '../synthetic.ts';
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

  test('and a new store come to the same: tables, and what stands in them', async (t) => {
    const path = join(temporaryFolder(t), 'new.db');
    await (await openVerdictStore(path, { mode: 'write' }))[Symbol.asyncDispose]();
    const made = new DatabaseSync(path);
    const migrated = new DatabaseSync(':memory:');
    for (const { up } of MIGRATIONS) up(new SqliteConnection(migrated));
    // The name of who writes first is his own.
    for (const database of [made, migrated]) database.exec("UPDATE store SET session = ''");
    const [found, expected] = [contentsOf(made), contentsOf(migrated)];
    made.close();
    migrated.close();
    assert.ok(expected.size > 20 && [...expected.values()].some((rows) => rows.length > 0));
    assert.deepEqual(found, expected);
    assert.deepEqual(query(path, 'PRAGMA user_version'), [{ user_version: MIGRATIONS.length }]);
  });

  test('lead to a view with a column for each metric, which says what was recorded', async (t) => {
    const path = await storeOfTwo(temporaryFolder(t));
    const [row, ...others] = query(path, 'SELECT * FROM verdict_table ORDER BY configuration_id');
    assert.equal(others.length, 1);
    const { result } = syntheticOutcome(TWO.find(({ id }) => id === row?.configuration_id)!);
    for (const column of METRIC_COLUMNS) assert.equal(row?.[column.name], column.valueOf(result), column.name);
    assert.deepEqual([row?.baseline_run_id, row?.made_by_sweep], ['btc-2m', 'synthetic']);
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
      ['ALTER TABLE failures RENAME COLUMN attempts TO tries', /its table "failures" is not as we made it/],
      ['DROP TABLE notes', /its table "notes" is missing/],
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
    test(`${name} opens with every verdict as it was, is sound, and its sweep goes on`, async (t) => {
      const path = join(temporaryFolder(t), name);
      cpSync(join(SCHEMAS, name), path);
      const before = verdictsIn(path);
      assert.equal(before.size, 9);
      await using store = await openVerdictStore(path, { mode: 'write' });
      assert.deepEqual(await store.check(), []);
      const twelve = syntheticConfigurations(36).slice(0, 12);
      const { judged, failed } = await store.outcomes({ sweep: 'synthetic', metrics: METRIC_COLUMNS });
      assert.deepEqual([judged.length, failed.length], [9, 1]);
      for (const verdict of judged) {
        const record = twelve.find(({ id }) => id === verdict.configurationId)!;
        const { result, verdict: words, durationMs } = before.get(record.id)!;
        const found = await store.find(record.id);
        assert.ok(found.kind === 'completed');
        assert.deepEqual(found.result, result);
        assert.deepEqual(found.verdict, words);
        assert.deepEqual(found.configuration, record.configuration);
        assert.equal(found.durationMs, durationMs);
        assert.equal(found.dailyLosses.length, 12);
        for (const [i, column] of METRIC_COLUMNS.entries()) assert.equal(verdict.metrics[i], column.valueOf(result));
      }
      // Schema 4 was the first that has days; what came later is not made up for them.
      const days = await store.datasetDays({ sweep: 'synthetic' });
      const hasCells = days.flatMap(({ days: { parts } }) => parts.map((part) => part.pairCells !== undefined));
      assert.deepEqual(hasCells, name < 'schema-4.db' ? [] : [name >= 'schema-5.db']);
      // Looks are made of the verdicts that are there.
      const { looks } = await store.lockedLooks();
      assert.equal(looks.length, 2 * 9);
      for (const { configurationId, split, sums } of looks) {
        const found = await store.find(configurationId);
        assert.ok(found.kind === 'completed');
        const ofSplit = found.dailyLosses.filter((losses) => losses.split === split);
        const inOrder = MODEL_KEYS.flatMap((key) => [
          ...ofSplit.find(({ modelKey }) => modelKey === key)!.absErrorSums,
        ]);
        assert.deepEqual([...sums], inOrder);
      }
      const [sweep] = await store.sweeps();
      assert.deepEqual([sweep!.configurationCount, sweep!.errorCount, sweep!.pendingCount], [12, 1, 2]);
      const [run] = await store.history('synthetic');
      assert.deepEqual([run!.judgedCount, run!.errorCount, run!.outcome], [9, 1, 'interrupted']);
      // By the code and on the data that the store knows, nothing is judged again.
      const { code, data } = run!;
      const runId = await beginSyntheticRun(store, twelve, { code, data });
      const known = await store.outcomesOf(runId, syntheticDataset());
      const open = twelve.filter(({ id }) => !known.has(id));
      assert.deepEqual([known.size, open.length], [10, 2]);
      const outcomes = open.map((record) => ({ ...syntheticOutcome(record), dailyLosses: lossesLike(record, name) }));
      await store.record(runId, outcomes);
      assert.equal((await store.sweeps())[0]!.pendingCount, 0);
      // Other code judges everything again, and the earlier verdicts stay.
      await beginSyntheticRun(store, twelve, { code: { hash: 'beef', version: '0.3.0' } });
      const [later] = await store.sweeps();
      assert.deepEqual([later!.pendingCount, later!.earlier.map(({ count }) => count)], [12, [11]]);
      assert.deepEqual(await store.check(), []);
    });
  }

  test('with a number that was changed behind it is not brought forward, and stays as it is', async (t) => {
    for (const change of [
      'UPDATE verdicts SET duration_ms = 1 WHERE id = 3',
      'UPDATE configurations SET regressor_alpha = 7',
      `UPDATE verdict_documents SET result = replace(result, '0.9', '0.8')`,
      'UPDATE datasets SET row_count = 1',
    ]) {
      const path = join(temporaryFolder(t), 'old.db');
      cpSync(join(SCHEMAS, 'schema-2.db'), path);
      exec(path, change);
      await assert.rejects(
        openVerdictStore(path, { mode: 'write' }),
        /old\.db: damaged \(.+ differs? from (its|their) /,
        change,
      );
      assert.deepEqual(query(path, 'PRAGMA user_version'), [{ user_version: 2 }]);
    }
  });
});

/** As a run on the same data would have them: stores up to schema 2 were made with the same rows on both sides. */
function lossesLike(record: ConfigurationRecord, name: string): readonly DailyLosses[] {
  const losses = syntheticOutcome(record).dailyLosses;
  if (name > 'schema-2.db') return losses;
  return losses.map((entry) => ({
    ...entry,
    rowCounts: entry.rowCounts.map((_, day) => 2000 + (entry.days[day]! % 7) * 31),
  }));
}

/** What the tables of a released store hold, read apart from the program: what it was made of has changed since. */
function verdictsIn(
  path: string,
): ReadonlyMap<string, Pick<WholeJudgement, 'result' | 'verdict'> & { durationMs: number }> {
  const isOld = query(path, 'PRAGMA user_version')[0]?.user_version as number;
  const documents = isOld < 3 ? 'result, verdict' : 'document';
  const rows = query(
    path,
    `SELECT configurations.configuration_id AS id, duration_ms, ${documents} FROM verdicts
     JOIN verdict_documents ON verdict_documents.verdict_id = verdicts.id
     JOIN configurations ON configurations.id = verdicts.configuration_id`,
  );
  return new Map(
    rows.map(({ id, duration_ms, result, verdict, document }) => {
      const said =
        document === undefined
          ? { result: JSON.parse(String(result)), verdict: JSON.parse(String(verdict)) }
          : parseDocument(JSON.parse(String(document)))!;
      return [String(id), { ...said, durationMs: Number(duration_ms) }];
    }),
  );
}

const TWO = syntheticConfigurations(6).slice(0, 2);

async function storeOfTwo(folder: string): Promise<string> {
  const path = join(folder, 'sweeps.db');
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, TWO);
  await store.record(
    runId,
    TWO.map((record) => syntheticOutcome(record)),
  );
  return path;
}

/** Of a database all that was made in it, by its statement, with the rows of tables. */
function contentsOf(database: DatabaseSync): ReadonlyMap<string, unknown[]> {
  const made = database.prepare('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all();
  return new Map(
    made.map(({ type, name, sql }) => [
      String(sql),
      type === 'table' ? database.prepare(`SELECT * FROM "${name}"`).all() : [],
    ]),
  );
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
