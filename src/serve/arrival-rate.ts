/** How long back verdicts count for the rate. */
const WINDOW_MS = 60_000;
/** A rate of less than this says nothing. */
const LEAST_MS = 3_000;

/** How fast verdicts come, by the clock that is given with them, in milliseconds. */
export class ArrivalRate {
  #from: number;
  #arrivals: { readonly at: number; readonly count: number }[] = [];

  /** @param now what comes later counts from here on */
  constructor(now: number) {
    this.#from = now;
  }

  add(count: number, now: number): void {
    if (count > 0) this.#arrivals.push({ at: now, count });
  }

  /** Verdicts a minute within the last minute, or since the beginning; null where there were none, or too short. */
  perMinute(now: number): number | null {
    const since = Math.max(this.#from, now - WINDOW_MS);
    this.#arrivals = this.#arrivals.filter(({ at }) => at > since);
    const count = this.#arrivals.reduce((sum, arrival) => sum + arrival.count, 0);
    const elapsed = now - since;
    return count === 0 || elapsed < LEAST_MS ? null : (count * 60_000) / elapsed;
  }
}
