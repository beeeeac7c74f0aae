import { firstRunCommand } from '../report/command-line.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';
import { programName } from './program-name.ts';
import { storeWords } from './sweep-options.ts';

/** The sweep that ran last: what commands are about that were given none. @throws UserError when the store has no sweep */
export async function lastSweep(store: VerdictStore): Promise<string> {
  const last = await store.lastSweep();
  if (last !== null) return last;
  const first = firstRunCommand({ program: programName(), store: storeWords(store.location) });
  throw new UserError(`${store.location}: no sweeps in this store yet. ${first} makes one`);
}
