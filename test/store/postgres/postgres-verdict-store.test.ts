import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { userError } from '../../support/user-error.ts';
import { describeVerdictStore } from '../contract.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../synthetic.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

describeVerdictStore('a verdict store in PostgreSQL', () => {
  let url: Promise<string> | undefined;
  const made = () => (url ??= server.createStore());
  const open = async (mode: 'read' | 'write') => openVerdictStore(await made(), { mode });
  return Object.assign(open, {
    runsDie: async () => server.query(await made(), "UPDATE sweep.run_leases SET until = now() - interval '1 second'"),
  });
});

describe('what many writers of one store come to', () => {
  const configurations = syntheticConfigurations(20);

  test('a run whose lease is not over is alive, whoever begins another', async () => {
    const url = await server.createStore();
    await using one = await openVerdictStore(url, { mode: 'write' });
    await using other = await openVerdictStore(url, { mode: 'write' });
    const first = await beginSyntheticRun(one, configurations.slice(0, 1), { sweepName: 'one' });
    await server.query(url, "UPDATE sweep.run_leases SET until = now() + interval '1 second'");
    await one.keepRun(first);
    await beginSyntheticRun(other, configurations.slice(0, 1), { sweepName: 'two' });
    assert.deepEqual(
      (await other.history('one')).map(({ outcome }) => outcome),
      ['running'],
    );
    const [[left]] = (await server.query(
      url,
      'SELECT extract(epoch FROM until - now())::float8 FROM sweep.run_leases ORDER BY run_id LIMIT 1',
    )) as [[number]];
    assert.ok(left > 50, `${left} s`);
  });

  test('a run whose lease is over is said to have died, to every reader and before any other run; until it is heard again', async () => {
    const url = await server.createStore();
    await using store = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(store, configurations.slice(0, 1));
    const said = async () => {
      const [told] = await store.history('synthetic');
      const { lastRun } = (await store.summary('synthetic'))!;
      assert.deepEqual([lastRun.outcome, lastRun.reason], [told!.outcome, told!.reason]);
      return [lastRun.outcome, lastRun.reason];
    };
    assert.deepEqual(await said(), ['running', null]);
    await server.query(url, "UPDATE sweep.run_leases SET until = now() - interval '1 second'");
    assert.deepEqual(await said(), ['interrupted', 'it ended without a word']);
    assert.deepEqual(await store.check(), []);
    await store.keepRun(run);
    assert.deepEqual(await said(), ['running', null]);
    await store.finishRun(run, SYNTHETIC_END, { completed: 0, failed: 0 });
    assert.deepEqual(await said(), [SYNTHETIC_END.outcome, SYNTHETIC_END.reason]);
  });

  test('two writers at once lose nothing and store nothing twice', async () => {
    const url = await server.createStore();
    await using one = await openVerdictStore(url, { mode: 'write' });
    await using other = await openVerdictStore(url, { mode: 'write' });
    const runs = [await beginSyntheticRun(one, configurations), await beginSyntheticRun(other, configurations)];
    const outcomes = configurations.map((record) => syntheticOutcome(record));
    const counts = await Promise.all(
      outcomes.flatMap((outcome) => [one.record(runs[0]!, [outcome]), other.record(runs[1]!, [outcome])]),
    );
    const sum = (kind: 'completed' | 'ignored') => counts.reduce((all, each) => all + each[kind], 0);
    assert.deepEqual([sum('completed'), sum('ignored')], [outcomes.length, outcomes.length]);
    assert.deepEqual(await one.check(), []);
    const history = await other.history();
    assert.equal(
      history.reduce((all, run) => all + run.judgedCount, 0),
      outcomes.length,
    );
  });

  test('what else is done in the transaction of a record is stored with it, or neither', async () => {
    const url = await server.createStore();
    await server.query(url, 'CREATE TABLE told (what text)');
    await using store = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(store, configurations);
    const tell = async (query: (sql: string, values: unknown[]) => Promise<unknown>) => {
      await query('INSERT INTO public.told VALUES ($1)', ['stored']);
    };
    await store.record(run, [syntheticOutcome(configurations[0]!)], tell);
    const refused = store.record(run, [syntheticOutcome(configurations[1]!)], async (query) => {
      await tell(query);
      throw new Error('the claim was lost');
    });
    await assert.rejects(refused, /the claim was lost/);
    assert.deepEqual(await server.query(url, 'SELECT what FROM told'), [['stored']]);
    assert.equal((await store.outcomes()).judged.length, 1);
    await store.record(run, [], tell);
    assert.equal((await server.query(url, 'SELECT what FROM told')).length, 2);
  });

  test('text that PostgreSQL does not take comes back as it was', async () => {
    const url = await server.createStore();
    await using store = await openVerdictStore(url, { mode: 'write' });
    const name = "nul \0, private \uE0F0 \uE0F1 \uE0F0\uE0F1, quote ' and $1 ?";
    const run = await beginSyntheticRun(store, configurations.slice(0, 1), { sweepName: name });
    const failure = failedOutcome(configurations[0]!);
    await store.record(run, [{ ...failure, error: { name: 'Error', message: name } } as typeof failure]);
    assert.equal((await store.sweeps())[0]!.name, name);
    assert.equal((await store.failures())[0]!.error.message, name);
  });

  test('a server that is restarted in the middle is waited for, when that is asked, and what was begun is whole', async () => {
    const url = await server.createStore();
    await using patient = await openVerdictStore(url, { mode: 'write', waitMs: 60_000 });
    await using hasty = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(patient, configurations);
    await server.stop('immediate');
    await assert.rejects(hasty.sweeps(), userError(/^postgres:.*: no answer .*Check that the server runs/));
    const recorded = patient.record(run, [syntheticOutcome(configurations[0]!)]);
    await server.start();
    assert.equal((await recorded).completed, 1);
    assert.deepEqual(await patient.check(), []);
  });

  test('of a transaction that the server ends at any statement nothing is stored, and it can be done again', async () => {
    const url = await server.createStore();
    await using store = await openVerdictStore(url, { mode: 'write' });
    const run = await beginSyntheticRun(store, configurations);
    const outcomes = configurations.slice(0, 3).map((record) => syntheticOutcome(record));
    for (const table of ['verdicts', 'verdict_metrics', 'verdict_documents', 'locked_looks', 'looks']) {
      await server.query(url, `ALTER TABLE sweep.${table} RENAME TO hidden`);
      await assert.rejects(store.record(run, outcomes), userError(/holds no sweep store/));
      await server.query(url, `ALTER TABLE sweep.hidden RENAME TO ${table}`);
      assert.equal((await store.outcomes()).judged.length, 0, table);
    }
    assert.equal((await store.record(run, outcomes)).completed, 3);
    assert.equal((await store.record(run, outcomes)).ignored, 3);
  });
});
