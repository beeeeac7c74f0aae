import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClaimedSlice } from '../../src/distributed/claimed-slice.ts';
import { EngineLost } from '../../src/distributed/given-slices.ts';
import { judgeClaim } from '../../src/distributed/judge-claim.ts';
import { SliceQueue } from '../../src/distributed/queue.ts';
import { QUEUE_TIMES, queueName } from '../../src/distributed/queue-names.ts';
import type { OutcomeSink, SliceEngine } from '../../src/execution/slice-engine.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { ConfigurationRecord, RunId } from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { canonicalConfiguration } from '../../src/sweep/configuration-id.ts';
import type { PlannedDataset } from '../../src/sweep/plan.ts';
import { expandSlice, type SlicePayload, slicePayload } from '../../src/sweep/slice-payload.ts';
import { UnfitHost } from '../../src/unfit-host.ts';
import { UserError } from '../../src/user-error.ts';
import {
  SYNTHETIC_DATA,
  SYNTHETIC_DAYS,
  SYNTHETIC_RUN,
  syntheticDataset,
  syntheticOutcome,
} from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const SLICE_SIZE = 8;
const { hash: codeHash } = SYNTHETIC_RUN.code;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server?.[Symbol.asyncDispose]());

/** Judges by what it is told, one configuration after another, and tells how far it is. */
class TellingEngine implements SliceEngine {
  /** How many configurations it was given at a time. */
  readonly given: number[] = [];
  /** Is called before each: throws what ends the engine, or aborts. */
  readonly #before: (id: string) => void;

  constructor(beforeEach: (id: string) => void = () => {}) {
    this.#before = beforeEach;
  }

  async run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    for await (const slice of slices) {
      const { contentHash, rowCount } = syntheticDataset(slice.agesMinutes);
      await using open = await sink.open(slice, { kind: 'built', contentHash, rowCount: rowCount! });
      if (open.wantsDays) await open.tellDays(SYNTHETIC_DAYS);
      open.begin();
      this.given.push(open.remaining.length);
      for (const { id, configuration } of open.remaining) {
        if (signal.aborted) return;
        this.#before(id);
        open.settle(syntheticOutcome(recordOf({ id, configuration })));
      }
    }
  }
}

function recordOf({ id, configuration }: Pick<ConfigurationRecord, 'id' | 'configuration'>): ConfigurationRecord {
  return { id, configuration, canonical: canonicalConfiguration(configuration) };
}

/** A database of its own with one slice published. */
async function site() {
  const url = await server.createStore();
  const parts = new AsyncDisposableStack();
  const queue = parts.use(await SliceQueue.open(url, 'coordinator', { times: { ...QUEUE_TIMES, retryLimit: 3 } }));
  const store = parts.use(await openVerdictStore(url, { mode: 'write' }));
  const axes = {
    agesMinutes: [[5, 15]],
    maxRowsPerSplit: [0],
    regressorKind: ['ridge' as const],
    ridgeAlpha: Array.from({ length: SLICE_SIZE }, (_, i) => i + 1),
    regressionTargetClipBps: [0],
  };
  const purpose = { runId: 'r', sweep: SYNTHETIC_RUN.sweepName, dataHash: SYNTHETIC_DATA.hash, seals: false } as const;
  const payload = slicePayload({ ...purpose, judges: 'new' }, axes, SLICE_SIZE);
  const configurations = expandSlice(payload).configurations.map(recordOf);
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations });
  const name = queueName(codeHash, SYNTHETIC_DATA.hash);
  await queue.make(name);
  await queue.publish(name, [payload]);
  const claim = async (): Promise<ClaimedSlice> => {
    await server.query(url, "UPDATE pgboss.job SET start_after = now() WHERE state < 'active'");
    return (await queue.claim(name, 'here'))!;
  };
  /** As if the host had been switched off: it is silent, and somebody notices. */
  const dies = async (): Promise<void> => {
    await server.query(url, "UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour'");
    await server.query(url, 'UPDATE pgboss.queue SET monitor_on = NULL, monitor_claim_on = NULL');
    await queue.supervise();
  };
  return { url, queue, store, runId, name, claim, dies, payload, ids: configurations.map(({ id }) => id), parts };
}

type Site = Awaited<ReturnType<typeof site>>;

function judge(
  { queue, store, runId }: { queue: SliceQueue; store: VerdictStore; runId: RunId },
  claim: ClaimedSlice,
  engine: SliceEngine,
  { signal, lost }: { signal?: AbortSignal; lost?: AbortSignal } = {},
) {
  const never = new AbortController().signal;
  return judgeClaim(claim, {
    queue,
    store,
    runId,
    engine,
    signal: signal ?? never,
    lost: lost ?? never,
    notice: () => {},
  });
}

async function found({ store, queue, name }: Site) {
  const { judged, failed, pendingCount } = await store.outcomes({ sweep: SYNTHETIC_RUN.sweepName });
  const { waiting, active, dead } = (await queue.states()).find((state) => state.queue === name)!;
  return { judged: judged.length, failed: failed.map(({ error }) => error.name), pendingCount, waiting, active, dead };
}

const ALL_DONE = { judged: SLICE_SIZE, failed: [], pendingCount: 0, waiting: 0, active: 0, dead: 0 };

describe('a slice that a host has claimed', () => {
  test('is judged and ended; the next host finds nothing', async () => {
    const here = await site();
    await using _ = here.parts;
    const engine = new TellingEngine();
    const ended = await judge(here, await here.claim(), engine);
    assert.deepEqual([ended.end, ended.completed, ended.recorded.completed], ['done', SLICE_SIZE, SLICE_SIZE]);
    assert.deepEqual(await found(here), ALL_DONE);
    assert.deepEqual(engine.given, [SLICE_SIZE]);
  });

  test('goes back when the host is told to stop, with what was judged stored and no attempt spent', async () => {
    const here = await site();
    await using _ = here.parts;
    const stop = new AbortController();
    const engine = new TellingEngine((id) => id === here.ids[3] && stop.abort());
    const ended = await judge(here, await here.claim(), engine, { signal: stop.signal });
    assert.deepEqual([ended.end, ended.completed], ['given back', 4]);
    assert.deepEqual(await found(here), { ...ALL_DONE, judged: 4, pendingCount: 4, waiting: 1 });
    const next = await here.claim();
    assert.equal(next.attempts, 0);
    const rest = new TellingEngine();
    assert.equal((await judge(here, next, rest)).known, 4);
    assert.deepEqual(rest.given, [4]);
    assert.deepEqual(await found(here), ALL_DONE);
  });

  test('that another host has by now is not begun any further, and what was judged of it stands', async () => {
    const here = await site();
    await using _ = here.parts;
    const silent = await here.claim();
    await here.dies();
    const next = await here.claim();
    const lost = new AbortController();
    const engine = new TellingEngine((id) => id === here.ids[5] && lost.abort());
    await silent.touch();
    assert.equal((await judge(here, silent, engine, { lost: lost.signal })).end, 'lost');
    assert.deepEqual(await found(here), { ...ALL_DONE, judged: 6, pendingCount: 2, active: 1 });
    assert.equal((await judge(here, next, new TellingEngine())).end, 'done');
    assert.deepEqual(await found(here), ALL_DONE);
  });

  test('goes back without an attempt spent where the host is not fit, and nothing of it is a failure', async () => {
    const here = await site();
    await using _ = here.parts;
    for (const error of [new UnfitHost('no memory'), new UserError('no space left on device')]) {
      const claim = await here.claim();
      assert.equal(claim.attempts, 0);
      const engine = new TellingEngine(() => {
        throw error;
      });
      await assert.rejects(judge(here, claim, engine), error);
    }
    assert.deepEqual(await found(here), { ...ALL_DONE, judged: 0, pendingCount: SLICE_SIZE, waiting: 1 });
  });

  test('costs an attempt where its preparation ends the engine, and is given up after four', async () => {
    const here = await site();
    await using _ = here.parts;
    const engine = new TellingEngine(() => {
      throw new EngineLost('its dataset was not prepared');
    });
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const claim = await here.claim();
      assert.equal(claim.attempts, attempt);
      assert.equal((await judge(here, claim, engine)).end, 'failed');
    }
    assert.deepEqual(await found(here), { ...ALL_DONE, judged: 0, pendingCount: SLICE_SIZE, dead: 1 });
  });

  test('that hosts die of is judged in halves, then one by one, until what they die of is alone; the rest is judged', async () => {
    const here = await site();
    await using _ = here.parts;
    const poison = here.ids[5]!;
    const given: number[][] = [];
    let deaths = 0;
    for (;;) {
      const claim = await here.claim();
      if (claim === null) break;
      const engine = new TellingEngine((id) => {
        if (id === poison) throw new HostDies();
      });
      given.push(engine.given);
      try {
        const ended = await judge({ ...here, queue: ofDeadHost(here.queue, poison) }, ofDeadHost(claim), engine);
        if (ended.end === 'done') break;
      } catch (error) {
        if (!(error instanceof HostDies)) throw error;
        deaths += 1;
        await here.dies();
      }
    }
    assert.equal(deaths, 3);
    assert.deepEqual(given[0], [SLICE_SIZE]);
    // What stands before it in the slice is stored by then.
    assert.equal(given[1]!.length, 2);
    assert.ok(
      given[2]!.every((count) => count === 1),
      given[2]!.join(),
    );
    assert.deepEqual(given[3], [], 'what they died of is told apart before anything is begun');
    assert.ok(given[4]!.every((count) => count === 1));
    const { failed } = await here.store.outcomes({ sweep: SYNTHETIC_RUN.sweepName });
    assert.deepEqual(
      failed.map(({ configurationId }) => configurationId),
      [poison],
    );
    assert.deepEqual(await found(here), { ...ALL_DONE, judged: SLICE_SIZE - 1, failed: ['HostLost'] });
  });

  test('that is an audit is judged although the store knows, and what comes out otherwise is told', async () => {
    const here = await site();
    await using _ = here.parts;
    await judge(here, await here.claim(), new TellingEngine());
    const axes = {
      agesMinutes: [[5, 15]],
      maxRowsPerSplit: [0],
      regressorKind: ['ridge' as const],
      ridgeAlpha: [1, 2],
    };
    const { runId, sweep, dataHash, seals } = here.payload;
    const audit: SlicePayload = slicePayload(
      { runId, sweep, dataHash, seals, judges: 'all' },
      { ...axes, regressionTargetClipBps: [0] },
      2,
    );
    await here.queue.publish(here.name, [audit]);
    const ended = await judge(here, await here.claim(), new TellingEngine());
    assert.deepEqual([ended.completed, ended.recorded.completed, ended.conflicts.length], [2, 0, 0]);
  });
});

/** The machine is switched off: nothing more is said of the slice. */
class HostDies extends Error {}

/** A claim or queue in the hands of a host that dies: it cannot say that anything failed, or that it was alive after `id`. */
function ofDeadHost<T extends SliceQueue | ClaimedSlice>(held: T, id?: string): T {
  return new Proxy(held, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'fail') return key === 'fail' ? async () => {} : value;
      if (key !== 'endAlone') return value.bind(target);
      return async (slice: string, of: string) => of === id || value.call(target, slice, of);
    },
  });
}
