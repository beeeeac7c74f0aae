import { hostname } from 'node:os';
import { pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../user-error.ts';
import { SqliteConnection } from './connection.ts';
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

export type FileLock = { release(): void };

export type FileLockOptions = {
  /** How long to wait for another process; forever where it is Infinity. */
  readonly waitMs: number;
  /** Told once, before the waiting begins, by whom the lock is held. */
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the file is there for, as a remedy says it: `it only marks who writes the store`. */
  readonly purpose: string;
  /** What the holder is at, by what `onHeld` has written when it took the lock: `for sweep "nightly"`. */
  readonly doing?: ((lock: SqliteConnection) => string | null) | undefined;
  /** Writes what else the file keeps, whenever the lock is taken. */
  readonly onHeld?: ((lock: SqliteConnection) => void) | undefined;
  /** What is said when the waiting is over. */
  readonly refusal?: ((holder: string) => UserError) | undefined;
};

/**
 * The right to do something that one process of a machine does at a time, held from here to `release` or to the end of the
 * process, however it ends.
 *
 * The lock is the kernel's: an open transaction on a database of its own. The row in it only tells others who holds it. The
 * file stays when the lock is released: one that is removed while another process opens it would be two locks.
 *
 * @param path of the lock's own file
 * @param shownPath how errors name it
 * @throws UserError naming the holder, when another process holds it for longer than `waitMs`
 */
export async function acquireFileLock(
  sqlite: Sqlite,
  path: string,
  shownPath: string,
  options: FileLockOptions,
): Promise<FileLock> {
  const { waitMs, onWait, signal } = options;
  const database = explained(shownPath, () => new sqlite.DatabaseSync(path));
  const lock = new SqliteConnection(database);
  try {
    let isHeld = tryToHold(lock, shownPath, options);
    // Who only asks whether somebody has the lock, has it for a moment himself.
    for (let i = 0; !isHeld && i < MOMENTS; i += 1) {
      await sleep(MOMENT_MS, undefined, { signal });
      isHeld = tryToHold(lock, shownPath, options);
    }
    for (let waitedMs = 0; !isHeld; waitedMs += POLL_MS) {
      if (waitedMs === 0 && waitMs > 0) onWait?.(holderOf(lock, options));
      if (waitedMs >= waitMs) throw heldByAnother(shownPath, holderOf(lock, options), options);
      await sleep(Math.min(POLL_MS, waitMs - waitedMs), undefined, { signal });
      isHeld = tryToHold(lock, shownPath, options);
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  // Closing ends the open transaction, and with it the lock.
  return { release: () => lock.close() };
}

const POLL_MS = 200;
const MOMENT_MS = 10;
const MOMENTS = 10;

function tryToHold(lock: SqliteConnection, shownPath: string, { purpose, onHeld }: FileLockOptions): boolean {
  try {
    lock.write(() => {
      lock.exec('CREATE TABLE IF NOT EXISTS holder (pid INTEGER, host TEXT) STRICT');
      lock.run('DELETE FROM holder');
      lock.run('INSERT INTO holder VALUES (?, ?)', pid, hostname());
      // With the process that it is true of: an older version names itself as the holder and leaves this as it is.
      lock.exec('CREATE TABLE IF NOT EXISTS held (pid INTEGER, since TEXT) STRICT');
      lock.run('DELETE FROM held');
      lock.run('INSERT INTO held VALUES (?, ?)', pid, new Date().toISOString());
      onHeld?.(lock);
    });
    // Between that commit and this another process may step in; then its row is the one that others read.
    lock.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (sqliteCode(error) === SQLITE_BUSY) return false;
    if (sqliteCode(error) === SQLITE_CORRUPT || sqliteCode(error) === SQLITE_NOTADB) {
      throw new UserError(`${shownPath}: damaged. Delete it: ${purpose}`, { cause: error });
    }
    throw explain(shownPath, error);
  }
}

function holderOf(lock: SqliteConnection, { doing }: FileLockOptions): string {
  try {
    const [holderPid, host] = lock.get('SELECT pid, host FROM holder') ?? [];
    if (typeof holderPid !== 'number' || typeof host !== 'string') return UNKNOWN;
    const isThis = holderPid === pid && host === hostname();
    const who = `${isThis ? 'this process,' : 'process'} ${holderPid} on ${host}`;
    const since = heldSince(lock, holderPid);
    if (since === null) return who;
    const what = doing?.(lock) ?? null;
    const minute = since.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ');
    return `${who} (since ${minute} UTC${what === null ? '' : `, ${what}`})`;
  } catch (error) {
    // Asked while the holder was writing its name, or before it had a table for it.
    if (sqliteCode(error) === SQLITE_BUSY || sqliteCode(error) === SQLITE_ERROR) return UNKNOWN;
    throw error;
  }
}

/** Null where a process of an older version has the lock, which does not say so. */
function heldSince(lock: SqliteConnection, holderPid: number): string | null {
  const hasTable = lock.get("SELECT 1 FROM sqlite_schema WHERE name = 'held'") !== undefined;
  const [since] = (hasTable ? lock.get('SELECT since FROM held WHERE pid = ?', holderPid) : undefined) ?? [];
  return typeof since === 'string' ? since : null;
}

function heldByAnother(path: string, holder: string, { refusal }: FileLockOptions): UserError {
  return refusal?.(holder) ?? new UserError(`${path}: held by ${holder}. Wait until it ends`);
}

const UNKNOWN = 'another process';
