import { UserError } from '../../user-error.ts';
import { acquireFileLock, type FileLock } from './file-lock.ts';
import type { Sqlite } from './load-sqlite.ts';
import { lockOf } from './store-file.ts';

export type WriterLock = FileLock;

export type LockOptions = {
  /** The name of this process's session: see `checkLogOwner`. */
  readonly session: string;
  /** Reads the session that the store's own file names, once the lock is held. */
  readonly standing: () => string | null;
  readonly waitMs?: number | undefined;
  readonly onWait?: ((holder: string) => void) | undefined;
};

/**
 * The right to write a store, held from here to `release` or to the end of the process, however it ends: the lock of a file
 * of its own, `STORE.writer`, which stays beside the store. (The store's own file cannot be held so: its writer has to
 * commit.) The store would stay whole without the lock, for each of its transactions locks too; it keeps two runs from
 * doing the same work twice, and makes the second say so.
 *
 * @param storePath the store's real path: two names of one file must meet at one lock
 * @param shownPath the store's path as the user gave it
 * @throws UserError naming the holder, when another process holds it for longer than `waitMs`
 */
export function acquireWriterLock(
  sqlite: Sqlite,
  storePath: string,
  shownPath: string,
  { session, standing, waitMs = 0, onWait }: LockOptions,
): Promise<WriterLock> {
  return acquireFileLock(sqlite, lockOf(storePath), `${shownPath}.writer`, {
    waitMs,
    onWait,
    purpose: 'it only marks who writes the store',
    onHeld: (lock) => {
      lock.exec('CREATE TABLE IF NOT EXISTS sessions (session TEXT) STRICT');
      // The one that the store names stays: this one may end before it has written anything.
      lock.run('DELETE FROM sessions WHERE session IS NOT ?', standing());
      lock.run('INSERT INTO sessions VALUES (?)', session);
    },
    refusal: (holder) =>
      new UserError(`${shownPath}: being written by ${holder}. Wait until it ends, or name another store with --db`),
  });
}
