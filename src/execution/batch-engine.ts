import type { Dataset } from '../dataset/dataset.ts';
import type { SideContext } from '../experiment/side-context.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { Batch } from './batches.ts';
import type { BatchReply } from './messages.ts';

/** A dataset that an engine's workers can see: views on the host's memory. */
export type PreparedDataset = {
  /** counts an engine's datasets */
  readonly number: number;
  readonly dataset: Dataset;
  readonly contexts: readonly SideContext[];
  readonly featureOrder: readonly string[];
};

/**
 * What runs batches on one host, over memory that its workers share. The host's own: who coordinates a sweep knows
 * `SliceEngine` only.
 *
 * Guarantees: `onReply` is called at most once for each configuration of a batch, and never after `runBatch` has settled
 * or for a batch that was given up. A reply is a model's judgement or the error that the configuration itself raised.
 */
export interface BatchEngine extends Disposable {
  /** Batches that can run at the same time. */
  readonly concurrency: number;

  /**
   * Lays both sides' matrices out, then fits and judges what does not depend on the regressor. Batches of another dataset
   * may run meanwhile.
   *
   * @param arena where what the sides share stays, beside the dataset's matrices
   */
  prepare(dataset: Dataset, featureOrder: readonly string[], arena: SharedArena): Promise<PreparedDataset>;

  /**
   * Runs a batch to its end.
   *
   * @throws BatchLost when the worker died or exceeded its time; the error says which configurations were in flight
   */
  runBatch(
    prepared: PreparedDataset,
    batch: Batch,
    attempt: number,
    onReply: (reply: BatchReply) => void,
  ): Promise<void>;

  /** Whether work is dropped: batches that run are lost at their next step, until this is taken back. */
  dropWork(isDropped: boolean): void;
}

/** A worker died or never answered. */
export class BatchLost extends Error {
  override readonly name = 'BatchLost';
  /** ids of the configurations that it was working on */
  readonly inFlight: readonly string[];

  constructor(message: string, inFlight: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.inFlight = inFlight;
  }
}
