import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { type LinkCutter, startLinkCutter } from '../../support/cut-links.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { userError } from '../../support/user-error.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';

const RECORDS = syntheticConfigurations(5);
const OUTCOMES = RECORDS.map((record) => syntheticOutcome(record));
const PATIENT = { mode: 'write', waitMs: 60_000 } as const;

let server: PostgresServer;
let links: LinkCutter;
before(async () => {
  server = await startPostgres();
  links = await startLinkCutter(server.port);
});
after(async () => {
  await links?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describe('a link that is lost at the end of a transaction', { timeout: 120_000 }, () => {
  for (const when of ['unheard', 'unsent'] as const) {
    const what = when === 'unheard' ? 'after the server took it' : 'before the server heard of it';
    test(`${what}: verdicts are stored once, counted once, and are no conflict`, async () => {
      const url = await server.createStore();
      await using store = await openVerdictStore(links.urlOf(url), PATIENT);
      const run = await beginSyntheticRun(store, RECORDS);
      await server.query(url, 'CREATE TABLE told (what text)');
      const tell = async (query: (sql: string) => Promise<unknown>) => {
        await query("INSERT INTO public.told VALUES ('slice ended')");
      };
      const cut = links.cutAtCommit(when);
      const counts = await store.record(run, OUTCOMES, tell);
      await cut;
      assert.deepEqual(counts, { completed: 5, failed: 0, ignored: 0, conflicts: [] });
      assert.equal((await store.outcomes()).judged.length, 5);
      assert.deepEqual(await store.conflicts('synthetic'), []);
      assert.deepEqual(await server.query(url, 'SELECT what FROM told'), [['slice ended']]);
      await store.finishRun(run, SYNTHETIC_END, counts);
      assert.deepEqual(await store.check(), []);
    });

    test(`${what}: a run is begun once, and what is removed is removed once`, async () => {
      const url = await server.createStore();
      await using store = await openVerdictStore(links.urlOf(url), PATIENT);
      const begun = links.cutAtCommit(when);
      const run = await beginSyntheticRun(store, RECORDS);
      await begun;
      assert.deepEqual(
        (await store.history()).map(({ runId }) => runId),
        [run],
      );
      await store.record(run, OUTCOMES);
      await store.finishRun(run, SYNTHETIC_END, { completed: 5, failed: 0 });
      const removed = links.cutAtCommit(when);
      const removal = await store.removeSweep('synthetic');
      await removed;
      assert.equal(removal.verdictCount, 5);
      assert.deepEqual(await store.sweeps(), []);
    });
  }

  test('is told by who does not wait, and what the server took stands', async () => {
    const url = await server.createStore();
    await using store = await openVerdictStore(links.urlOf(url), { mode: 'write' });
    const run = await beginSyntheticRun(store, RECORDS);
    const cut = links.cutAtCommit('unheard');
    await assert.rejects(store.record(run, OUTCOMES), userError(/no answer .*Check that the server runs/));
    await cut;
    assert.deepEqual(await store.record(run, OUTCOMES), { completed: 0, failed: 0, ignored: 5, conflicts: [] });
  });
});
