import { setTimeout as sleep } from 'node:timers/promises';
import { explain, isLost } from './postgres-errors.ts';

/** Between two attempts to reach a server. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Does the work; while the server does not answer, again and again for as long as may be waited. What was stored although its
 * answer was lost is found stored when it is done again.
 *
 * @param location as the server is named in errors
 * @throws UserError for what a user can mend
 */
export async function patiently<T>(location: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const until = performance.now() + waitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isLost(error) || performance.now() + pause > until) throw explain(location, error);
    }
    await sleep(pause);
  }
}
