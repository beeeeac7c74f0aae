import PQueue from 'p-queue';
import type { OutcomeRecord } from '../store/records.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';
import { type Batch, BatchQueue, planBatches } from './batches.ts';
import { BatchLost, type Engine, type PreparedDataset } from './engine.ts';
import type { BatchReply } from './messages.ts';

export type DatasetBatchesSetup = {
  readonly engine: Engine;
  readonly prepared: PreparedDataset;
  readonly datasetHash: string;
  readonly onOutcome: (outcome: OutcomeRecord) => void;
  readonly onBatchLost: (event: { reason: string; configurations: number; attempt: number }) => void;
  /** Resolves when every outcome so far is stored. */
  readonly stored: () => Promise<void>;
};

/** The first attempt, and one more, alone. */
const MAX_ATTEMPTS = 2;

/**
 * Judges configurations of one dataset, as many batches at a time as the engine takes. A batch keeps its place in the
 * queue until its outcomes are stored: so judging never runs further ahead of the store than the batches in hand.
 *
 * When a batch is lost with its worker, what it had not begun waits again, and what was in flight gets one more attempt,
 * each configuration alone.
 */
export class DatasetBatches {
  readonly #setup: DatasetBatchesSetup;
  readonly #places: PQueue;
  /** One for each place; who stays on a lane stays on its path. */
  readonly #freeLanes: number[];
  readonly #waiting = new BatchQueue();
  readonly #settled = new Set<string>();
  #bug: { readonly error: unknown } | undefined;

  constructor(setup: DatasetBatchesSetup) {
    const { concurrency } = setup.engine;
    this.#setup = setup;
    this.#places = new PQueue({ concurrency });
    this.#freeLanes = Array.from({ length: concurrency }, (_, lane) => lane);
  }

  /** @throws what is a bug, the first one, after the batches in hand have ended */
  async run(configurations: readonly PlannedConfiguration[]): Promise<void> {
    for (const batch of planBatches(configurations, this.#setup.engine.concurrency)) this.#add(batch, 1);
    await this.#places.onIdle();
    if (this.#bug !== undefined) throw this.#bug.error;
  }

  #add(batch: Batch, attempt: number): void {
    this.#waiting.add(batch, attempt);
    this.#places
      .add(() => this.#runNext())
      .catch((error: unknown) => {
        // The first reason wins; what waits behind it would fail of it too.
        this.#bug ??= { error };
        this.#places.clear();
      });
  }

  /** Whichever batch is best for a lane that is free: there are as many calls of this as batches. */
  async #runNext(): Promise<void> {
    const lane = this.#freeLanes.pop()!;
    try {
      const { batch, attempt } = this.#waiting.take(lane)!;
      await this.#runBatch(batch, attempt);
      await this.#setup.stored();
    } finally {
      this.#freeLanes.push(lane);
    }
  }

  async #runBatch(batch: Batch, attempt: number): Promise<void> {
    const { engine, prepared, datasetHash, onOutcome } = this.#setup;
    try {
      await engine.runBatch(prepared, batch, attempt, (reply) => {
        this.#settled.add(reply.configurationId);
        onOutcome(recordOfReply(reply, datasetHash, attempt));
      });
    } catch (error) {
      if (!(error instanceof BatchLost)) throw error;
      this.#afterLoss(batch, attempt, error);
    }
  }

  #afterLoss(batch: Batch, attempt: number, error: BatchLost): void {
    const { datasetHash, onOutcome, onBatchLost } = this.#setup;
    const left = batch.filter(({ id }) => !this.#settled.has(id));
    const inFlight = new Set(error.inFlight);
    onBatchLost({ reason: error.message, configurations: left.length, attempt });
    const untouched = left.filter(({ id }) => !inFlight.has(id));
    if (untouched.length > 0) this.#add(untouched, attempt);
    for (const planned of left.filter(({ id }) => inFlight.has(id))) {
      if (attempt < MAX_ATTEMPTS) {
        this.#add([planned], attempt + 1);
        continue;
      }
      onOutcome({
        kind: 'failed',
        configurationId: planned.id,
        datasetHash,
        durationMs: 0,
        attempts: attempt,
        error: { name: error.name, message: error.message },
      });
    }
  }
}

function recordOfReply(reply: BatchReply, datasetHash: string, attempts: number): OutcomeRecord {
  const { configurationId, durationMs } = reply;
  if (reply.kind === 'verdict')
    return { kind: 'completed', configurationId, datasetHash, durationMs, ...reply.judgement };
  return { kind: 'failed', configurationId, datasetHash, durationMs, attempts, error: reply.error };
}
