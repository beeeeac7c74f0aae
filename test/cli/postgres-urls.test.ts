import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { ask, refusalIn } from '../support/sweep-command.ts';

const RECORDS = syntheticConfigurations(6);

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

async function judged(): Promise<string> {
  const url = await server.createStore();
  await using store = await openVerdictStore(url, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS, { sweepName: 'common' });
  const recorded = await store.record(
    runId,
    RECORDS.map((record) => syntheticOutcome(record)),
  );
  await store.finishRun(runId, SYNTHETIC_END, recorded);
  return url;
}

describe('a store in PostgreSQL', () => {
  test('is read by the commands that read a file, which say the same of it as of what is pulled', async () => {
    const url = await judged();
    const pulled = await ask(['pull', url, '--db', 'pulled.db']);
    assert.equal(pulled.code, 0, pulled.stderr);
    assert.match(pulled.stdout, /6 new verdicts, 0 already there.*\ncommon: 6 of 6 configurations judged/);
    const again = await ask(['pull', url, '--db', 'pulled.db', '--json']);
    assert.equal(JSON.parse(again.stdout).sources[0].addedVerdicts, 0);
    for (const command of [['report', '--format', 'csv'], ['list', '--json'], ['history', 'common'], ['export']]) {
      const [here, there] = await Promise.all(['pulled.db', url].map((db) => ask([...command, '--db', db])));
      assert.equal(there!.code, 0, there!.stderr);
      assert.ok(there!.stdout.length > 100);
      assert.equal(there!.stdout, here!.stdout, command.join(' '));
    }
    const named = await ask(['report', url, '--format', 'csv']);
    assert.equal(named.stdout, (await ask(['report', '--db', url, '--format', 'csv'])).stdout);
    const id = RECORDS[0]!.id.slice(0, 10);
    const [shown, other] = await Promise.all([url, 'pulled.db'].map((db) => ask(['show', id, '--db', db])));
    assert.deepEqual([shown!.code, shown!.stdout], [0, other!.stdout]);
  });

  test('is one store: two are refused', async () => {
    const refused = await ask(['report', 'a.db', '--db', 'b.db']);
    assert.equal(refused.code, 2);
    assert.match(refusalIn(refused), /report: expected one store, got a\.db and b\.db/);
  });
});

describe('what is refused of a PostgreSQL URL, in one line with exit code 2', () => {
  const REFUSED: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
    ['one without a database', ['report', 'postgres://localhost'], /names no database\. Expected postgres:\/\//],
    ['one that is none', ['list', '--db', 'postgres://[::1'], /no PostgreSQL URL\. Expected postgres:\/\//],
    ['an sslmode that does not exist', ['list', '--db', 'postgres://h/d?sslmode=on'], /sslmode: expected one of/],
    ['no server at it', ['report', 'postgres://127.0.0.1:9/sweeps'], /no answer .*Check that the server runs/],
    ['a host that is none', ['report', 'postgres://nobody.invalid/sweeps'], /no such host/],
    ['as a file to pull into', ['pull', 'postgres://h/d', '--db', 'postgres://h/d'], /expected the file to pull into/],
    ['of status, where it is none but a file', ['status', 'sweeps.db'], /no PostgreSQL URL\. Expected postgres:/],
    ['as a part of a merge', ['merge', 'all.db', 'postgres://h/d'], /expected files\. .* pull URL --db FILE/],
  ];
  for (const [what, args, says] of REFUSED) {
    test(what, async () => {
      const refused = await ask(args);
      assert.equal(refused.code, 2);
      assert.match(refusalIn(refused), says);
      assert.equal(refused.stderr.trim().split('\n').length, 1);
      assert.equal(existsSync('postgres:'), false);
    });
  }

  test('one of a database without our tables, with what makes them', async () => {
    const refused = await ask(['report', await server.createDatabase()]);
    assert.equal(refused.code, 2);
    assert.match(refusalIn(refused), /holds no sweep store\. Make its tables first: sweep db init/);
  });

  const SECRET = 's3cret';
  for (const url of [
    `postgres://me:${SECRET}@h/d`,
    `postgresql://me:${SECRET}/x@h/d`,
    `postgres://me:${SECRET}?x@h/d`,
    `postgres:me:${SECRET}@h/d`,
    `postgres://h/d?password=${SECRET}`,
  ]) {
    test(`one with a password, which is not repeated: ${url.replace(SECRET, '…')}`, async () => {
      for (const args of [['report', url], ['list', `--db=${url}`], ['list', '--nonsense', url], [url]]) {
        const refused = await ask(args);
        assert.equal(refused.code, 2);
        assert.match(refusalIn(refused), /a PostgreSQL URL with a password in it.*PGPASSWORD/);
        assert.doesNotMatch(refused.stderr + refused.stdout, new RegExp(SECRET));
      }
    });
  }

  test('a port, or an @ beyond the path, is no password', async () => {
    for (const url of ['postgres://127.0.0.1:9/d?user=me@there', 'postgres://me@[::1]:9/d']) {
      assert.match(refusalIn(await ask(['list', '--db', url])), /no answer/);
    }
  });
});
