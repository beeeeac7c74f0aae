import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { codeIdentity } from '../../src/code-identity.ts';
import type { WorkerEngine } from '../../src/distributed/work-site.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { UnfitHost } from '../../src/unfit-host.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { changeOnePrice, copyTiny } from '../support/tiny-copy.ts';
import { send, work } from '../support/tiny-machines.ts';

const folder = sharedFolder();

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server?.[Symbol.asyncDispose]());

async function summaries(url: string) {
  await using store = await openVerdictStore(url, { mode: 'read' });
  const sweeps = (await store.sweeps()).map(({ name, pendingCount, errorCount }) => [name, pendingCount, errorCount]);
  const runs = await store.history();
  return { sweeps: sweeps.sort(), outcomes: runs.map(({ outcome, judgedCount }) => ({ outcome, judgedCount })) };
}

describe('a worker', { timeout: 120_000 }, () => {
  test('judges what waits of every sweep on its data, whoever is first in the queue, and says who made what', async () => {
    const url = await server.createDatabase();
    await send(url, 'first', { agesMinutes: [[3, 5]], regressorKind: ['ridge'], ridgeAlpha: [1, 10, 100] });
    await send(url, 'second', { agesMinutes: [[10]], regressorKind: ['ridge'], ridgeAlpha: [1, 10] });
    const summary = await work(url);
    assert.deepEqual([summary.completed, summary.failed, summary.conflicts], [5, 0, 0]);
    const { sweeps, outcomes } = await summaries(url);
    assert.deepEqual(sweeps, [
      ['first', 0, 0],
      ['second', 0, 0],
    ]);
    const judging = outcomes.filter(({ judgedCount }) => judgedCount > 0);
    assert.deepEqual(judging.map(({ judgedCount }) => judgedCount).sort(), [2, 3]);
    assert.ok(judging.every(({ outcome }) => outcome === 'finished'));
  });

  test('reads its data once for all sweeps on them that have no other datasets, and says of each who made what', async () => {
    const url = await server.createDatabase();
    await send(url, 'first', { agesMinutes: [[3, 5], [10]], regressorKind: ['ridge'] });
    let opened = 0;
    const through = (engine: WorkerEngine): WorkerEngine => {
      opened += 1;
      return engine;
    };
    const working = work(url, { through, idleExitMs: null, maxSlices: 4 });
    while ((await summaries(url)).sweeps[0]![1] !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await send(url, 'second', { agesMinutes: [[10]], regressorKind: ['ridge'], ridgeAlpha: [2, 3] });
    while (!(await summaries(url)).sweeps.every(([, pending]) => pending === 0))
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(opened, 1);
    await send(url, 'third', { agesMinutes: [[20]], regressorKind: ['ridge'] });
    assert.deepEqual([(await working).completed, opened], [5, 2]);
    const judging = (await summaries(url)).outcomes.filter(({ judgedCount }) => judgedCount > 0);
    assert.deepEqual(
      judging,
      [2, 2, 1].map((judgedCount) => ({ outcome: 'finished', judgedCount })),
    );
  });

  test('that has other data than the sweep is not fit: it takes no slice and begins no run', async () => {
    const url = await server.createDatabase();
    await send(url, 'sweep', { agesMinutes: [[3]], regressorKind: ['ridge'] });
    const elsewhere = copyTiny(join(folder, 'elsewhere'));
    await changeOnePrice(elsewhere);
    await assert.rejects(work(url, { dataRootOf: async () => elsewhere }), (error: unknown) => {
      assert.ok(error instanceof UnfitHost);
      assert.match(error.message, /^baseline run tiny: what lies in .*elsewhere is not what sweep "sweep" is on\./);
      return true;
    });
    await assert.rejects(work(url, { dataRootOf: async () => folder }), UnfitHost);
    assert.equal((await summaries(url)).outcomes.length, 1);
    const [row] = await server.query(url, "SELECT state, retry_count FROM pgboss.job WHERE name NOT LIKE '%-dead'");
    assert.deepEqual(row, ['created', 0]);
  });

  test('of other code than the sweep takes nothing, says so once, and ends well', async () => {
    const url = await server.createDatabase();
    await send(url, 'sweep', { agesMinutes: [[3]], regressorKind: ['ridge'] });
    const notices: string[] = [];
    const other = 'f'.repeat(64);
    const summary = await work(url, { codeHash: other, pollMs: 20, notice: (text) => notices.push(text) });
    assert.deepEqual(summary, { slices: 0, completed: 0, failed: 0, conflicts: 0 });
    assert.deepEqual(notices, [
      `waiting: the slices of sweep "sweep" are for code ${codeIdentity().hash.slice(0, 12)} (version 0), which this is not ` +
        '(ffffffffffff). Install one version on all machines',
    ]);
    assert.equal((await summaries(url)).outcomes.length, 1, 'it has begun no run');
    assert.equal((await work(url)).slices, 1);
  });

  test('waits for a server that has no connection left, as the coordinator does', async () => {
    await using full = await startPostgres({ settings: ['max_connections=8'] });
    const url = await full.createDatabase();
    const held = Array.from({ length: 8 }, () => new pg.Client(url));
    for (const client of held) await client.connect();
    const notices: string[] = [];
    const waits = { pollMs: 20, idleExitMs: null, maxSlices: 1 };
    const sending = send(
      url,
      'sweep',
      { agesMinutes: [[3]], regressorKind: ['ridge'] },
      { onNotice: (text) => notices.push(text) },
    );
    const working = work(url, { ...waits, notice: (text) => notices.push(text) });
    while (notices.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const notice of notices) assert.match(notice, /^waiting: postgres:.*too many clients already/);
    for (const client of held) await client.end();
    await sending;
    assert.equal((await working).slices, 1);
  });

  test('waits for a database without tables, says so once, and ends when it is told to', async () => {
    const url = await server.createDatabase();
    const stop = new AbortController();
    const notices: string[] = [];
    const working = work(url, {
      signal: stop.signal,
      pollMs: 20,
      idleExitMs: null,
      notice: (text) => notices.push(text),
    });
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
    assert.deepEqual(await working, { slices: 0, completed: 0, failed: 0, conflicts: 0 });
    assert.equal(notices.length, 1, notices.join('\n'));
  });
});
