import PQueue from 'p-queue';
import type { OutcomeRecord, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';

/** Outcomes of one transaction at the most. */
const LARGEST_TRANSACTION = 256;
/** Outcomes wait so long for company; a crash loses no more than what was judged in that time. */
const LONGEST_WAIT_MS = 100;
/** With more than this waiting, batches pause until the store has caught up. */
const BACKLOG = 2048;

/** Collects outcomes as they come and stores them, many in one transaction, one transaction at a time. */
export class VerdictWriter implements AsyncDisposable {
  readonly #store: VerdictStore;
  readonly #runId: RunId;
  readonly #queue = new PQueue({ concurrency: 1 });
  #waiting: OutcomeRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failure: { error: unknown; isThrown: boolean } | undefined;

  constructor(store: VerdictStore, runId: RunId) {
    this.#store = store;
    this.#runId = runId;
  }

  add(outcome: OutcomeRecord): void {
    this.#waiting.push(outcome);
    if (this.#waiting.length >= LARGEST_TRANSACTION) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), LONGEST_WAIT_MS);
  }

  /** Resolves when few outcomes wait. @throws what a transaction has thrown: nothing more should be judged then */
  async caughtUp(): Promise<void> {
    await this.#queue.onSizeLessThan(Math.ceil(BACKLOG / LARGEST_TRANSACTION));
    this.#throwFailure();
  }

  /** Stores what still waits. @throws what a transaction has thrown, unless `caughtUp` has thrown it already */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#queue.onIdle();
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure === undefined || this.#failure.isThrown) return;
    this.#failure.isThrown = true;
    throw this.#failure.error;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const outcomes = this.#waiting;
    this.#waiting = [];
    if (outcomes.length === 0 || this.#failure !== undefined) return;
    this.#queue
      .add(() => this.#store.record(this.#runId, outcomes))
      .catch((error: unknown) => {
        // The first reason wins; later transactions would fail of it too.
        this.#failure ??= { error, isThrown: false };
      });
  }
}
