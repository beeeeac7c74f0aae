import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepProcess } from './program.ts';
import { readContents } from './store-contents.ts';

const LOOK_EVERY_MS = 20;

/**
 * Waits until a running sweep has stored so many outcomes, or has ended: a moment that depends on what the program has
 * done, and neither on the machine's speed nor on what it says.
 *
 * @returns how many are stored
 */
export async function untilStored(child: SweepProcess, db: string, count: number): Promise<number> {
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    // Asked first: what a program that has ended has not stored will not come any more.
    const isLast = hasEnded;
    try {
      const contents = await readContents(db);
      const stored = (contents?.verdicts.size ?? 0) + (contents?.failures.size ?? 0);
      if (stored >= count || isLast) return stored;
    } catch (error) {
      if (isLast || !isTorn(error)) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * Whether a copy came out damaged, as one may whose file and log were copied one after the other while the program moved
 * pages from the log into the file: the next one is whole.
 */
function isTorn(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_CORRUPT;
}

const SQLITE_CORRUPT = 11;
