import type { BarGaps } from '../dataset/state-frame.ts';
import { baselineData } from '../execution/baseline-data.ts';
import { refuseOtherSweep, sweepStart } from '../execution/sweep-start.ts';
import { openVerdictStore } from '../store/open-verdict-store.ts';
import { initPostgresStore } from '../store/postgres/open-postgres-store.ts';
import { codeOf } from '../store/postgres/postgres-errors.ts';
import type { Provenance } from '../store/records.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { keepRuns } from './keep-runs.ts';
import { SliceQueue } from './queue.ts';
import { type QueueTimes, queueName } from './queue-names.ts';
import { type AuditSummary, POLL_MS, SweepOnQueue, type SweepOnQueueSetup } from './sweep-on-queue.ts';
import { PATIENCE_MS, whenThere } from './waiting.ts';

export type RunOnQueueOptions = Pick<
  SweepOnQueueSetup,
  'seals' | 'retryErrors' | 'pollMs' | 'onNotice' | 'onProgress'
> & {
  readonly url: string;
  readonly barGaps: BarGaps;
  readonly replace: boolean;
  /** Leave when the slices are sent. */
  readonly waits: boolean;
  /** The share of slices that are judged again when everything is judged, each by another host, from 0 to 1. */
  readonly audit: number;
  readonly times?: QueueTimes | undefined;
  /** Leave, whatever is on its way: workers go on. */
  readonly signal: AbortSignal;
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
  readonly audit: AuditSummary;
  /** Everything is judged, and, where that was asked for, audited. */
  readonly isWhole: boolean;
  readonly durationMs: number;
};

const NO_AUDIT: AuditSummary = { sent: 0, left: 0, missed: 0 };

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
  await whenFree(options, () => initPostgresStore(url));
  const { times, onNotice: notice } = options;
  await using queue = await whenFree(options, () => SliceQueue.open(url, 'coordinator', { times, notice }));
  await using store = await whenFree(options, () => openVerdictStore(url, { mode: 'write', waitMs: PATIENCE_MS }));
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
  const sweep = new SweepOnQueue({ ...options, plan, store, queue, queueName: name, run, dataHash: data.hash });
  const slices = await sweep.send();
  if (options.waits) await sweep.judged();
  const isAudited = options.waits && options.audit > 0 && !signal.aborted;
  const audit = isAudited ? await sweep.audited(options.audit) : NO_AUDIT;
  const { lost } = sweep;
  const summary = await sweep.summary();
  const isWhole = summary.pendingCount === 0 && audit.left === 0;
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
    audit,
    isWhole,
    durationMs: performance.now() - started,
  };
}

/** Opens it when the server has a connection left: idle workers give theirs back. @throws UserError when told to stop before */
async function whenFree<T>(
  { signal, pollMs = POLL_MS, onNotice }: RunOnQueueOptions,
  open: () => Promise<T>,
): Promise<T> {
  const mayWait = (error: UserError) => codeOf(error.cause) === TOO_MANY_CONNECTIONS;
  const found = await whenThere(open, { mayWait, waitMs: Infinity, pollMs, signal, notice: onNotice });
  if (found === null) throw new UserError('left before the server had a connection for it: nothing was sent');
  return found;
}

const TOO_MANY_CONNECTIONS = '53300';
