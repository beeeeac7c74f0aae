import PQueue from 'p-queue';
import { contentHash } from '../dataset/content-hash.ts';
import { planDataset } from '../dataset/dataset.ts';
import { openStateRows } from '../dataset/open-state-rows.ts';
import { type BarGaps, composeStateFrame } from '../dataset/state-frame.ts';
import type { RunFacts, StateRows } from '../dataset/state-rows.ts';
import type { CacheOptions } from '../dataset/state-rows-cache.ts';
import { cappedRowCount } from '../experiment/work-size.ts';
import { createSharedMemory, SharedArena } from '../numerics/memory.ts';
import type { OutcomeRecord, Provenance, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { PlannedConfiguration, PlannedDataset, SweepPlan } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { type Batch, BatchQueue, planBatches } from './batches.ts';
import { BatchLost, type Engine, type PreparedDataset } from './engine.ts';
import { planMemory } from './memory-plan.ts';
import { type BatchReply, type FaultInjection, failureText } from './messages.ts';
import type { SweepObserver } from './observer.ts';
import { ThreadEngine, WorkerThreads } from './thread-engine.ts';
import { VerdictWriter } from './verdict-writer.ts';

export type RunSweepOptions = {
  readonly threads: number;
  readonly barGaps: BarGaps;
  readonly featureOrderFile?: string | undefined;
  /** where built state rows are kept for the next run; null: nowhere */
  readonly cache: CacheOptions | null;
  /** Judge everything again, whatever the store holds; a stored verdict stands. */
  readonly fresh: boolean;
  /** Judge again what failed before. */
  readonly retryFailed: boolean;
  /** A configuration whose worker does not answer for so long is given up. */
  readonly timeLimitMs: number;
  readonly maxMemoryBytes?: number | undefined;
  readonly fault?: FaultInjection | undefined;
  /** Aborted when the user wants to stop: verdicts in hand are finished and stored. */
  readonly signal: AbortSignal;
};

export type SweepRunSummary = {
  readonly configurations: number;
  /** already in the store when the run began */
  readonly known: number;
  readonly completed: number;
  readonly failed: number;
  readonly interrupted: boolean;
  readonly durationMs: number;
};

/** The first attempt, and one more, alone. */
const MAX_ATTEMPTS = 2;

/**
 * Runs a sweep: reads its baseline run, builds each dataset once into shared memory, has an engine judge what the store
 * does not know yet, and stores each verdict as it comes. Stopped or killed at any moment, it goes on where it was when
 * it is run again.
 *
 * @param openStore is called when the baseline run has been read, so that a run that cannot begin leaves no store behind
 * @throws UserError when the baseline run cannot be read or does not fit the memory; a dataset that cannot be built is a
 *   failed outcome of its configurations instead
 */
export async function runSweep(
  plan: SweepPlan,
  openStore: () => Promise<VerdictStore>,
  provenance: Promise<Provenance>,
  options: RunSweepOptions,
  observer: SweepObserver,
): Promise<SweepRunSummary> {
  const started = performance.now();
  const ages = [...new Set(plan.datasets.flatMap((dataset) => dataset.agesMinutes))].sort((a, b) => a - b);
  // Threads take as long to start as a cache to be read.
  await using threads = new WorkerThreads(options);
  using source = await openStateRows(plan.baseline.dataRoot, plan.baseline.runId, ages, {
    ...options,
    onCacheProblem: observer.cacheProblem,
  });
  const { run, counts } = source;
  const datasetRows = plan.datasets.map(({ agesMinutes, maxRowsPerSplit }) =>
    cappedRowCount(
      agesMinutes.reduce((sum, age) => sum + counts.get(age)!, 0),
      maxRowsPerSplit,
    ),
  );
  const memoryPlan = planMemory(run, counts, datasetRows, options.threads, options.maxMemoryBytes);
  const arena = new SharedArena(createSharedMemory(memoryPlan.totalBytes));
  await using store = await openStore();
  const rows = await source.fill(arena);
  using engine: Engine = new ThreadEngine(threads, arena, memoryPlan, options);
  options.signal.addEventListener('abort', () => engine.stop());
  if (options.signal.aborted) engine.stop();

  const isFirst = (await store.sweeps()).length === 0;
  const made = await provenance;
  const runId = await store.beginRun({
    ...made,
    sweepName: plan.name,
    configurationCount: plan.configurations.length,
  });
  observer.started?.({ configurations: plan.configurations.length, datasets: plan.datasets.length, memoryPlan });
  const { codeVersion } = made;
  const coordinator = new Coordinator(plan, store, runId, codeVersion, options, observer, engine, isFirst);
  const kept = outcomeOf(source.keep(rows));
  for (const dataset of plan.datasets) {
    if (options.signal.aborted) break;
    await coordinator.runDataset(rows, dataset, arena);
    engine.releaseDataset();
  }
  const keeping = await kept;
  if (keeping.status === 'rejected') throw keeping.reason;
  const interrupted = options.signal.aborted;
  await store.finishRun(runId, interrupted ? 'interrupted' : 'finished', new Date().toISOString());
  return {
    ...coordinator.counts,
    configurations: plan.configurations.length,
    interrupted,
    durationMs: performance.now() - started,
  };
}

class Coordinator {
  readonly counts = { known: 0, completed: 0, failed: 0 };
  readonly #plan: SweepPlan;
  readonly #store: VerdictStore;
  readonly #runId: RunId;
  readonly #codeVersion: string;
  readonly #options: RunSweepOptions;
  readonly #observer: SweepObserver;
  readonly #engine: Engine;
  /** nothing is in the store yet */
  readonly #isFirst: boolean;

  constructor(
    plan: SweepPlan,
    store: VerdictStore,
    runId: RunId,
    codeVersion: string,
    options: RunSweepOptions,
    observer: SweepObserver,
    engine: Engine,
    isFirst: boolean,
  ) {
    this.#plan = plan;
    this.#store = store;
    this.#runId = runId;
    this.#codeVersion = codeVersion;
    this.#options = options;
    this.#observer = observer;
    this.#engine = engine;
    this.#isFirst = isFirst;
  }

  /** Builds a dataset, judges its configurations, stores the outcomes. */
  async runDataset(rows: StateRows, planned: PlannedDataset, arena: SharedArena): Promise<void> {
    const { run } = rows;
    await using writer = new VerdictWriter(this.#store, this.#runId);
    let frame: ReturnType<typeof composeStateFrame>;
    try {
      frame = composeStateFrame(rows, { ...planned, barGaps: this.#options.barGaps });
    } catch (error) {
      const known =
        this.#options.retryFailed || this.#options.fresh ? new Set<string>() : await this.#failedBefore(planned);
      this.#count('known', known.size);
      const left = planned.configurations.filter(({ id }) => !known.has(id));
      await this.#failDataset(writer, run, { ...planned, configurations: left }, null, error);
      return;
    }
    const prepare = async (): Promise<PreparedDataset> => {
      const matrices = planDataset(frame, arena);
      const contexts = await this.#engine.prepare(matrices);
      return { dataset: matrices, contexts, featureOrder: run.features.featureOrder };
    };
    // Where nothing can be known yet, workers need not wait until the frame's hash says so.
    const early = this.#isFirst ? outcomeOf(prepare()) : null;
    const datasetHash = contentHash(frame);
    const dataset = { ...this.#datasetRecord(run, planned), contentHash: datasetHash, rowCount: frame.rowCount };
    await this.#store.enrol(this.#runId, dataset, planned.configurations.map(recordOf));
    const remaining = await this.#remaining(planned, datasetHash);
    this.#observer.datasetBuilt?.({ planned, rowCount: frame.rowCount, datasetHash, remaining: remaining.length });
    // Awaited in any case: the next dataset takes the memory that it writes.
    const ready = await early;
    if (remaining.length === 0) return;
    const prepared = ready ?? (await outcomeOf(prepare()));
    if (prepared.status === 'rejected') {
      await this.#failDataset(writer, run, { ...planned, configurations: remaining }, datasetHash, prepared.reason);
      return;
    }
    await this.#runBatches(writer, prepared.value, remaining, datasetHash);
  }

  /** Configurations whose dataset could not be built before, by this code; a dataset without content has no hash to ask by. */
  async #failedBefore(planned: PlannedDataset): Promise<Set<string>> {
    const ids = new Set(planned.configurations.map(({ id }) => id));
    const { failed } = await this.#store.outcomes({ sweep: this.#plan.name });
    const isKnown = (outcome: (typeof failed)[number]): boolean =>
      ids.has(outcome.configurationId) &&
      outcome.dataset.contentHash === null &&
      outcome.codeVersion === this.#codeVersion;
    return new Set(failed.filter(isKnown).map(({ configurationId }) => configurationId));
  }

  /** A dataset that cannot be built is an outcome of its configurations; any other error is a bug and stops the sweep. */
  async #failDataset(
    writer: VerdictWriter,
    run: RunFacts,
    planned: PlannedDataset,
    datasetHash: string | null,
    error: unknown,
  ): Promise<void> {
    if (!(error instanceof UserError)) throw error;
    if (datasetHash === null) {
      const record = { ...this.#datasetRecord(run, planned), contentHash: null, rowCount: null };
      await this.#store.enrol(this.#runId, record, planned.configurations.map(recordOf));
    }
    for (const { id } of planned.configurations) {
      this.#settle(writer, {
        kind: 'failed',
        configurationId: id,
        datasetHash,
        durationMs: 0,
        attempts: 1,
        error: failureText(error),
      });
    }
  }

  #datasetRecord(run: RunFacts, { agesMinutes, maxRowsPerSplit }: PlannedDataset) {
    const { dataRoot } = this.#plan.baseline;
    return { agesMinutes, maxRowsPerSplit, baselineRunId: run.runId, dataRoot };
  }

  async #remaining(planned: PlannedDataset, datasetHash: string): Promise<readonly PlannedConfiguration[]> {
    if (this.#options.fresh) return planned.configurations;
    const key = { datasetHash, codeVersion: this.#codeVersion };
    const outcomes = await this.#store.outcomesOf(
      key,
      planned.configurations.map(({ id }) => id),
    );
    const remaining = planned.configurations.filter(({ id }) => {
      const outcome = outcomes.get(id);
      return outcome === undefined || (outcome === 'failed' && this.#options.retryFailed);
    });
    this.#count('known', planned.configurations.length - remaining.length);
    return remaining;
  }

  /**
   * Runs all batches, as many at a time as the engine takes. When a batch is lost with its worker, what it had not begun
   * goes back into the queue, and what was in flight gets one more attempt, each configuration alone.
   */
  async #runBatches(
    writer: VerdictWriter,
    prepared: PreparedDataset,
    configurations: readonly PlannedConfiguration[],
    datasetHash: string,
  ): Promise<void> {
    const { concurrency } = this.#engine;
    const queue = new PQueue({ concurrency });
    const lanes = Array.from({ length: concurrency }, (_, lane) => lane);
    const waiting = new BatchQueue();
    const settled = new Set<string>();
    let bug: unknown;
    const runNext = async (): Promise<void> => {
      const lane = lanes.pop();
      const next = lane === undefined ? undefined : waiting.take(lane);
      if (lane === undefined || next === undefined) throw new Error('a batch was announced that is not there');
      try {
        await this.#runBatch(writer, prepared, next.batch, next.attempt, datasetHash, settled, enqueue);
      } finally {
        lanes.push(lane);
      }
    };
    const enqueue = (batch: Batch, attempt: number): void => {
      waiting.add(batch, attempt);
      queue.add(runNext).catch((error: unknown) => {
        // The first reason wins; what is queued behind it would fail of it too.
        bug ??= error;
        queue.clear();
      });
    };
    for (const batch of planBatches(configurations, concurrency)) enqueue(batch, 1);
    await queue.onIdle();
    if (bug !== undefined) throw bug;
  }

  async #runBatch(
    writer: VerdictWriter,
    prepared: PreparedDataset,
    batch: Batch,
    attempt: number,
    datasetHash: string,
    settled: Set<string>,
    enqueue: (batch: Batch, attempt: number) => void,
  ): Promise<void> {
    const onReply = (reply: BatchReply): void => {
      settled.add(reply.configurationId);
      this.#settle(writer, recordOfReply(reply, datasetHash, attempt));
    };
    try {
      await this.#engine.runBatch(prepared, batch, attempt, onReply);
      await writer.caughtUp();
    } catch (error) {
      if (!(error instanceof BatchLost)) throw error;
      const left = batch.filter(({ id }) => !settled.has(id));
      const inFlight = new Set(error.inFlight);
      this.#observer.batchLost?.({ reason: error.message, configurations: left.length, attempt });
      const untouched = left.filter(({ id }) => !inFlight.has(id));
      if (untouched.length > 0) enqueue(untouched, attempt);
      for (const planned of left.filter(({ id }) => inFlight.has(id))) {
        if (attempt < MAX_ATTEMPTS) enqueue([planned], attempt + 1);
        else {
          const failure = { name: error.name, message: error.message };
          this.#settle(writer, {
            kind: 'failed',
            configurationId: planned.id,
            datasetHash,
            durationMs: 0,
            attempts: attempt,
            error: failure,
          });
        }
      }
    }
  }

  #settle(writer: VerdictWriter, outcome: OutcomeRecord): void {
    writer.add(outcome);
    this.#count(outcome.kind, 1);
    this.#observer.outcome?.(outcome, { ...this.counts });
  }

  #count(kind: 'known' | 'completed' | 'failed', by: number): void {
    this.counts[kind] += by;
  }
}

function recordOfReply(reply: BatchReply, datasetHash: string, attempts: number): OutcomeRecord {
  const { configurationId, durationMs } = reply;
  if (reply.kind === 'verdict')
    return { kind: 'completed', configurationId, datasetHash, durationMs, ...reply.judgement };
  return { kind: 'failed', configurationId, datasetHash, durationMs, attempts, error: reply.error };
}

/** How a promise ends, without its rejection being anybody's until it is looked at. */
async function outcomeOf<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise]);
  return outcome;
}

function recordOf({ id, configuration }: PlannedConfiguration) {
  return { id, configuration, canonical: canonicalConfiguration(configuration) };
}
