import type { Dataset } from '../dataset/dataset.ts';
import type { SideContext } from '../experiment/side-context.ts';
import type { Batch } from './batches.ts';
import type { BatchReply } from './messages.ts';

/** A dataset that an engine's workers can see. */
export type PreparedDataset = {
  readonly dataset: Dataset;
  readonly contexts: readonly SideContext[];
  readonly featureOrder: readonly string[];
};

/**
 * What runs batches. The coordinator knows this interface only, so that another engine (processes, other machines) can
 * stand behind it.
 *
 * Guarantees: `onReply` is called at most once for each configuration of a batch, and never after `runBatch` has settled
 * or for a batch that was given up. A reply is a verdict or the error that the configuration itself raised.
 */
export interface Engine extends Disposable {
  /** Batches that can run at the same time. */
  readonly concurrency: number;

  /** Lays both sides' matrices out, then fits and judges what does not depend on the regressor. */
  prepare(dataset: Dataset): Promise<SideContext[]>;

  /**
   * Runs a batch to its end, or to the end of the pass in hand when the engine is stopped.
   *
   * @throws BatchLost when the worker died or exceeded its time; the error says which configurations were in flight
   */
  runBatch(
    prepared: PreparedDataset,
    batch: Batch,
    attempt: number,
    onReply: (reply: BatchReply) => void,
  ): Promise<void>;

  /** Batches end after the pass in hand; what is not begun stays undone. */
  stop(): void;

  /** Frees what belongs to the last dataset. No batch may be running. */
  releaseDataset(): void;
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
