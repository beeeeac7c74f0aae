import { setTimeout as sleep } from 'node:timers/promises';
import { SLOW_SERVER_WAIT_MS, WRITER_WAIT_MS } from './limits.ts';
import { codeOf, explain, isLost } from './postgres-errors.ts';

/** Between two attempts to reach a server. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Does the work; while the server does not answer, again and again for as long as may be waited. Another writer is waited for
 * by everybody, a server that is merely slow by who waits at all.
 *
 * @param location as the server is named in errors
 * @throws UserError for what a user can mend
 */
export async function patiently<T>(location: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() - since + pause > patienceWith(error, waitMs)) throw explain(location, error);
    }
    await sleep(pause);
  }
}

/** How long what was thrown may go on being thrown. */
function patienceWith(error: unknown, waitMs: number): number {
  if (isLost(error)) return waitMs;
  switch (codeOf(error)) {
    case LOCK_NOT_AVAILABLE:
    case DEADLOCK:
      return Math.max(waitMs, WRITER_WAIT_MS);
    case STATEMENT_TIMEOUT:
      return Math.min(waitMs, SLOW_SERVER_WAIT_MS);
    default:
      return 0;
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';
const STATEMENT_TIMEOUT = '57014';
