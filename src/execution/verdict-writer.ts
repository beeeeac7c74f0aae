import type { OutcomeRecord, RecordCounts, RunId } from '../store/records.ts';
import type { Alongside, VerdictStore } from '../store/verdict-store.ts';

/** Outcomes of one transaction at the most. */
const LARGEST_TRANSACTION = 256;
/** Outcomes wait so long for company; a crash loses no more than what was judged in that time. */
const LONGEST_WAIT_MS = 100;
/** Where they wait longer, judging goes on while so many are not stored yet. */
const MOST_UNSTORED = 2 * LARGEST_TRANSACTION;

/** Collects outcomes as they come and stores them, many in one transaction, one transaction at a time. */
export class VerdictWriter {
  readonly #waitMs: number;
  #nextWaitMs: number;
  readonly #store: VerdictStore;
  readonly #runId: RunId;
  readonly #onStored: (counts: RecordCounts) => void;
  #collected: OutcomeRecord[] = [];
  #inTransactions = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The transactions that were begun, one behind the other. It never rejects. */
  #transactions: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown; isThrown: boolean } | undefined;

  constructor(store: VerdictStore, runId: RunId, onStored: (counts: RecordCounts) => void, waitMs = LONGEST_WAIT_MS) {
    this.#waitMs = waitMs;
    this.#nextWaitMs = Math.min(LONGEST_WAIT_MS, waitMs);
    this.#store = store;
    this.#runId = runId;
    this.#onStored = onStored;
  }

  add(outcome: OutcomeRecord): void {
    this.#collected.push(outcome);
    if (this.#collected.length >= LARGEST_TRANSACTION) this.#begin();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#begin(), this.#nextWaitMs);
      // Who waits for the first ones sees them soon, whatever the others wait for.
      this.#nextWaitMs = Math.min(2 * this.#nextWaitMs, this.#waitMs);
    }
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

  /**
   * Resolves when judging may go on: every outcome so far is stored, or, where outcomes wait longer for company than usual,
   * few enough are not.
   *
   * @throws as `stored`
   */
  async keptUp(): Promise<void> {
    const isShort = this.#waitMs <= LONGEST_WAIT_MS;
    const isBehind = this.#collected.length + this.#inTransactions > MOST_UNSTORED;
    if (isShort || isBehind || this.#failure !== undefined) await this.stored();
  }

  /** Stores the rest. @param alongside what else is done in the transaction of the last ones, also where none is left */
  async end(alongside?: Alongside): Promise<void> {
    this.#begin(alongside);
    await this.stored();
  }

  #begin(alongside?: Alongside): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const outcomes = this.#collected;
    this.#collected = [];
    if (outcomes.length === 0 && alongside === undefined) return;
    this.#inTransactions += outcomes.length;
    this.#transactions = this.#transactions.then(async () => {
      // The first reason wins; later transactions would fail of it too.
      if (this.#failure !== undefined) return;
      try {
        this.#onStored(await this.#store.record(this.#runId, outcomes, alongside));
      } catch (error) {
        this.#failure = { error, isThrown: false };
      } finally {
        this.#inTransactions -= outcomes.length;
      }
    });
  }
}
