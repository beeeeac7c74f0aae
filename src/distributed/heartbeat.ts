import { messageOf } from '../user-error.ts';
import type { ClaimedSlice } from './claimed-slice.ts';

/** Beats so often in the time after which a host is taken for dead. */
const BEATS = 3;

/** Says that a claimed slice is being judged, for as long as it is. A server that does not answer is asked again. */
export class Heartbeat implements Disposable {
  readonly #claim: ClaimedSlice;
  readonly #notice: (text: string) => void;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #isBeating = false;
  #isSilent = false;

  constructor(claim: ClaimedSlice, notice: (text: string) => void) {
    this.#claim = claim;
    this.#notice = notice;
    this.#timer = setInterval(() => void this.#beat(), (claim.heartbeatSeconds * 1000) / BEATS);
  }

  /** Aborted when the slice has gone to another host. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      if (!(await this.#claim.touch())) this.#lost.abort();
      this.#isSilent = false;
    } catch (error) {
      // Said once an outage; the store waits for the server where it has something to store.
      if (!this.#isSilent) this.#notice(`${messageOf(error)}: asked again until it answers`);
      this.#isSilent = true;
    } finally {
      this.#isBeating = false;
    }
  }
}
