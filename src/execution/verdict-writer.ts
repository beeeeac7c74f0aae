import type { OutcomeRecord, RecordCounts, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';

/** Outcomes of one transaction at the most. */
const LARGEST_TRANSACTION = 256;
/** Outcomes wait so long for company; a crash loses no more than what was judged in that time. */
const LONGEST_WAIT_MS = 100;

/** Collects outcomes as they come and stores them, many in one transaction, one transaction at a time. */
export class VerdictWriter implements AsyncDisposable {
  readonly #store: VerdictStore;
  readonly #runId: RunId;
  readonly #onStored: (counts: RecordCounts) => void;
  #collected: OutcomeRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The transactions that were begun, one behind the other. It never rejects. */
  #transactions: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown; isThrown: boolean } | undefined;

  constructor(store: VerdictStore, runId: RunId, onStored: (counts: RecordCounts) => void) {
    this.#store = store;
    this.#runId = runId;
    this.#onStored = onStored;
  }

  add(outcome: OutcomeRecord): void {
    this.#collected.push(outcome);
    if (this.#collected.length >= LARGEST_TRANSACTION) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), LONGEST_WAIT_MS);
  }

  /**
   * Resolves when every outcome so far is stored.
   *
   * @throws what a transaction has thrown, once: nothing more should be judged then
   */
  async stored(): Promise<void> {
    this.#begin();
    await this.#transactions;
    if (this.#failure === undefined || this.#failure.isThrown) return;
    this.#failure.isThrown = true;
    throw this.#failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stored();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const outcomes = this.#collected;
    this.#collected = [];
    if (outcomes.length === 0) return;
    this.#transactions = this.#transactions.then(async () => {
      // The first reason wins; later transactions would fail of it too.
      if (this.#failure !== undefined) return;
      try {
        this.#onStored(await this.#store.record(this.#runId, outcomes));
      } catch (error) {
        this.#failure = { error, isThrown: false };
      }
    });
  }
}
