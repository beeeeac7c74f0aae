import PQueue from 'p-queue';
import type { OutcomeRecord } from '../store/records.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';
import { type BatchEngine, BatchLost, type PreparedDataset } from './batch-engine.ts';
import { type Batch, BatchQueue, planBatches } from './batches.ts';
import { CollectedModels } from './collected-models.ts';
import type { BatchReply } from './messages.ts';

export type DatasetBatchesSetup = {
  readonly engine: BatchEngine;
  readonly prepared: PreparedDataset;
  readonly datasetHash: string;
  readonly onOutcome: (outcome: OutcomeRecord) => void;
  readonly onBatchLost: (event: { reason: string; configurations: number; attempt: number }) => void;
  /** Resolves when every outcome so far is stored. */
  readonly stored: () => Promise<void>;
  /** Aborted: chunks that have begun are judged to their end, no other begins. */
  readonly signal: AbortSignal;
  /** What is still not judged so long after that is dropped; `DROP_AFTER_MS` by default. */
  readonly dropAfterMs?: number | undefined;
};

/** The first attempt, and one more, alone. */
const MAX_ATTEMPTS = 2;
/** A chunk takes a few seconds; of fits that are found from inside, minutes, which nobody waits for who has said stop. */
const DROP_AFTER_MS = 10_000;

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
  /** One for each place; who stays on a lane stays with its models. */
  readonly #freeLanes: number[];
  readonly #waiting: BatchQueue;
  readonly #begunChunks = new Set<number>();
  readonly #collected: CollectedModels;
  #bug: { readonly error: unknown } | undefined;
  #dropping: NodeJS.Timeout | undefined;
  #isDropped = false;

  constructor(setup: DatasetBatchesSetup, configurations: readonly PlannedConfiguration[]) {
    const { concurrency } = setup.engine;
    this.#setup = setup;
    this.#places = new PQueue({ concurrency });
    this.#freeLanes = Array.from({ length: concurrency }, (_, lane) => concurrency - 1 - lane);
    this.#waiting = new BatchQueue(concurrency);
    this.#collected = new CollectedModels(setup.datasetHash);
    const { rowCount } = setup.prepared.dataset;
    for (const batch of planBatches(configurations, rowCount, concurrency)) this.#add(batch, 1);
    const { signal } = setup;
    signal.addEventListener('abort', this.#stop);
    if (signal.aborted) this.#stop();
  }

  readonly #stop = (): void => {
    this.#dropping = setTimeout(() => {
      this.#isDropped = true;
      this.#setup.engine.dropWork(true);
    }, this.#setup.dropAfterMs ?? DROP_AFTER_MS);
  };

  /** Resolves when no batch waits any more, or none ever will again: workers begin to have time. */
  async allBegun(): Promise<void> {
    await Promise.race([this.#places.onEmpty(), this.#places.onIdle()]);
  }

  /** @throws what is a bug, the first one, after the batches in hand have ended */
  async end(): Promise<void> {
    await this.#places.onIdle();
    this.#setup.signal.removeEventListener('abort', this.#stop);
    clearTimeout(this.#dropping);
    if (this.#isDropped) this.#setup.engine.dropWork(false);
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

  /** Whichever batch is best for a lane that is free, if there is one: there are as many calls of this as batches. */
  async #runNext(): Promise<void> {
    const lane = this.#freeLanes.pop()!;
    try {
      if (this.#setup.signal.aborted) this.#waiting.drop(({ chunk }) => !this.#begunChunks.has(chunk));
      if (this.#isDropped) this.#waiting.drop(() => true);
      const next = this.#waiting.take(lane);
      if (next === undefined) return;
      this.#begunChunks.add(next.batch.chunk);
      await this.#runBatch(this.#unsettled(next.batch), next.attempt);
      await this.#setup.stored();
    } finally {
      this.#freeLanes.push(lane);
    }
  }

  /** Without what another of its models has settled meanwhile: a configuration that has failed. */
  #unsettled(batch: Batch): Batch {
    const { model, configurations } = batch;
    return { ...batch, configurations: configurations.filter(({ id }) => !this.#collected.has(id, model)) };
  }

  async #runBatch(batch: Batch, attempt: number): Promise<void> {
    if (batch.configurations.length === 0) return;
    const { engine, prepared } = this.#setup;
    try {
      await engine.runBatch(prepared, batch, attempt, (reply) => this.#onReply(reply, batch, attempt));
    } catch (error) {
      if (!(error instanceof BatchLost)) throw error;
      // Nothing is wrong with it: it is judged when the sweep goes on.
      if (this.#isDropped) return;
      this.#afterLoss(batch, attempt, error);
    }
  }

  #onReply({ configurationId: id, durationMs, ...reply }: BatchReply, { model }: Batch, attempt: number): void {
    this.#settle(
      reply.kind === 'judged'
        ? this.#collected.add(id, model, reply.judgement, durationMs)
        : this.#collected.fail(id, reply.error, attempt, durationMs),
    );
  }

  #afterLoss(batch: Batch, attempt: number, error: BatchLost): void {
    const left = this.#unsettled(batch).configurations;
    const inFlight = new Set(error.inFlight);
    this.#setup.onBatchLost({ reason: error.message, configurations: left.length, attempt });
    const untouched = left.filter(({ id }) => !inFlight.has(id));
    if (untouched.length > 0) this.#add({ ...batch, configurations: untouched }, attempt);
    for (const planned of left.filter(({ id }) => inFlight.has(id))) {
      const failure = { name: error.name, message: error.message };
      if (attempt < MAX_ATTEMPTS) this.#add({ ...batch, configurations: [planned] }, attempt + 1);
      else this.#settle(this.#collected.fail(planned.id, failure, attempt, 0));
    }
  }

  #settle(outcome: OutcomeRecord | null): void {
    if (outcome !== null) this.#setup.onOutcome(outcome);
  }
}
