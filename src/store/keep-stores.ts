import { UserError } from '../user-error.ts';
import { databaseAt } from './sqlite/store-file.ts';

/**
 * For whoever writes a file where the user says: no file takes the place of a store, nor of the log, index or lock beside
 * one, which may hold verdicts that the store's own file does not have yet, and which SQLite would obey.
 *
 * @param shown the path as the user gave it
 * @param real the same without links
 * @throws UserError naming the store
 */
export function keepStores(shown: string, real: string): void {
  const store = databaseAt(real);
  if (store === null) return;
  const what = store === real ? 'a store (an SQLite database)' : `its name belongs to the store ${store}`;
  throw new UserError(`${shown}: ${what}, whose place no other file takes. Name another file`);
}
