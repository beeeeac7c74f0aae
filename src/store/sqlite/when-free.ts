import { setTimeout as sleep } from 'node:timers/promises';
import { SQLITE_BUSY, sqliteCode } from './sqlite-errors.ts';

/** SQLite itself waits no longer for another program's lock: a thread that waits in it hears no Ctrl-C. */
export const LONGEST_STANDSTILL_MS = 100;
const RETRY_MS = 50;

/**
 * Does what another program's lock may refuse, again and again until the lock is given up or the time is over, and lets
 * the process go on meanwhile.
 *
 * @param work does all of it or nothing
 * @throws what the work throws; of a lock, what it has thrown last
 */
export async function whenFree<T>(work: () => T, timeoutMs: number): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isLocked(error) || performance.now() >= until) throw error;
    }
    await sleep(RETRY_MS);
  }
}

/** As SQLite throws it, and as it is told to the user. */
function isLocked(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY || (error instanceof Error && sqliteCode(error.cause) === SQLITE_BUSY);
}
