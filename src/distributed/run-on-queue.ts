import type { BarGaps } from '../dataset/state-frame.ts';
import { baselineData } from '../execution/baseline-data.ts';
import { refuseOtherSweep, sweepStart } from '../execution/sweep-start.ts';
import { openVerdictStore } from '../store/open-verdict-store.ts';
import { initPostgresStore } from '../store/postgres/open-postgres-store.ts';
import type { Provenance, RunId, SweepSummary } from '../store/records.ts';
import type { Alongside, VerdictStore } from '../store/verdict-store.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { PlannedDataset, SweepPlan } from '../sweep/plan.ts';
import { queueSlices } from '../sweep/queue-slices.ts';
import { expandSlice, type SlicePayload } from '../sweep/slice-payload.ts';
import { keepRuns } from './keep-runs.ts';
import { SliceQueue } from './queue.ts';
import { QUEUE_TIMES, type QueueTimes, queueName } from './queue-names.ts';
import { PATIENCE_MS, pause } from './waiting.ts';

export type RunOnQueueOptions = {
  readonly url: string;
  readonly barGaps: BarGaps;
  readonly replace: boolean;
  readonly seals: boolean;
  readonly retryErrors: boolean;
  /** Leave when the slices are sent. */
  readonly waits: boolean;
  /** The share of slices that another host judges again, from 0 to 1. */
  readonly audit: number;
  readonly times?: QueueTimes | undefined;
  /** How often it looks how far it is. */
  readonly pollMs?: number | undefined;
  /** Leave, whatever is on its way: workers go on. */
  readonly signal: AbortSignal;
  readonly onNotice: (sentence: string) => void;
  readonly onProgress: (progress: QueueProgress) => void;
};

export type QueueProgress = {
  readonly configurations: number;
  /** Judged, or stored as an error. */
  readonly settled: number;
  readonly slicesLeft: number;
};

export type QueueRunSummary = {
  readonly configurations: number;
  readonly slices: number;
  /** Of the sweep, when it was left. */
  readonly known: number;
  readonly pending: number;
  readonly error: number;
  /** Configurations of slices that were given up. */
  readonly lost: number;
  readonly conflicts: number;
  readonly isWhole: boolean;
  readonly durationMs: number;
};

const POLL_MS = 1_000;

/**
 * Has workers of many machines judge a sweep: makes store and queue where there are none, begins the run, sends the slices of
 * which something is not known, and follows them until every configuration has an outcome. What a slice was given up with is
 * stored as errors: no configuration is ever without a row. Run again, it goes on where it was.
 *
 * @throws UserError when the database cannot be reached, or has another sweep of this name
 */
export async function runOnQueue(
  plan: SweepPlan,
  provenance: Provenance,
  options: RunOnQueueOptions,
): Promise<QueueRunSummary> {
  const started = performance.now();
  const { url, signal } = options;
  await initPostgresStore(url);
  await using queue = await SliceQueue.open(url, 'coordinator', options.times ?? QUEUE_TIMES);
  await using store = await openVerdictStore(url, { mode: 'write', waitMs: PATIENCE_MS });
  await refuseOtherSweep(store, plan.name, { ...provenance, shard: null }, { ...options, mixShards: false });
  const { dataRoot, runId: baselineRunId } = plan.baseline;
  const data = await baselineData(dataRoot, baselineRunId, undefined, { barGaps: options.barGaps });
  const { notices } = await sweepStart(store, plan.name, { ...provenance, data });
  for (const notice of notices) options.onNotice(notice);
  const run = await store.beginRun({
    ...provenance,
    sweepName: plan.name,
    replaces: options.replace,
    configurations: plan.configurations.map(({ id, configuration }) => {
      return { id, configuration, canonical: canonicalConfiguration(configuration) };
    }),
    data,
    seals: options.seals,
    shard: null,
  });
  using _keeping = keepRuns(store, () => [run], options.onNotice);
  const name = queueName(provenance.code.hash, data.hash);
  await queue.make(name);
  const following: Following = { plan, store, queue, run, name, data: data.hash, options };
  const slices = await send(following);
  let lost = options.waits ? await follow(following) : 0;
  if (options.waits && !signal.aborted && (await sendAudit(following)) > 0) lost += await follow(following);
  const summary = await summaryOf(store, plan.name);
  const isWhole = summary.pendingCount === 0;
  const reason = isWhole
    ? 'everything is judged'
    : signal.aborted
      ? 'left by a signal'
      : 'left when its slices were sent';
  const outcome = isWhole ? 'finished' : 'interrupted';
  await store.finishRun(run, { outcome, reason, finishedAt: new Date().toISOString() }, { completed: 0, failed: lost });
  return {
    configurations: summary.configurationCount,
    slices,
    known: summary.configurationCount - summary.pendingCount,
    pending: summary.pendingCount,
    error: summary.errorCount,
    lost,
    conflicts: (await store.conflicts(plan.name)).length,
    isWhole,
    durationMs: performance.now() - started,
  };
}

type Following = {
  readonly plan: SweepPlan;
  readonly store: VerdictStore;
  readonly queue: SliceQueue;
  readonly run: RunId;
  readonly name: string;
  /** The data's hash. */
  readonly data: string;
  readonly options: RunOnQueueOptions;
};

/** Sends the slices of which something is not known. @returns how many were sent by this run */
async function send({ plan, store, queue, run, name, data, options }: Following): Promise<number> {
  const judges = options.retryErrors ? 'errors' : 'new';
  const purpose = { runId: run, sweep: plan.name, dataHash: data, seals: options.seals } as const;
  const known = await knownOf(plan, store, run, options);
  const isOpen = ({ configurations }: PlannedDataset) => configurations.some(({ id }) => !known.has(id));
  const open = queueSlices(plan.datasets, { ...purpose, judges }).filter(({ slice }) => isOpen(slice));
  return queue.publish(
    name,
    open.map(({ payload }) => payload),
  );
}

/** Sends a share of the slices once more, to be judged by whoever takes them: what comes out otherwise is a conflict. */
async function sendAudit({ plan, queue, run, name, data, options }: Following): Promise<number> {
  const purpose = { runId: run, sweep: plan.name, dataHash: data, seals: options.seals, judges: 'all' } as const;
  const slices = queueSlices(plan.datasets, purpose).filter(({ payload }) => isAudited(payload, options.audit));
  return queue.publish(
    name,
    slices.map(({ payload }) => payload),
  );
}

/** By its hash: whoever sends it again chooses the same. */
function isAudited({ sliceHash }: SlicePayload, share: number): boolean {
  return Number.parseInt(sliceHash.slice(0, 8), 16) < share * 2 ** 32;
}

/** Configurations that need not be judged. */
async function knownOf(
  plan: SweepPlan,
  store: VerdictStore,
  run: RunId,
  { retryErrors }: RunOnQueueOptions,
): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for (const dataset of plan.datasets) {
    for (const [id, kind] of await store.outcomesOf(run, dataset))
      if (kind === 'completed' || !retryErrors) known.add(id);
  }
  return known;
}

/** Until nothing is on its way and everything has an outcome, or it is to be left. @returns configurations that were given up */
async function follow(following: Following): Promise<number> {
  const { plan, store, queue, name, options } = following;
  let lost = 0;
  for (;;) {
    if (options.signal.aborted) return lost;
    lost += await settleDeadLetters(following);
    const slicesLeft = await queue.open(name);
    const { configurationCount, pendingCount } = await summaryOf(store, plan.name);
    options.onProgress({
      configurations: configurationCount,
      settled: configurationCount - pendingCount,
      slicesLeft,
    });
    if (slicesLeft === 0 && pendingCount === 0) return lost;
    // Nothing was on its way when this was asked, and a slice ends with its last verdicts: what is nowhere is sent once more.
    if (slicesLeft === 0) await send(following);
    await pause(options.pollMs ?? POLL_MS, options.signal);
  }
}

/** What a slice was given up with is stored as errors. @returns how many configurations that were */
async function settleDeadLetters({ plan, store, queue, run, name }: Following): Promise<number> {
  let lost = 0;
  for (const { job, settle } of await queue.deadLetters(name)) {
    // Of another sweep on these data: it stays until that one is run.
    if (job.slice.sweep === plan.name) lost += await storeLost(store, run, expandSlice(job.slice), settle);
  }
  return lost;
}

async function storeLost(store: VerdictStore, run: RunId, slice: PlannedDataset, settle: Alongside): Promise<number> {
  const known = await store.outcomesOf(run, slice);
  const datasetHash = await store.datasetHash(run, slice);
  const left = slice.configurations.filter(({ id }) => !known.has(id));
  const error = { name: 'SliceLost', message: 'every host that was given its slice died or failed over it' };
  const failure = { kind: 'failed', datasetHash, durationMs: 0, attempts: QUEUE_TIMES.retryLimit + 1, error } as const;
  const { failed } = await store.record(
    run,
    left.map(({ id }) => ({ ...failure, configurationId: id })),
    settle,
  );
  return failed;
}

async function summaryOf(store: VerdictStore, name: string): Promise<SweepSummary> {
  const summary = await store.summary(name);
  if (summary === null) throw new Error(`sweep ${name} has begun and is not there`);
  return summary;
}
