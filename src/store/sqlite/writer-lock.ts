import { hostname } from 'node:os';
import { pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../user-error.ts';
import { Connection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import {
  explain,
  explained,
  SQLITE_BUSY,
  SQLITE_CORRUPT,
  SQLITE_ERROR,
  SQLITE_NOTADB,
  sqliteCode,
} from './sqlite-errors.ts';
import { lockOf } from './store-file.ts';

export type WriterLock = { release(): void };

export type LockOptions = {
  /** The name of this process's session: see `checkLogOwner`. */
  readonly session: string;
  readonly waitMs?: number | undefined;
  readonly onWait?: ((holder: string) => void) | undefined;
};

/**
 * The right to write a store, held from here to `release` or to the end of the process, however it ends.
 *
 * The lock is the kernel's: an open transaction on a database of its own, `STORE.writer`, which stays beside the store.
 * (The store's own file cannot be held so: its writer has to commit.) The row in it only tells others who holds it. The
 * store would stay whole without the lock, for each of its transactions locks too; it keeps two runs from doing the same
 * work twice, and makes the second say so.
 *
 * @param storePath the store's real path: two names of one file must meet at one lock
 * @param shownPath the store's path as the user gave it
 * @throws UserError naming the holder, when another process holds it for longer than `waitMs`
 */
export async function acquireWriterLock(
  sqlite: Sqlite,
  storePath: string,
  shownPath: string,
  { session, waitMs = 0, onWait }: LockOptions,
): Promise<WriterLock> {
  const database = explained(`${shownPath}.writer`, () => new sqlite.DatabaseSync(lockOf(storePath)));
  const lock = new Connection(database);
  try {
    for (let waitedMs = 0; !tryToHold(lock, shownPath, session); waitedMs += POLL_MS) {
      if (waitedMs === 0 && waitMs > 0) onWait?.(holderOf(lock));
      if (waitedMs >= waitMs) throw heldByAnother(shownPath, holderOf(lock));
      await sleep(Math.min(POLL_MS, waitMs - waitedMs));
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  // Closing ends the open transaction, and with it the lock.
  return { release: () => lock.close() };
}

const POLL_MS = 200;

function tryToHold(lock: Connection, shownPath: string, session: string): boolean {
  try {
    lock.write(() => {
      lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT) STRICT');
      lock.run('DELETE FROM holder');
      lock.run('INSERT INTO holder VALUES (?, ?)', pid, hostname());
      lock.exec('CREATE TABLE IF NOT EXISTS sessions (session TEXT) STRICT');
      lock.run('INSERT INTO sessions VALUES (?)', session);
      lock.run('DELETE FROM sessions WHERE rowid NOT IN (SELECT rowid FROM sessions ORDER BY rowid DESC LIMIT 2)');
    });
    // Between that commit and this another process may step in; then its row is the one that others read.
    lock.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY) return false;
    if (sqliteCode(error) === SQLITE_CORRUPT || sqliteCode(error) === SQLITE_NOTADB) {
      throw new UserError(`${shownPath}.writer: damaged. Delete it: it only marks who writes the store`, {
        cause: error,
      });
    }
    throw explain(`${shownPath}.writer`, error);
  }
}

function holderOf(lock: Connection): string {
  try {
    const [holderPid, host] = lock.get('SELECT pid, host FROM holder') ?? [];
    return typeof holderPid === 'number' && typeof host === 'string' ? `process ${holderPid} on ${host}` : UNKNOWN;
  } catch (error) {
    // Asked while the holder was writing its name, or before it had a table for it.
    if (sqliteCode(error) === SQLITE_BUSY || sqliteCode(error) === SQLITE_ERROR) return UNKNOWN;
    throw error;
  }
}

const UNKNOWN = 'another process';

function heldByAnother(shownPath: string, holder: string): UserError {
  return new UserError(`${shownPath}: being written by ${holder}. Wait until it ends, or name another store with --db`);
}
