import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codeIdentity } from '../../../src/code-identity.ts';
import { runOnQueue } from '../../../src/distributed/run-on-queue.ts';
import type { WorkerOptions } from '../../../src/distributed/worker.ts';
import { runSweep } from '../../../src/execution/run-sweep.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { Provenance } from '../../../src/store/records.ts';
import { planSweep } from '../../../src/sweep/plan.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { TIMES, work } from '../../support/tiny-machines.ts';
import { TINY_DATA_ROOT } from '../../support/tiny-run.ts';

const DEFINITION = {
  name: 'many',
  baseline: { dataRoot: TINY_DATA_ROOT, runId: 'tiny' },
  axes: {
    agesMinutes: [[3, 5], [10]],
    regressorKind: ['huber', 'ridge'],
    huberEpsilon: [1.1, 1.35, 2],
    ridgeAlpha: [1, 10],
  },
} as const;
const HOST = { threads: 2, timeLimitMs: 60_000, cache: null };

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

function provenance(): Provenance {
  const { hash, packages } = codeIdentity();
  return {
    code: { hash, version: '0' },
    gitCommit: null,
    gitDirty: null,
    nodeVersion: process.version,
    packages,
    cpuModel: null,
    host: null,
    user: null,
    platform: 'test',
    definition: DEFINITION,
    options: { limit: null },
    startedAt: new Date().toISOString(),
  };
}

function plan() {
  return planSweep(DEFINITION);
}

function coordinatorOptions(url: string, signal = new AbortController().signal) {
  return {
    url,
    barGaps: 'keep' as const,
    replace: false,
    seals: false,
    retryErrors: false,
    waits: true,
    audit: 0,
    times: TIMES,
    pollMs: 100,
    signal,
    onNotice: () => {},
    onProgress: () => {},
  };
}

function judge(url: string, changes: Partial<WorkerOptions> = {}) {
  return work(url, { host: HOST, provenanceOf: async () => provenance(), idleExitMs: 500, ...changes });
}

/** Configuration → digest. */
async function digestsOf(location: string): Promise<Map<string, string>> {
  await using store = await openVerdictStore(location, { mode: 'read' });
  const found = new Map<string, string>();
  for (const { configurationId } of (await store.outcomes({ sweep: 'many' })).judged) {
    const outcome = await store.find(configurationId);
    assert.ok(outcome.kind === 'completed');
    found.set(configurationId, outcome.digest);
  }
  return new Map([...found].sort());
}

describe('a sweep that many machines judge', { timeout: 120_000 }, () => {
  test('comes to the digests of one machine, each configuration once, whoever judged it', async (t) => {
    const db = join(await temporaryFolder(t), 'one.db');
    const options = {
      ...HOST,
      barGaps: 'keep',
      fresh: false,
      replace: false,
      mixShards: false,
      retryErrors: false,
    } as const;
    const place = { isThere: false, open: () => openVerdictStore(db, { mode: 'write' }) };
    const signal = new AbortController().signal;
    await runSweep(plan(), place, Promise.resolve(provenance()), { ...options, seals: false, signal }, {});

    const url = await server.createDatabase();
    const coordinator = runOnQueue(plan(), provenance(), coordinatorOptions(url));
    // They wait until there are tables, and end when they are told.
    const told = new AbortController();
    const untilTold = { idleExitMs: null, signal: told.signal };
    const workers = [judge(url, untilTold), judge(url, untilTold)];
    const summary = await coordinator;
    told.abort();
    const judged = await Promise.all(workers);
    assert.deepEqual([summary.pending, summary.error, summary.lost, summary.conflicts], [0, 0, 0, 0]);
    assert.deepEqual(await digestsOf(url), await digestsOf(db));
    assert.equal(
      judged.reduce((sum, { completed }) => sum + completed, 0),
      plan().configurations.length,
    );
    await using store = await openVerdictStore(url, { mode: 'read' });
    assert.deepEqual(await store.check(), []);
    const again = await runOnQueue(plan(), provenance(), coordinatorOptions(url));
    assert.equal(again.slices, 0, 'what is known is not sent again');
  });

  test('is audited by another host than the one that has judged, which waits for one and says so', async () => {
    const url = await server.createDatabase();
    const notices: string[] = [];
    const signal = new AbortController();
    const options = {
      ...coordinatorOptions(url),
      audit: 0.5,
      pollMs: 10,
      onNotice: (text: string) => notices.push(text),
    };
    const workerOf = (hostName: string, changes: Partial<WorkerOptions> = {}) => {
      const provenanceOf = async () => ({ ...provenance(), host: hostName });
      return judge(url, { hostName, provenanceOf, ...changes });
    };
    const until = (signal: AbortSignal) => ({ idleExitMs: null, signal });
    const coordinator = runOnQueue(plan(), provenance(), { ...options, signal: signal.signal });
    const noticed = new AbortController();
    const working = workerOf('a', until(noticed.signal));
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    noticed.abort();
    const first = await working;
    assert.equal(first.completed, plan().configurations.length, 'what it has judged it is not given again');
    assert.match(notices.join(), /^audit: what is left \((\d+)\) waits for another host .* \(a\)\. Start a worker/);
    const again = await workerOf('a');
    assert.equal(again.slices, 0, 'nor when it comes back');
    const ended = new AbortController();
    const auditing = workerOf('b', until(ended.signal));
    const { audit, conflicts, isWhole } = await coordinator;
    ended.abort();
    const other = await auditing;
    assert.equal(audit.sent, Math.ceil(0.5 * first.slices));
    assert.deepEqual([audit.left, audit.missed, other.slices, conflicts, isWhole], [0, 0, audit.sent, 0, true]);
    assert.equal(notices.length, 1, 'said once');
  });

  test('is not whole while an audit is left, which stays in the queue; hosts without a name cannot be audited', async () => {
    const url = await server.createDatabase();
    const options = { ...coordinatorOptions(url), audit: 1, pollMs: 10 };
    const leave = new AbortController();
    const left = runOnQueue(plan(), provenance(), { ...options, signal: leave.signal, onNotice: () => leave.abort() });
    const named = { hostName: 'a', provenanceOf: async () => ({ ...provenance(), host: 'a' }) };
    await judge(url, { ...named, idleExitMs: null, maxSlices: 1 });
    const ended = new AbortController();
    const working = judge(url, { hostName: 'a', idleExitMs: null, signal: ended.signal });
    const { audit, isWhole, pending } = await left;
    ended.abort();
    const others = await working;
    assert.deepEqual([pending, isWhole, audit.sent, audit.left, audit.missed], [0, false, 1, 1, others.slices]);
    const followed = await runOnQueue(plan(), provenance(), coordinatorOptions(url));
    assert.deepEqual([followed.isWhole, followed.slices], [true, 0], 'who asks for none waits for none');
    assert.equal((await judge(url, { hostName: 'b' })).slices, 1);
  });

  test('a worker that may be idle for so long waits no longer for a server that does not answer', async () => {
    const said: string[] = [];
    const worker = judge('postgres://127.0.0.1:1/none', {
      idleExitMs: 2000,
      pollMs: 10,
      notice: (text) => said.push(text),
    });
    await assert.rejects(worker, /no answer .*Check that the server runs/);
    assert.equal(said.length, 1, 'said once');
  });
});
