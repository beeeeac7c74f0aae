import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { MIGRATIONS } from '../../../src/store/postgres/migrations/index.ts';
import type { Migration } from '../../../src/store/postgres/migrations/migration.ts';
import { initPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { explain } from '../../../src/store/postgres/postgres-errors.ts';
import { OtherSchema, SCHEMA_VERSION } from '../../../src/store/postgres/schema.ts';
import { asNumber } from '../../../src/store/sql/values.ts';
import { UserError } from '../../../src/user-error.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { userError } from '../../support/user-error.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';

const RECORDS = syntheticConfigurations(3);
const NEXT = SCHEMA_VERSION + 1;
const LAST = NEXT + 1;

/** As a next version of the program could have them: a column, made of what is there; and a table. */
const NEXT_MIGRATIONS: readonly Migration[] = [
  ...MIGRATIONS,
  {
    version: NEXT,
    *up(connection) {
      yield* connection.run('ALTER TABLE verdicts ADD COLUMN doubled double precision');
      for (const [id, duration] of yield* connection.all('SELECT id, duration_ms FROM verdicts')) {
        yield* connection.run('UPDATE verdicts SET doubled = ? WHERE id = ?', 2 * asNumber(duration), id!);
      }
    },
  },
  {
    version: LAST,
    *up(connection) {
      yield* connection.run('CREATE TABLE newer (id bigint)');
    },
  },
];

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres();
});
after(async () => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  url = await server.createDatabase();
  assert.deepEqual(await initPostgresStore(url), { from: 0, to: SCHEMA_VERSION });
});

function says(text: string): RegExp {
  return new RegExp(text.replaceAll('.', '\\.'));
}

async function schemaOf(): Promise<unknown> {
  return Number((await server.query(url, 'SELECT schema FROM sweep.store'))[0]![0]);
}

async function judgeOne(i: number): Promise<void> {
  await using store = await openVerdictStore(url, { mode: 'write' });
  await store.record(await beginSyntheticRun(store, RECORDS), [syntheticOutcome(RECORDS[i]!)]);
}

describe('tables of an older version', () => {
  test('are refused by whoever works with them, with what brings them forward, and stay as they are', async () => {
    const asked = initPostgresStore(url, 'refuse', NEXT_MIGRATIONS);
    await assert.rejects(
      asked,
      userError(
        says(
          `has schema ${SCHEMA_VERSION}, this version needs ${LAST}: made by an older version. Bring it forward with sweep db init`,
        ),
      ),
    );
    assert.equal(await schemaOf(), SCHEMA_VERSION);
  });

  test('are brought forward step by step, with what they hold, once', async () => {
    await judgeOne(0);
    const [[version]] = (await server.query(url, 'SELECT version FROM sweep.store')) as [[string]];
    assert.deepEqual(await initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS), {
      from: SCHEMA_VERSION,
      to: LAST,
    });
    assert.deepEqual(await server.query(url, 'SELECT doubled = 2 * duration_ms FROM sweep.verdicts'), [[true]]);
    assert.deepEqual(await server.query(url, 'SELECT * FROM sweep.newer'), []);
    assert.equal(await schemaOf(), LAST);
    const [[later]] = (await server.query(url, 'SELECT version FROM sweep.store')) as [[string]];
    assert.ok(Number(later) > Number(version), 'who follows the store is told');
    const again = await initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS);
    assert.deepEqual(again, { from: LAST, to: LAST });
  });

  test('stay whole as they were when a step fails, and the same goes again when it does not', async () => {
    await judgeOne(0);
    const failing = NEXT_MIGRATIONS.with(-1, {
      version: LAST,
      *up(connection) {
        yield* connection.run('CREATE TABLE newer (id bigint)');
        throw new Error('a bug of this step');
      },
    });
    await assert.rejects(initPostgresStore(url, 'bring forward', failing), /a bug of this step/);
    assert.equal(await schemaOf(), SCHEMA_VERSION);
    await judgeOne(1);
    await assert.rejects(server.query(url, 'SELECT doubled FROM sweep.verdicts'), /does not exist/);
    await initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS);
    assert.deepEqual(await server.query(url, 'SELECT count(doubled)::int FROM sweep.verdicts'), [[2]]);
  });

  test('are brought forward by one of those who come at the same moment', async () => {
    const changes = await Promise.all(
      Array.from({ length: 3 }, () => initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS)),
    );
    assert.deepEqual(changes.map(({ from }) => from).sort(), [SCHEMA_VERSION, LAST, LAST]);
  });

  test('wait for a writer, whose verdicts come along', async () => {
    await judgeOne(0);
    const writer = new pg.Client(url);
    await writer.connect();
    await writer.query('BEGIN; UPDATE sweep.store SET version = version + 1');
    const changed = initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS);
    const waiting = "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while ((await server.query(url, waiting))[0]![0] === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.query('UPDATE sweep.verdicts SET duration_ms = 21; COMMIT');
    await writer.end();
    await changed;
    assert.deepEqual(await server.query(url, 'SELECT doubled FROM sweep.verdicts'), [[42]]);
  });
});

describe('a database as it was when its schema was released', () => {
  // `scripts/make-schema-store.ts` made them: twelve configurations, nine judged, one failed, two pending.
  const folder = new URL('../schemas/', import.meta.url);
  const released = readdirSync(folder).filter((name) => name.startsWith('postgres-'));
  const records = syntheticConfigurations(36).slice(0, 12);

  for (const name of released) {
    test(`${name} is brought forward, reads as it did, and its sweep goes on`, async () => {
      const old = await server.createDatabase();
      const client = new pg.Client(old);
      await client.connect();
      await client.query(readFileSync(new URL(name, folder), 'utf8'));
      await client.end();
      const version = Number(/\d+/.exec(name));
      await assert.rejects(openVerdictStore(old, { mode: 'read' }), userError(says(`has schema ${version}`)));
      assert.deepEqual(await initPostgresStore(old, 'bring forward'), { from: version, to: SCHEMA_VERSION });
      await using store = await openVerdictStore(old, { mode: 'write' });
      assert.deepEqual(await store.check(), []);
      // No folder of the machine where it was made.
      assert.equal((await store.sweep('synthetic'))!.data.dataRoot, '/data');
      for (const record of records.slice(0, 9)) {
        const found = await store.find(record.id);
        assert.ok(found.kind === 'completed');
        assert.deepEqual(found.result, syntheticOutcome(record).result);
      }
      const counts = async () => {
        const { judged, failed, pendingCount } = await store.outcomes({ sweep: 'synthetic' });
        return [judged.length, failed.length, pendingCount];
      };
      assert.deepEqual(await counts(), [9, 1, 2]);
      const run = await beginSyntheticRun(store, records);
      await store.record(
        run,
        records.slice(8).map((record) => syntheticOutcome(record)),
      );
      assert.deepEqual(await counts(), [12, 0, 0]);
      const facts = await store.ranked!.facts({ sweep: 'synthetic' });
      assert.deepEqual([facts.judgedCount, facts.failedCount, facts.conflicts], [12, 0, []]);
    });
  }

  test('there is one of every schema but the newest', () => {
    const numbers = released.map((name) => Number(/\d+/.exec(name)));
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      MIGRATIONS.slice(0, -1).map(({ version }) => version),
    );
  });
});

describe('tables of a newer version', () => {
  test('are refused by whoever opens them, or has them open: nothing is read or written in them', async () => {
    await judgeOne(0);
    await using writer = await openVerdictStore(url, { mode: 'write', waitMs: 60_000 });
    await using reader = await openVerdictStore(url, { mode: 'read' });
    const run = await beginSyntheticRun(writer, RECORDS);
    await initPostgresStore(url, 'bring forward', NEXT_MIGRATIONS);
    const newer = userError(
      says(
        `has schema ${LAST}, this version knows up to ${SCHEMA_VERSION}: made by a newer version. Update this program`,
      ),
    );
    await assert.rejects(writer.record(run, [syntheticOutcome(RECORDS[1]!)]), newer);
    await assert.rejects(reader.outcomes(), newer);
    await assert.rejects(
      reader.atOneMoment(() => reader.outcomes()),
      newer,
    );
    await assert.rejects(openVerdictStore(url, { mode: 'read' }), newer);
    await assert.rejects(initPostgresStore(url, 'bring forward'), newer);
    assert.deepEqual(await server.query(url, 'SELECT count(*)::int FROM sweep.verdicts'), [[1]]);
  });

  test('and those of an older one are told apart', () => {
    const told = [new OtherSchema(3, 1), new OtherSchema(1, 2)].map((error) => explain('postgres://db/sweeps', error));
    assert.ok(told.every((error) => error instanceof UserError));
    assert.match(String(told[0]), /has schema 3, .*Update this program/);
    assert.match(String(told[1]), /has schema 1, .*sweep db init/);
  });
});

test('the numbers of migrations are 1, 2, 3, …', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ version }) => version),
    MIGRATIONS.map((_, i) => i + 1),
  );
});
