import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../canonical-json.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { baselineData } from '../execution/baseline-data.ts';
import { Coordinator } from '../execution/coordinator.ts';
import type { HostOptions } from '../execution/host.ts';
import { openVerdictStore } from '../store/open-verdict-store.ts';
import type { Provenance, StoredRun } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { storedDefinition } from '../sweep/definition-change.ts';
import { planSweep, type SweepPlan } from '../sweep/plan.ts';
import { UnfitHost } from '../unfit-host.ts';
import { UserError } from '../user-error.ts';
import { ChildEngine } from './child-engine.ts';
import { Claims } from './claims.ts';
import { QUEUE_TIMES, type QueueTimes, queueName, SliceQueue } from './queue.ts';

export type WorkerOptions = {
  readonly url: string;
  /** Where the baseline run of these data lies on this machine, fetched when it has to be. */
  readonly dataRootOf: (data: StoredRun['data']) => Promise<string>;
  readonly host: Omit<HostOptions, 'barGaps' | 'featureOrderFile'>;
  /** @throws UnfitHost where this machine computes otherwise than it should */
  readonly proveHost: () => Promise<void>;
  /** Who judges here; definition and options are the sweep's. */
  readonly provenanceOf: (run: StoredRun) => Promise<Provenance>;
  readonly codeHash: string;
  /** Ends after so long without work; null: never. */
  readonly idleExitMs: number | null;
  /** Ends after so many slices; null: never. */
  readonly maxSlices: number | null;
  readonly times?: QueueTimes | undefined;
  /** How often it looks for work when there is none. */
  readonly pollMs?: number | undefined;
  /** What is in hand is judged and stored, the rest given back, and it ends. */
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
};

export type WorkerSummary = {
  readonly slices: number;
  readonly completed: number;
  readonly failed: number;
  readonly conflicts: number;
};

/** How long a store that does not answer is waited for: longer than most servers take to be mended. */
const PATIENCE_MS = 24 * 3600 * 1000;
const POLL_MS = 2_000;
const STORE_EVERY_MS = 1_000;
const KEEP_RUN_MS = 15_000;

/**
 * Judges what waits in a queue, on this machine, until it is told to stop: a coordinator over the common store, as of a sweep
 * on one machine, with an engine in a process of its own. Data are there before the first slice is claimed.
 *
 * @throws UnfitHost when this machine may not work: other data than the sweep's, no memory for them
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerSummary> {
  const { signal, idleExitMs, maxSlices } = options;
  await using parts = new AsyncDisposableStack();
  const queue = parts.use(await whenThere(options, () => SliceQueue.open(options.url, 'worker', options.times)));
  const store = parts.use(
    await whenThere(options, () => openVerdictStore(options.url, { mode: 'write', waitMs: PATIENCE_MS })),
  );
  const total = { slices: 0, completed: 0, failed: 0, conflicts: 0 };
  let idleSince = performance.now();
  while (!signal.aborted && (maxSlices === null || total.slices < maxSlices)) {
    const run = await nextRun(store, queue, options.codeHash);
    if (run === null) {
      if (idleExitMs !== null && performance.now() - idleSince >= idleExitMs) break;
      await pause(options.pollMs ?? POLL_MS, signal);
      continue;
    }
    const found = await judgeRun(store, queue, run, options, maxSlices === null ? Infinity : maxSlices - total.slices);
    total.slices += found.slices;
    total.completed += found.completed;
    total.failed += found.failed;
    total.conflicts += found.conflicts;
    idleSince = performance.now();
  }
  return total;
}

/** Waits for a database that has no tables yet, or does not answer, and says so once. */
async function whenThere<T>(options: WorkerOptions, open: () => Promise<T>): Promise<T> {
  let hasSaid = false;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isWaiting = error instanceof UserError && /no queue yet|no sweep store|no answer/.test(error.message);
      if (!isWaiting || options.signal.aborted) throw error;
      if (!hasSaid) options.notice(`waiting: ${error.message}`);
      hasSaid = true;
    }
    await pause(options.pollMs ?? POLL_MS, options.signal);
  }
}

/** The last run of a sweep of this code whose slices wait; null where none does. */
async function nextRun(store: VerdictStore, queue: SliceQueue, codeHash: string): Promise<StoredRun | null> {
  const waiting = new Set((await queue.states()).filter((state) => state.waiting > 0).map((state) => state.queue));
  if (waiting.size === 0) return null;
  const sweeps = await store.sweeps();
  const found = sweeps.find(
    (sweep) => sweep.code.hash === codeHash && waiting.has(queueName(codeHash, sweep.dataHash)),
  );
  return found?.lastRun ?? null;
}

/** Slices of one definition and data, as long as there are some. */
async function judgeRun(
  store: VerdictStore,
  queue: SliceQueue,
  run: StoredRun,
  options: WorkerOptions,
  mostSlices: number,
): Promise<WorkerSummary> {
  const { notice, signal } = options;
  const dataRoot = await options.dataRootOf(run.data);
  const barGaps = barGapsOf(run);
  const here = await baselineData(dataRoot, run.data.baselineRunId, undefined, { barGaps });
  if (here.hash !== run.data.hash) {
    throw new UnfitHost(
      `data of baseline run ${run.data.baselineRunId}: those in ${dataRoot} are others than those of sweep ` +
        `${JSON.stringify(run.sweepName)}. Name the place of the right ones with --data`,
    );
  }
  const plan = planOf(run, dataRoot);
  await using engine = new ChildEngine({
    work: plan,
    options: { ...options.host, barGaps, featureOrderFile: undefined },
    observer: {
      cacheProblem: notice,
      batchLost: ({ reason }) => notice(reason),
      childLost: (reason) => notice(`the engine's process ended (${reason}); what it had in hand is tried again`),
    },
    proveHost: options.proveHost,
  });
  // Read, hashed and built before anything is claimed: a host that cannot holds up no slice.
  const { evaluations } = await engine.open();
  const runId = await store.beginRun({
    ...(await options.provenanceOf(run)),
    definition: run.definition,
    options: run.options,
    sweepName: run.sweepName,
    replaces: false,
    configurations: [],
    configurationCount: run.configurationCount,
    data: run.data,
    evaluations,
    seals: isSealing(run),
    shard: null,
  });
  const keeping = setInterval(() => void store.keepRun(runId).catch((error) => notice(String(error))), KEEP_RUN_MS);
  keeping.unref();
  const claims = new Claims({
    queue,
    store,
    runId,
    run,

    mostSlices,
    signal,
    notice,
    times: options.times ?? QUEUE_TIMES,
  });
  const coordinator = new Coordinator({
    slices: claims.slices(),
    store,
    runId,
    observer: {},
    options: { fresh: false, retryErrors: false, signal },
    isFirst: false,
    storeEveryMs: STORE_EVERY_MS,
    endOf: (slice) => claims.endOf(slice),
    sliceOver: (slice, isWhole) => claims.over(slice, isWhole),
    judges: (slice) => claims.judges(slice),
  });
  try {
    await coordinator.run(engine);
  } finally {
    clearInterval(keeping);
    // A host's own fault, and a drain, spend no attempt.
    await claims.giveBackRest();
  }
  const isStopped = signal.aborted;
  await store.finishRun(
    runId,
    {
      outcome: isStopped ? 'interrupted' : 'finished',
      reason: isStopped ? 'stopped by a signal' : 'no slice waits',
      finishedAt: new Date().toISOString(),
    },
    coordinator.recorded,
  );
  const { completed, failed } = coordinator.counts;
  return { slices: claims.count, completed, failed, conflicts: coordinator.conflicts.length };
}

/** What a run's definition and options come to. */
export function planOf(run: StoredRun, dataRoot: string): SweepPlan {
  const definition = storedDefinition(run.definition, run.sweepName);
  return planSweep({ ...definition, baseline: { ...definition.baseline, dataRoot } }, { limit: limitOf(run) });
}

function limitOf(run: StoredRun): number | undefined {
  const limit = optionOf(run, 'limit');
  return typeof limit === 'number' ? limit : undefined;
}

function isSealing(run: StoredRun): boolean {
  return optionOf(run, 'seal') === true;
}

function barGapsOf(run: StoredRun): BarGaps {
  const { reading } = run.data;
  const isDrop = typeof reading === 'object' && reading !== null && 'barGaps' in reading && reading.barGaps === 'drop';
  return isDrop ? 'drop' : 'keep';
}

function optionOf({ options }: Pick<StoredRun, 'options'>, name: string): Json | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined;
  return Object.entries(options).find(([key]) => key === name)?.[1];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
