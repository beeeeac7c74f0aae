import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { SIDES } from '../baseline/splits.ts';
import { countOf } from '../counts.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { CONFIGURATIONS_PER_PASS } from '../experiment/model-judge.ts';
import { judgingContext, type SideContext, sideContextSizeBytes } from '../experiment/side-context.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { fromAddresses, toAddresses } from '../numerics/shared-views.ts';
import { IS_BUILT, packageFile } from '../package-files.ts';
import { messageOf, UserError } from '../user-error.ts';
import { type BatchEngine, BatchLost, type PreparedDataset } from './batch-engine.ts';
import type { Batch } from './batches.ts';
import { allocateControl, type Control, NOT_BEGUN } from './control.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type {
  BatchReply,
  FaultInjection,
  MemoryRange,
  PreparedSide,
  SharedState,
  WorkerData,
  WorkerTask,
} from './messages.ts';
import { RunningTime } from './running-time.ts';
import { type TaskRange, TaskRanges } from './task-ranges.ts';

export type ThreadEngineOptions = {
  readonly threads: number;
  /**
   * A configuration whose worker does not answer for so long is given up: a batch, when one pass of configurations takes
   * longer, times the configurations in it; a dataset, when a side's preparation takes longer than so many configurations
   * may (`PREPARATION_CONFIGURATIONS`).
   */
  readonly timeLimitMs: number;
  readonly fault?: FaultInjection | undefined;
};

/** How often a running batch is looked at for its time limit. */
const WATCH_INTERVAL_MS = 250;
/** A thread may take so long until it begins with its batch, its start included. */
const START_LIMIT_MS = 60_000;

/**
 * A side's preparation (matrix, Gram matrix, two classifiers and their metrics) takes as long as some configurations that
 * are judged alone, and has the time of more of them than that.
 */
const PREPARATION_CONFIGURATIONS = 16;
/** A side is given up when so many threads have ended over its preparation. */
const PREPARATION_ATTEMPTS = 2;

/** Threads that wait for tasks: started before there is a memory to share, while the baseline run is read. */
export class WorkerThreads implements AsyncDisposable {
  readonly pool: Piscina<WorkerTask, unknown>;
  readonly #started = new Set<Worker>();

  constructor({ threads, fault }: Pick<ThreadEngineOptions, 'threads' | 'fault'>) {
    const workerData: WorkerData = { fault: fault ?? null };
    this.pool = new Piscina<WorkerTask, unknown>({
      filename: pathToFileURL(
        packageFile(IS_BUILT ? 'dist/program/experiment-worker.js' : 'workers/experiment-worker.ts'),
      ).href,
      minThreads: threads,
      maxThreads: threads,
      workerData,
      // The default lets an idle worker sleep on a lock, which would freeze its event loop.
      atomics: 'async',
      // A thread's own heap is small, the data lie in shared memory; one that grows without end must end alone. Left to
      // itself the engine gives the young generation of each 128 MB, which it fills and keeps.
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 24 },
    });
    this.#remember();
    this.pool.on('workerCreate', () => this.#remember());
  }

  /** Resolves once every thread that the pool has given up has ended: until then it may write on. */
  async lostOnesEnd(): Promise<void> {
    const inUse = new Set(this.pool.threads);
    const lost = [...this.#started].filter((worker) => !inUse.has(worker));
    await Promise.all(
      lost.map(async (worker) => {
        // A worker's number is −1 from its end on. Not `once` of node:events, which a worker's error would reject.
        if (worker.threadId !== -1) await new Promise((resolve) => worker.once('exit', resolve));
        this.#started.delete(worker);
      }),
    );
  }

  #remember(): void {
    for (const worker of this.pool.threads) this.#started.add(worker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Of a run that ends early tasks may still be running: what their threads say now comes too late, and is no error.
    this.pool.on('error', () => {});
    await this.pool.destroy();
  }
}

/** Runs batches on a Piscina pool of worker threads over one shared memory. */
export class ThreadEngine implements BatchEngine {
  readonly concurrency: number;
  readonly #control: Control;
  readonly #shared: SharedState;
  readonly #threads: WorkerThreads;
  readonly #timeLimitMs: number;
  readonly #ranges: TaskRanges;
  #nextBatchId = 1;
  #nextDatasetNumber = 1;

  /** @param arena what the state rows have left: control words and task ranges are taken from it for good */
  constructor(threads: WorkerThreads, arena: SharedArena, plan: MemoryPlan, options: ThreadEngineOptions) {
    this.concurrency = options.threads;
    this.#timeLimitMs = options.timeLimitMs;
    this.#threads = threads;
    this.#control = allocateControl(arena, plan.slots);
    this.#shared = { memory: arena.memory, control: toAddresses(this.#control, arena.memory) };
    this.#ranges = new TaskRanges(
      Array.from({ length: plan.slots }, (_, number) => {
        // Not `take`, which would write zeros and so claim memory for ranges that may never be used.
        const start = arena.reserve(plan.slotBytes);
        return { number, range: { start, end: start + plan.slotBytes } };
      }),
    );
  }

  async prepare(dataset: Dataset, featureOrder: readonly string[], arena: SharedArena): Promise<PreparedDataset> {
    const mark = arena.mark();
    const tasks = dataset.parts.map((_, side) => {
      const size = sideContextSizeBytes(dataset.nFeatures);
      const start = arena.take(size);
      return this.#prepareSide(dataset, side, { start, end: start + size });
    });
    // Both sides end before anything is said: the memory of one that still runs must not be given to the next dataset,
    // and which reason is told must not depend on which came first.
    const sides = await Promise.allSettled(tasks);
    const failed = sides.find((side) => side.status === 'rejected');
    if (failed !== undefined) {
      await this.#threads.lostOnesEnd();
      arena.release(mark);
      throw failed.reason;
    }
    const contexts = sides.flatMap((side) => (side.status === 'fulfilled' ? [side.value] : []));
    return { number: this.#nextDatasetNumber++, dataset, contexts, featureOrder };
  }

  /** @throws UserError when the side cannot be prepared; whatever the preparation throws, which is a bug */
  async #prepareSide(dataset: Dataset, side: number, kept: MemoryRange): Promise<SideContext> {
    const outcome = await this.#prepareSideAgain(dataset, side, kept);
    if (outcome.kind === 'refused') throw new UserError(outcome.message);
    if (outcome.kind === 'threw') throw outcome.error;
    return fromAddresses<SideContext>(outcome.context, this.#shared.memory);
  }

  /** A thread that was lost says nothing of the dataset: another one tries once more before the dataset is given up. */
  async #prepareSideAgain(dataset: Dataset, side: number, kept: MemoryRange): Promise<PreparedSide> {
    let lost: unknown;
    for (let attempt = 1; attempt <= PREPARATION_ATTEMPTS; attempt += 1) {
      try {
        return await this.#withRange((slot) => this.#prepareSideOn(slot, attempt, dataset, side, kept));
      } catch (error) {
        if (error instanceof UserError || Atomics.load(this.#control.cancel, 0) !== 0) throw error;
        lost = error;
        // The lost one may still write where the next one is to write.
        await this.#threads.lostOnesEnd();
      }
    }
    throw new UserError(
      `state continue ${SIDES[side]}: its dataset of ${countOf(dataset.rowCount, 'row')} was not prepared, ${PREPARATION_ATTEMPTS} ` +
        `threads ended over it: ${messageOf(lost)}. Try again with --retry-errors; where it ends so again, choose fewer ` +
        'rows: maxRowsPerSplit, fewer ages.',
      { cause: lost },
    );
  }

  async #prepareSideOn(
    slot: TaskRange,
    attempt: number,
    dataset: Dataset,
    side: number,
    kept: MemoryRange,
  ): Promise<PreparedSide> {
    const task: WorkerTask = {
      shared: this.#shared,
      kind: 'prepare-side',
      slot: slot.number,
      attempt,
      dataset: toAddresses(dataset, this.#shared.memory),
      side,
      kept,
      work: slot.range,
    };
    const watch = this.#watch(slot, PREPARATION_CONFIGURATIONS);
    try {
      return (await this.#threads.pool.run(task, { signal: watch.signal })) as PreparedSide;
    } catch (error) {
      if (!watch.expired()) throw error;
      throw new UserError(
        `state continue ${SIDES[side]}: its dataset of ${countOf(dataset.rowCount, 'row')} was not prepared within ` +
          `${watch.limitMs / 1000} s, the time of ${PREPARATION_CONFIGURATIONS} configurations. Give more with ` +
          '--time-limit and --retry-errors, or choose fewer rows: maxRowsPerSplit, fewer ages.',
        { cause: error },
      );
    } finally {
      watch.end();
    }
  }

  async runBatch(
    prepared: PreparedDataset,
    batch: Batch,
    attempt: number,
    onReply: (reply: BatchReply) => void,
  ): Promise<void> {
    await this.#withRange((slot) => this.#runBatchOn(slot, prepared, batch, attempt, onReply));
  }

  async #runBatchOn(
    slot: TaskRange,
    prepared: PreparedDataset,
    batch: Batch,
    attempt: number,
    onReply: (reply: BatchReply) => void,
  ): Promise<void> {
    const { memory } = this.#shared;
    const batchId = this.#nextBatchId++;
    const { port1: receiver, port2: port } = new MessageChannel();
    receiver.on('message', onReply);
    // Replies travel apart from the task's end: what is still in the queue then is read at once. A batch that was given
    // up may send more after that; nobody listens any longer, its configurations are another batch's by then.
    const drain = (): void => {
      for (let next = receiveMessageOnPort(receiver); next !== undefined; next = receiveMessageOnPort(receiver)) {
        onReply(next.message);
      }
      receiver.close();
    };
    const task: WorkerTask = {
      shared: this.#shared,
      kind: 'judge-batch',
      batchId,
      slot: slot.number,
      datasetNumber: prepared.number,
      dataset: toAddresses(prepared.dataset, memory),
      contexts: toAddresses(prepared.contexts.map(judgingContext), memory),
      featureOrder: prepared.featureOrder,
      batch,
      attempt,
      work: slot.range,
      port,
    };
    const watch = this.#watch(slot, Math.min(batch.configurations.length, CONFIGURATIONS_PER_PASS));
    try {
      await this.#threads.pool.run(task, { transferList: [port], signal: watch.signal });
      drain();
    } catch (error) {
      drain();
      const done = Math.max(0, watch.progress());
      const inFlight = batch.configurations.slice(done, done + CONFIGURATIONS_PER_PASS).map(({ id }) => id);
      const reason = watch.expired() ? `no answer within ${watch.limitMs} ms` : messageOf(error);
      throw new BatchLost(`worker lost: ${reason}`, inFlight, { cause: error });
    } finally {
      watch.end();
    }
  }

  dropWork(isDropped: boolean): void {
    Atomics.store(this.#control.cancel, 0, isDropped ? 1 : 0);
  }

  /** What still runs is dropped; the threads themselves belong to whoever started them. */
  [Symbol.dispose](): void {
    this.dropWork(true);
  }

  /**
   * Runs a task on a range of its own. When it fails, its thread may have been lost and still be ending: the range is
   * another's only then, when nothing writes to it any more. Nobody but who needs the range waits for that.
   */
  async #withRange<T>(task: (range: TaskRange) => Promise<T>): Promise<T> {
    const range = await this.#ranges.take();
    let ended: Promise<void> | undefined;
    try {
      return await task(range);
    } catch (error) {
      ended = this.#threads.lostOnesEnd();
      throw error;
    } finally {
      if (ended === undefined) this.#ranges.giveBack(range);
      else void ended.then(() => this.#ranges.giveBack(range));
    }
  }

  /**
   * Aborts a task when its progress stands still for longer than so many configurations may take. A thread that takes the place of a
   * lost one has time to start; time in which this process was stopped does not count.
   */
  #watch({ number }: TaskRange, configurations: number) {
    const progress = this.#control.progress[number]!;
    Atomics.store(progress, 0, NOT_BEGUN);
    const controller = new AbortController();
    const limitMs = this.#timeLimitMs * configurations;
    const clock = new RunningTime(4 * WATCH_INTERVAL_MS);
    let seen = NOT_BEGUN;
    let since = 0;
    const timer = setInterval(() => {
      const now = clock.look();
      const done = Atomics.load(progress, 0);
      if (done !== seen) {
        seen = done;
        since = now;
      } else if (now - since > limitMs + (done === NOT_BEGUN ? START_LIMIT_MS : 0)) controller.abort();
    }, WATCH_INTERVAL_MS);
    return {
      signal: controller.signal,
      limitMs,
      progress: () => Atomics.load(progress, 0),
      expired: () => controller.signal.aborted,
      end: () => clearInterval(timer),
    };
  }
}
