import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { initDatabase } from '../../src/distributed/init-database.ts';
import { SliceQueue } from '../../src/distributed/queue.ts';
import { QUEUE_TIMES, queueName } from '../../src/distributed/queue-names.ts';
import type { SliceJob } from '../../src/distributed/slice-job.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { type SlicePayload, slicePayload } from '../../src/sweep/slice-payload.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

let server: PostgresServer;
let url: string;
let coordinator: SliceQueue;
let worker: SliceQueue;
let store: VerdictStore;
let runId: string;
const CONFIGURATIONS = syntheticConfigurations(4);
const TIMES = { ...QUEUE_TIMES, retryLimit: 2 };

before(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  await server.query(url, 'CREATE ROLE worker LOGIN');
  await initDatabase(url, { workers: ['worker'], readers: [] });
  coordinator = await SliceQueue.open(url, 'coordinator', { times: TIMES });
  // With no more rights than a host has that judges.
  worker = await SliceQueue.open(url.replace('postgres@', 'worker@'), 'worker', { times: TIMES });
  store = await openVerdictStore(url, { mode: 'write' });
  runId = await beginSyntheticRun(store, CONFIGURATIONS);
});
after(async () => {
  await store?.close();
  await worker?.[Symbol.asyncDispose]();
  await coordinator?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** A queue of its own for each test. */
async function madeQueue(slices = 1) {
  const name = queueName(randomUUID(), randomUUID());
  await coordinator.make(name);
  const payloads = Array.from({ length: slices }, (_, i) => payloadOf(i));
  assert.equal(await coordinator.publish(name, payloads), slices);
  return { name, payloads };
}

function payloadOf(i: number): SlicePayload {
  const purpose = { runId, sweep: 'a sweep', dataHash: 'd', judges: 'new', seals: false } as const;
  const axes = { agesMinutes: [[i + 1]], maxRowsPerSplit: [0], ridgeAlpha: [1], regressionTargetClipBps: [0] };
  return slicePayload(purpose, { ...axes, regressorKind: ['ridge'] }, 1);
}

/** Which of the slices it is. */
function numberOf({ slice }: SliceJob): number {
  return Number(slice.axes.ages) - 1;
}

/** What pg-boss finds when a host has not been heard of. */
async function fallSilent(name: string): Promise<void> {
  await server.query(url, `UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE name = '${name}'`);
  await server.query(url, 'UPDATE pgboss.queue SET monitor_on = NULL, monitor_claim_on = NULL');
  await coordinator.supervise();
}

/** The next slice, without the pause before another attempt. */
async function claimNow(name: string) {
  await server.query(url, `UPDATE pgboss.job SET start_after = now() WHERE name = '${name}' AND state < 'active'`);
  return worker.claim(name, 'here');
}

async function stateOf(name: string) {
  const { waiting, active, completed, dead } = (await coordinator.states()).find(({ queue }) => queue === name)!;
  return { waiting, active, completed, dead };
}

describe('a queue of slices', () => {
  test('gives each slice to one host, in the order in which they were published, and publishes none twice', async () => {
    const { name, payloads } = await madeQueue(3);
    assert.equal(await coordinator.publish(name, payloads), 0);
    const other = await SliceQueue.open(url, 'worker', { times: TIMES });
    const claimed = [
      await worker.claim(name, 'here'),
      await other.claim(name, 'here'),
      await worker.claim(name, 'here'),
    ];
    await other[Symbol.asyncDispose]();
    assert.deepEqual(
      claimed.map((claim) => claim && numberOf(claim.job)),
      [0, 1, 2],
    );
    assert.equal(await worker.claim(name, 'here'), null);
    assert.equal(await coordinator.publish(name, payloads), 0, 'what is being judged is not sent again');
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 3, completed: 0, dead: 0 });
  });

  test('gives nothing of a code or data that nobody has published', async () => {
    assert.equal(await worker.claim(queueName(randomUUID(), randomUUID()), 'here'), null);
  });

  test('ends a slice in the transaction of its last verdicts, both or neither', async () => {
    const { name } = await madeQueue();
    const claim = (await worker.claim(name, 'here'))!;
    const [first, second] = CONFIGURATIONS.map((record) => syntheticOutcome(record));
    await assert.rejects(
      store.record(runId, [first!], async (query) => {
        await claim.complete(query);
        throw new Error('the machine is switched off');
      }),
      /switched off/,
    );
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 1, completed: 0, dead: 0 });
    assert.equal((await store.outcomes()).judged.length, 0);
    await store.record(runId, [first!, second!], claim.complete);
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 0, completed: 1, dead: 0 });
    assert.equal((await store.outcomes()).judged.length, 2);
    assert.equal(claim.isLost, false);
  });

  test('takes a slice from a host that is silent, whose end then changes nothing but its verdicts', async () => {
    const { name } = await madeQueue();
    const silent = (await worker.claim(name, 'here'))!;
    assert.equal(silent.attempts, 0);
    assert.equal(await silent.touch(), true);
    await fallSilent(name);
    const next = (await claimNow(name))!;
    assert.equal(next.attempts, 1);
    assert.equal(await silent.touch(), false);
    await store.record(runId, [syntheticOutcome(CONFIGURATIONS[2]!)], silent.complete);
    assert.equal(silent.isLost, true);
    assert.equal(
      (await store.outcomes()).judged.some((each) => each.configurationId === CONFIGURATIONS[2]!.id),
      true,
    );
    await silent.giveBack();
    await silent.fail('too late');
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 1, completed: 0, dead: 0 });
    assert.equal(await next.touch(), true);
    await store.record(runId, [], next.complete);
    assert.equal(next.isLost, false);
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 0, completed: 1, dead: 0 });
  });

  test('takes a slice back without an attempt spent, as often as it is given back, and it is the next', async () => {
    const { name } = await madeQueue(2);
    for (let i = 0; i < 6; i += 1) {
      const claim = (await worker.claim(name, 'here'))!;
      assert.deepEqual([numberOf(claim.job), claim.attempts], [0, 0]);
      await claim.giveBack();
    }
    assert.deepEqual(await stateOf(name), { waiting: 2, active: 0, completed: 0, dead: 0 });
  });

  test('gives a slice up after as many attempts as it has, those before it was given back among them', async () => {
    const { name } = await madeQueue();
    const attempts: number[] = [];
    for (let claim = await claimNow(name); claim !== null; claim = await claimNow(name)) {
      attempts.push(claim.attempts);
      if (attempts.length === 2) await claim.giveBack();
      else await claim.fail(`attempt ${claim.attempts}`);
    }
    assert.deepEqual(attempts, [0, 1, 1, 2]);
    assert.deepEqual(await stateOf(name), { waiting: 0, active: 0, completed: 0, dead: 1 });
    const [letter, ...others] = await coordinator.deadLetters(name);
    assert.deepEqual([numberOf(letter!.job), others.length], [0, 0]);
    await store.record(runId, [], letter!.settle);
    assert.deepEqual((await coordinator.deadLetters(name)).length, 0);
    assert.equal((await stateOf(name)).dead, 0);
  });

  test('does not lose a dead letter of which a coordinator has died before it was settled', async () => {
    const { name } = await madeQueue();
    for (let claim = await claimNow(name); claim !== null; claim = await claimNow(name)) await claim.fail('no');
    const [letter] = await coordinator.deadLetters(name);
    assert.equal(numberOf(letter!.job), 0);
    const other = await SliceQueue.open(url, 'coordinator', { times: TIMES });
    const found = await other.deadLetters(name);
    await other[Symbol.asyncDispose]();
    assert.equal(found.length, 1);
  });

  test('gives an audit to any host but the one that is audited, once for each, also when it was given back', async () => {
    const { name, payloads } = await madeQueue();
    await store.record(runId, [], (await worker.claim(name, 'a'))!.complete);
    const audits = ['a', 'b'].map((judgedBy) => ({ slice: payloads[0]!, judgedBy }));
    assert.equal(await coordinator.publishAudits(name, audits), 2);
    assert.equal(await coordinator.publishAudits(name, audits), 0);
    const waits = async (host: string) => (await worker.waitingFor(host)).has(name);
    const ofA = (await worker.claim(name, 'b'))!;
    assert.equal(ofA.job.judgedBy, 'a');
    assert.equal(await worker.claim(name, 'b'), null);
    assert.deepEqual([await waits('a'), await waits('b')], [true, false]);
    await ofA.giveBack();
    assert.deepEqual([await waits('a'), await waits('b')], [true, true]);
    const taken = [await worker.claim(name, 'a'), await worker.claim(name, 'a'), await worker.claim(name, 'b')];
    assert.deepEqual(
      taken.map((claim) => claim?.job.judgedBy),
      ['b', undefined, 'a'],
    );
    const other = await coordinator.open(name, 'another sweep');
    assert.deepEqual(await coordinator.open(name, 'a sweep'), { slices: 0, audits: 2, active: 2 });
    assert.deepEqual(other, { slices: 0, audits: 0, active: 0 });
  });

  test('survives that its links are cut', async () => {
    const { name } = await madeQueue();
    await server.query(
      url,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const claim = await worker.claim(name, 'here').catch(() => worker.claim(name, 'here'));
    assert.equal(numberOf(claim!.job), 0);
  });
});

test('what goes wrong in the background is told, each thing once', async () => {
  const database = await server.createDatabase();
  await initDatabase(database, { workers: ['worker'], readers: [] });
  const told: string[] = [];
  const asWorker = database.replace('postgres@', 'worker@');
  const times = { ...TIMES, superviseSeconds: 1, workerSuperviseSeconds: 1 };
  await using _queue = await SliceQueue.open(asWorker, 'worker', { times, notice: (sentence) => told.push(sentence) });
  await server.query(database, 'REVOKE ALL ON ALL TABLES IN SCHEMA pgboss FROM worker');
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.match(told[0]!, /^looking for hosts that died fails: .*permission denied for .*Grant it, or come as a role/);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.deepEqual(told, [...new Set(told)]);
});
