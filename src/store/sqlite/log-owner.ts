import { existsSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../user-error.ts';
import { SqliteConnection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import { sqliteCode } from './sqlite-errors.ts';
import { lockOf, logIndexOf, logOf, type StoreFile } from './store-file.ts';

/**
 * SQLite takes in whatever log lies beside a database. Where a killed run has left its log and somebody has put a copy of
 * the store in the file's place, that log would be mixed into a file that it was not of, and would destroy it.
 *
 * So each process that opens a store to write it gives its session a name, in the store's own file (not only in the log)
 * and in the file of the writer's lock. A log is of the file that has the name of its session.
 *
 * @throws UserError when the log beside the store is another file's; nothing is changed then
 */
export function checkLogOwner(sqlite: Sqlite, file: StoreFile): void {
  const log = statSync(logOf(file.real), { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return;
  const sessions = lastSessions(sqlite, lockOf(file.real));
  const session = sessionInFile(sqlite, file.real);
  // An older version named no sessions.
  if (session === null || sessions.length === 0 || sessions.includes(session)) return;
  const [shownLog, shownIndex] = [logOf(file.shown), logIndexOf(file.shown)];
  throw new UserError(
    `${file.shown}: another store was put in its place, and ${shownLog} is of the one that was there. ` +
      `Move ${shownLog} and ${shownIndex} away to use this one; next time copy a store with \`sweep backup\``,
  );
}

/** The session that the store's own file names, whatever its log says; null when it names none. */
export function sessionInFile(sqlite: Sqlite, real: string): string | null {
  return askedOf(sqlite, immutable(real), 'SELECT session FROM store')[0] ?? null;
}

/** The one that the store's file names and the one that came last: between naming it here and in the store a process may be killed. */
function lastSessions(sqlite: Sqlite, lockFile: string): string[] {
  if (!existsSync(lockFile)) return [];
  return askedOf(sqlite, lockFile, 'SELECT session FROM sessions');
}

/** What a statement says that gives one text a row, to a connection of its own. */
export function askedOf(sqlite: Sqlite, location: string | URL, sql: string): string[] {
  const connection = new SqliteConnection(new sqlite.DatabaseSync(location, { readOnly: true }));
  try {
    return connection.all(sql).map(([text]) => String(text));
  } catch (error) {
    // No such table, or no sound database: opening the store itself says what is wrong.
    if (sqliteCode(error) === null) throw error;
    return [];
  } finally {
    connection.close();
  }
}

/** Where to open a database of which SQLite may take it that nobody writes it: it looks for no log then, and makes none. */
export function immutable(realPath: string): URL {
  const url = pathToFileURL(realPath);
  url.searchParams.set('immutable', '1');
  return url;
}
