import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { explain } from '../../../src/store/postgres/postgres-errors.ts';
import { UserError } from '../../../src/user-error.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { ask, refusalIn } from '../../support/sweep-command.ts';
import { userError } from '../../support/user-error.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';

const RECORDS = syntheticConfigurations(4);
const OUTCOMES = RECORDS.map((record) => syntheticOutcome(record));
const PATIENT = { mode: 'write', waitMs: 60_000 } as const;

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres({ withPassword: ['her'] });
  await server.query(server.urlOf('postgres'), "CREATE ROLE her LOGIN PASSWORD 'known to her'");
});
after(async () => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  url = await server.createStore();
});

/** Has the server end statements that put rows into a table of the store with an error, for so many times. */
async function fails(table: string, code: string, message: string, times = 1000): Promise<void> {
  const raise = `RAISE EXCEPTION '${message}' USING ERRCODE = '${code}';`;
  await server.query(url, 'CREATE SEQUENCE public.failed');
  await server.query(
    url,
    `CREATE FUNCTION public.fails() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN IF nextval('public.failed') <= ${times} THEN ${raise} END IF; RETURN NEW; END $$`,
  );
  await server.query(
    url,
    `CREATE TRIGGER fails BEFORE INSERT ON sweep.${table} FOR EACH ROW EXECUTE FUNCTION public.fails()`,
  );
}

describe('a login that is refused is one line that says what to check', () => {
  const as = (role: string) => url.replace('postgres@', `${role}@`);

  async function refusal(asked: string, password?: string): Promise<string> {
    const known = process.env['PGPASSWORD'];
    try {
      if (password !== undefined) process.env['PGPASSWORD'] = password;
      const refused = await ask(['list', '--db', asked]);
      assert.equal(refused.code, 2, refused.stderr);
      assert.equal(refused.stderr.trim().split('\n').length, 1, refused.stderr);
      return refusalIn(refused);
    } finally {
      if (known === undefined) delete process.env['PGPASSWORD'];
      else process.env['PGPASSWORD'] = known;
    }
  }

  test('a wrong password, which is not repeated', async () => {
    const said = await refusal(as('her'), 'guessed wrong');
    assert.match(said, /refused the login \(password authentication failed for user "her"\)\. Check user and password/);
    assert.doesNotMatch(said, /guessed/);
  });

  test('no password where one is asked for', async () => {
    assert.match(await refusal(as('her')), /asks for a password\. Give it by PGPASSWORD or a password file/);
    assert.match(await refusal(as('her'), ''), /asks for a password\. Give it by PGPASSWORD or a password file/);
  });

  test('a role that is not there', async () => {
    assert.match(await refusal(as('nobody')), /refused the login \(role "nobody" does not exist\)\. Check user/);
  });

  test('a database that is not there', async () => {
    assert.match(
      await refusal(server.urlOf('elsewhere')),
      /database "elsewhere" does not exist\. Make it with createdb/,
    );
  });
});

describe('what goes wrong in a server while a host stores', () => {
  test('a disk that is full is told, nothing of the record is stored, and a sweep continues when there is room', async () => {
    await using store = await openVerdictStore(url, PATIENT);
    const run = await beginSyntheticRun(store, RECORDS);
    await store.record(run, OUTCOMES.slice(0, 1));
    await fails('verdict_documents', '53100', 'could not extend file: No space left on device');
    await assert.rejects(
      store.record(run, OUTCOMES),
      userError(/^postgres:.*: no space left on the server\. Free some/),
    );
    assert.equal((await store.outcomes()).judged.length, 1);
    await server.query(url, 'DROP TRIGGER fails ON sweep.verdict_documents');
    const counts = await store.record(run, OUTCOMES);
    assert.deepEqual([counts.completed, counts.ignored], [3, 1]);
    await store.finishRun(run, SYNTHETIC_END, { completed: 4, failed: 0 });
    assert.deepEqual(await store.check(), []);
  });

  for (const [what, code, message] of [
    ['another writer that holds the store', '55P03', 'canceling statement due to lock timeout'],
    ['another transaction that waits for this one, as this one for it', '40P01', 'deadlock detected'],
  ] as const) {
    test(`${what} is waited for by everybody, and each verdict is stored once`, async () => {
      await using store = await openVerdictStore(url, { mode: 'write' });
      const run = await beginSyntheticRun(store, RECORDS);
      await fails('verdicts', code, message, 2);
      assert.deepEqual(await store.record(run, OUTCOMES), { completed: 4, failed: 0, ignored: 0, conflicts: [] });
      assert.deepEqual(await store.check(), []);
    });
  }

  test('a server that is slow for a while is waited for by a host; others are told', async () => {
    const message = 'canceling statement due to statement timeout';
    await using hasty = await openVerdictStore(url, { mode: 'write' });
    await using patient = await openVerdictStore(url, PATIENT);
    const run = await beginSyntheticRun(hasty, RECORDS);
    await fails('verdicts', '57014', message, 2);
    await assert.rejects(
      hasty.record(run, OUTCOMES),
      userError(/did not end a statement in time \(canceling statement due to statement timeout\)\. Look at its load/),
    );
    assert.equal((await patient.record(run, OUTCOMES)).completed, 4);
  });

  test('a writer that holds the store for too long is told to whoever has waited', () => {
    const thrown = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    const told = explain('postgres://db/sweeps', thrown);
    assert.ok(told instanceof UserError && told.cause === thrown);
    assert.match(told.message, /^postgres:\/\/db\/sweeps: others held the store for a minute\. Look who it is/);
  });
});

describe('what one statement may take', () => {
  test('is short where a host stores, with a shorter wait for locks; long where much is removed', async () => {
    await using store = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(store, RECORDS);
    const shown: unknown[] = [];
    await store.record(run, OUTCOMES, async (query) => {
      const settings = 'lock_timeout statement_timeout idle_in_transaction_session_timeout'.split(' ');
      for (const setting of settings) shown.push((await query(`SHOW ${setting}`)).rows[0]);
    });
    assert.deepEqual(shown, [
      { lock_timeout: '5s' },
      { statement_timeout: '7s' },
      { idle_in_transaction_session_timeout: '15s' },
    ]);
    await store.finishRun(run, SYNTHETIC_END, { completed: 4, failed: 0 });
    await server.query(url, 'CREATE TABLE public.shown (setting text)');
    await server.query(
      url,
      `CREATE FUNCTION public.shows() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO public.shown VALUES (current_setting('statement_timeout')); RETURN OLD; END $$`,
    );
    await server.query(url, 'CREATE TRIGGER shows BEFORE DELETE ON sweep.runs EXECUTE FUNCTION public.shows()');
    await store.removeSweep('synthetic');
    assert.deepEqual(await server.query(url, 'SELECT DISTINCT setting FROM shown'), [['599s']]);
  });
});
