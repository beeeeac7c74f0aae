import type { VerdictStore } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';
import { programName } from './program-name.ts';

/** The sweep that ran last: what commands are about that were given none. @throws UserError when the store has no sweep */
export async function lastSweep(store: VerdictStore): Promise<string> {
  const last = await store.lastSweep();
  if (last !== null) return last;
  throw new UserError(`${store.location}: no sweeps in this store yet. ${programName()} run FILE makes one`);
}
