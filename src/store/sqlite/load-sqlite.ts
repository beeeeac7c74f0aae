import { version } from 'node:process';
import { UserError } from '../../user-error.ts';

export type Sqlite = typeof import('node:sqlite');

/** The oldest Node whose SQLite can do what the store asks of it: rows as arrays, the state of a transaction. */
const OLDEST_NODE = '22.16';

/**
 * Node's own SQLite. Loaded when a store is opened and not before, so that a program that needs no store starts on a
 * Node that has none.
 */
export async function loadSqlite(load: () => Promise<Sqlite> = importSqlite, nodeVersion = version): Promise<Sqlite> {
  let sqlite: Sqlite;
  try {
    sqlite = await load();
  } catch (error) {
    throw tooOld(nodeVersion, error);
  }
  if (!('setReturnArrays' in sqlite.StatementSync.prototype)) throw tooOld(nodeVersion);
  return sqlite;
}

function importSqlite(): Promise<Sqlite> {
  return import('node:sqlite');
}

function tooOld(nodeVersion: string, cause?: unknown): UserError {
  return new UserError(
    `the store needs Node ≥ ${OLDEST_NODE}, this is ${nodeVersion}. Install Node 24, or start the program with the one in node_modules/.bin`,
    { cause },
  );
}
