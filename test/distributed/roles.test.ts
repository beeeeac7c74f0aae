import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { initDatabase } from '../../src/distributed/init-database.ts';
import { SliceQueue } from '../../src/distributed/queue.ts';
import { readLeaderboards } from '../../src/report/read-leaderboard.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { SCHEMA_VERSION } from '../../src/store/postgres/schema.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_DAYS,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { ask } from '../support/sweep-command.ts';
import { send, work } from '../support/tiny-machines.ts';
import { userError } from '../support/user-error.ts';

const NOBODY = { workers: [], readers: [] };
const RECORDS = syntheticConfigurations(4);

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres();
  for (const role of ['worker', 'reader', 'Stranger "x"']) {
    await server.query(server.urlOf('postgres'), `CREATE ROLE "${role.replaceAll('"', '""')}" LOGIN`);
  }
});
after(async () => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  url = await server.createDatabase();
  await initDatabase(url, { workers: ['worker'], readers: ['reader'] });
});

const as = (role: string) => url.replace('postgres@', `${encodeURIComponent(role)}@`);

/** What a role is refused by the server, in its log. */
function refusals(): string[] {
  return server.log().match(/permission denied.*/g) ?? [];
}

describe("a worker's role", { timeout: 120_000 }, () => {
  test('judges whole sweeps, sealed ones and audits, and is refused nothing that it asks for', async () => {
    const refusedBefore = refusals().length;
    const axes = { agesMinutes: [[3, 5]], regressorKind: ['ridge' as const] };
    await send(url, 'open', { ...axes, ridgeAlpha: [1, 10, 100] });
    await send(url, 'sealed', { ...axes, ridgeAlpha: [1, 1000] }, { seals: true });
    const { completed, failed, conflicts } = await work(as('worker'));
    assert.deepEqual([completed, failed, conflicts], [4, 0, 0]);
    await using store = await openVerdictStore(url, { mode: 'read' });
    const sweeps = await store.sweeps();
    assert.deepEqual(sweeps.map(({ name, pendingCount, sealedCount }) => [name, pendingCount, sealedCount]).sort(), [
      ['open', 0, 0],
      ['sealed', 0, 1],
    ]);
    assert.ok((await store.history()).filter(({ judgedCount }) => judgedCount > 0).length === 2);
    assert.deepEqual(await store.check(), []);
    assert.deepEqual(refusals().slice(refusedBefore), []);
  });

  test('stores failures, verdicts after them, conflicts and days of datasets, and keeps its run', async () => {
    await using owners = await openVerdictStore(url, { mode: 'write' });
    const first = await beginSyntheticRun(owners, RECORDS);
    await owners.record(first, [syntheticOutcome(RECORDS[0]!)]);
    await owners.finishRun(first, SYNTHETIC_END, { completed: 1, failed: 0 });
    await using store = await openVerdictStore(as('worker'), { mode: 'write' });
    const dead = await beginSyntheticRun(store, []);
    await server.query(url, "UPDATE sweep.run_leases SET until = now() - interval '1 second'");
    const run = await beginSyntheticRun(store, []);
    const { agesMinutes, maxRowsPerSplit, contentHash, rowCount } = syntheticDataset();
    await store.datasetBuilt(run, { agesMinutes, maxRowsPerSplit }, { contentHash: contentHash!, rowCount: rowCount! });
    await store.datasetDaysMade(run, { agesMinutes, maxRowsPerSplit }, SYNTHETIC_DAYS);
    for (const outcome of [failedOutcome(RECORDS[1]!), failedOutcome(RECORDS[1]!), syntheticOutcome(RECORDS[1]!)]) {
      await store.record(run, [outcome]);
    }
    const { conflicts } = await store.record(run, [syntheticOutcome(RECORDS[0]!, 7), failedOutcome(RECORDS[2]!)]);
    assert.equal(conflicts.length, 1);
    await store.keepRun(run);
    await store.finishRun(run, SYNTHETIC_END, { completed: 1, failed: 1 });
    const outcomes = (await owners.history()).map(({ runId, outcome }) => [runId, outcome]);
    assert.deepEqual(outcomes, [
      [first, 'finished'],
      [dead, 'interrupted'],
      [run, 'finished'],
    ]);
    assert.deepEqual(await owners.check(), []);
  });

  test('is refused by the server what is not its own', async () => {
    await using owners = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(owners, RECORDS);
    await owners.record(run, [syntheticOutcome(RECORDS[0]!)]);
    {
      await using queue = await SliceQueue.open(url, 'coordinator');
      await queue.make('sweep-made');
    }
    const notItsOwn = [
      'DELETE FROM sweep.verdicts',
      'UPDATE sweep.verdicts SET passed = 1',
      'UPDATE sweep.verdict_documents SET document = document',
      'DELETE FROM sweep.verdict_documents',
      'UPDATE sweep.verdict_metrics SET metrics = metrics',
      'DELETE FROM sweep.sealed_verdicts',
      'DELETE FROM sweep.conflicts',
      'UPDATE sweep.locked_looks SET sums = sums',
      'DELETE FROM sweep.looks',
      'UPDATE sweep.runs SET host = host',
      'DELETE FROM sweep.runs',
      'UPDATE sweep.sweeps SET definition = definition',
      'DELETE FROM sweep.sweep_configurations',
      "INSERT INTO sweep.sweeps (name, definition, created_at, seal) VALUES ('', '', '', 0)",
      'UPDATE sweep.store SET schema = 2',
      'UPDATE sweep.codes SET version = version',
      'UPDATE sweep.data SET data_root = data_root',
      "INSERT INTO sweep.notes (verdict_id, kind, text, written_at) VALUES (1, 'tag', '', '')",
      'TRUNCATE sweep.verdicts CASCADE',
      'DROP TABLE sweep.verdicts CASCADE',
      'DROP SCHEMA sweep CASCADE',
      'ALTER TABLE sweep.verdicts ADD COLUMN other bigint',
      'CREATE TABLE sweep.other (id bigint)',
      'CREATE TABLE pgboss.other (id bigint)',
      'CREATE FUNCTION sweep.other() RETURNS bigint LANGUAGE sql AS $$ SELECT 1 $$',
      'SELECT pgboss.create_queue(\'other\', \'{"policy": "standard"}\')',
      "SELECT pgboss.delete_queue('sweep-made')",
      'INSERT INTO pgboss.queue SELECT * FROM pgboss.queue',
      'DELETE FROM pgboss.queue',
      'UPDATE pgboss.queue SET retry_limit = 0',
      'UPDATE pgboss.version SET version = 0',
      'DROP TABLE pgboss.job',
      'CREATE ROLE other',
    ];
    for (const sql of notItsOwn) {
      const asked = server.query(as('worker'), sql);
      await assert.rejects(asked, /permission denied|must be owner/, sql);
    }
    await using store = await openVerdictStore(as('worker'), { mode: 'write' });
    await assert.rejects(
      store.removeSweep('synthetic'),
      userError(/permission denied for .*Grant it, or come as a role/),
    );
    assert.equal((await owners.outcomes()).judged.length, 1);
  });
});

describe("a reader's role", () => {
  test('reads what the commands read, and changes nothing', async () => {
    await using owners = await openVerdictStore(url, { mode: 'write' });
    await owners.record(await beginSyntheticRun(owners, RECORDS), [syntheticOutcome(RECORDS[0]!)]);
    for (const command of [['report'], ['list', '--db'], ['history', 'synthetic', '--db'], ['status']]) {
      const { code, stderr } = await ask([...command, as('reader')]);
      assert.equal(code, 0, stderr);
    }
    for (const sql of [
      'DELETE FROM sweep.verdicts',
      'UPDATE sweep.store SET version = 0',
      'INSERT INTO sweep.in_flight VALUES (1, 2)',
      'DELETE FROM pgboss.job',
      'UPDATE pgboss.queue SET maintain_on = now()',
    ]) {
      await assert.rejects(server.query(as('reader'), sql), /permission denied/, sql);
    }
  });

  test('reads what the server itself makes of metrics, also where functions are not for everybody', async () => {
    url = await server.createDatabase();
    await server.query(url, 'ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC');
    await initDatabase(url, { workers: [], readers: ['reader'] });
    await using owners = await openVerdictStore(url, { mode: 'write' });
    await owners.record(await beginSyntheticRun(owners, RECORDS), [syntheticOutcome(RECORDS[0]!)]);
    await using store = await openVerdictStore(as('reader'), { mode: 'read' });
    const query = { where: ['tune.brier>0'], sort: 'tune.brier' };
    const [made] = await readLeaderboards(store, { sweep: 'synthetic' }, query, {}, 0);
    assert.equal(made!.rows.length, 1);
    const [[count]] = (await server.query(
      as('reader'),
      'SELECT count(long_market_only_row_count) FROM sweep.verdict_table',
    )) as [[unknown]];
    assert.equal(Number(count), 1);
  });

  test('of nobody who was given none there is nothing to read', async () => {
    const { code, stderr } = await ask(['report', as('Stranger "x"')]);
    assert.equal(code, 2);
    assert.match(stderr, /permission denied for schema sweep\. Grant it, or come as a role that may/);
  });
});

describe('sweep db init', () => {
  const mayDelete = async (role: string) =>
    (await server.query(url, "SELECT has_table_privilege($1, 'sweep.verdicts', 'DELETE')", [role]))[0]?.[0];

  test('again gives exactly the rights of this version, also to those that it is not asked for, and names them', async () => {
    await server.query(
      url,
      'GRANT ALL ON ALL TABLES IN SCHEMA sweep, pgboss TO worker; GRANT CREATE ON SCHEMA sweep TO worker',
    );
    await server.query(url, 'CREATE TABLE sweep.newer (id bigint)');
    const { schema, roles } = await initDatabase(url, NOBODY);
    assert.deepEqual(
      [schema, roles],
      [
        { from: SCHEMA_VERSION, to: SCHEMA_VERSION },
        { workers: ['worker'], readers: ['reader'] },
      ],
    );
    assert.equal(await mayDelete('worker'), false);
    await assert.rejects(server.query(as('worker'), 'CREATE TABLE sweep.other (id bigint)'), /permission denied/);
    assert.deepEqual(await server.query(as('reader'), 'SELECT * FROM sweep.newer'), []);
    const again = await ask(['db', 'init', url]);
    assert.match(again.stdout, /: tables are there; worker may judge; reader may read\n$/);
  });

  test('makes a reader of a worker and back, and takes names that have to be quoted', async () => {
    const odd = 'Stranger "x"';
    const changed = await initDatabase(url, { workers: [odd], readers: ['worker'] });
    assert.deepEqual(changed.roles, { workers: [odd], readers: ['worker', 'reader'] });
    await assert.rejects(server.query(as('worker'), 'DELETE FROM sweep.failures'), /permission denied/);
    assert.deepEqual(await server.query(as(odd), 'DELETE FROM sweep.failures'), []);
    const both = await initDatabase(url, { workers: ['worker'], readers: ['worker'] });
    assert.deepEqual(both.roles, { workers: ['worker', odd], readers: ['reader'] });
  });

  test('by who does not own the tables gives nobody anything', async () => {
    const { roles } = await initDatabase(as('worker'), NOBODY);
    assert.deepEqual(roles, NOBODY);
    const refused = await ask(['db', 'init', as('worker'), '--worker', 'reader']);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /: only postgres, whose tables these are, lets others work with them\. Come as that role/,
    );
  });

  test('names a role that the server does not have, and gives nothing to the others', async () => {
    const asked = initDatabase(url, { workers: ['Stranger "x"', 'absent'], readers: [] });
    await assert.rejects(
      asked,
      userError(/the server has no role "absent"\. Make it there: CREATE ROLE "absent" LOGIN/),
    );
    await assert.rejects(server.query(as('Stranger "x"'), 'SELECT * FROM sweep.store'), /permission denied/);
  });
});
