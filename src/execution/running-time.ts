/**
 * How long this process has been running, as far as it was looked at: a time in which it was stopped (Ctrl-Z, SIGSTOP) or
 * the machine asleep is not counted, since whatever is waited for did not run either. The clock itself goes on then, and
 * nobody tells a process that it was stopped; but nobody looks in the meantime.
 */
export class RunningTime {
  readonly #longestStepMs: number;
  readonly #now: () => number;
  #lookedAtMs: number;
  #runningMs = 0;

  /**
   * @param longestStepMs what a longer time between two looks counts for: several times the interval of looking, for a
   *   busy machine looks late
   * @param now the clock, in milliseconds
   */
  constructor(longestStepMs: number, now = () => performance.now()) {
    this.#longestStepMs = longestStepMs;
    this.#now = now;
    this.#lookedAtMs = now();
  }

  /** @returns milliseconds from the start to now */
  look(): number {
    const nowMs = this.#now();
    this.#runningMs += Math.min(nowMs - this.#lookedAtMs, this.#longestStepMs);
    this.#lookedAtMs = nowMs;
    return this.#runningMs;
  }
}
