import type { MessagePort } from 'node:worker_threads';
import type { Batch } from './batches.ts';
import type { SentJudgement } from './collected-models.ts';

/** What crosses threads. Arrays on shared memory travel as addresses (`numerics/shared-views.ts`). */

/** A range of the shared memory that is one task's own while it runs. */
export type MemoryRange = { readonly start: number; readonly end: number };

/** What a worker knows from its start. */
export type WorkerData = { readonly fault: FaultInjection | null };

/** What threads share. Workers start before it is there, so every task brings it; a worker keeps what came first. */
export type SharedState = {
  readonly memory: WebAssembly.Memory;
  /** see `control.ts` */
  readonly control: unknown;
};

/**
 * A fault that a worker brings upon itself when it comes to a configuration: how the fault suite shows what the program
 * does about real ones. `first` breaks the first attempt only, `always` every one; `preparing`
 * and `preparing-first` break the preparation of any dataset's sides.
 */
export type FaultInjection = {
  readonly kind: 'throw' | 'exit' | 'heap' | 'hang' | 'kill';
  readonly when: 'first' | 'always' | 'preparing' | 'preparing-first';
  /** a prefix of the configuration's id */
  readonly configuration: string;
};

export type WorkerTask = { readonly shared: SharedState } & (PrepareSideTask | JudgeBatchTask);

export type PrepareSideTask = {
  readonly kind: 'prepare-side';
  readonly slot: number;
  readonly attempt: number;
  readonly dataset: unknown;
  readonly side: number;
  /** where the side's shared arrays stay */
  readonly kept: MemoryRange;
  readonly work: MemoryRange;
};

export type JudgeBatchTask = {
  readonly kind: 'judge-batch';
  readonly batchId: number;
  readonly slot: number;
  /** counts the datasets of this run: what a worker keeps of one is nothing to another */
  readonly datasetNumber: number;
  readonly dataset: unknown;
  readonly contexts: unknown;
  readonly featureOrder: readonly string[];
  readonly batch: Batch;
  readonly attempt: number;
  readonly work: MemoryRange;
  readonly port: MessagePort;
};

/** Posted by a batch as soon as it knows, of its model of one configuration. */
export type BatchReply = { readonly batchId: number; readonly configurationId: string; readonly durationMs: number } & (
  | { readonly kind: 'judged'; readonly judgement: SentJudgement }
  | { readonly kind: 'failed'; readonly error: FailureText }
);

/**
 * What a `prepare-side` task returns: a context as addresses, why the side cannot be prepared, or what was thrown, a bug.
 * A task that returns nothing of these has lost its thread.
 */
export type PreparedSide =
  | { readonly kind: 'prepared'; readonly context: unknown }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'threw'; readonly error: unknown };

export type FailureText = { readonly name: string; readonly message: string };

export function failureText(thrown: unknown): FailureText {
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: 'Error', message: String(thrown) };
}
