import { Buffer } from 'node:buffer';
import { closeSync, existsSync, linkSync, openSync, readSync, rmSync, type Stats, statSync } from 'node:fs';
import { statusOf } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { reserveFileBeside } from '../../whole-files.ts';
import type { SqliteConnection } from './connection.ts';

/** A store's file: as the user named it, and where it lies without links. */
export type StoreFile = { readonly shown: string; readonly real: string };

/** SQLite's log of what is not in the store's own file yet, and its index. */
export function logOf(real: string): string {
  return `${real}-wal`;
}

export function logIndexOf(real: string): string {
  return `${real}-shm`;
}

/** The database that is the lock of those who write a store; see `acquireWriterLock`. */
export function lockOf(real: string): string {
  return `${real}.writer`;
}

/**
 * The database that a path is, or that it stands beside under a name that belongs to it: what is put there would be gone
 * with it, or be taken for its log. Null where there is none.
 */
export function databaseAt(real: string): string | null {
  if (isSqliteFile(real)) return real;
  const end = COMPANION_ENDS.find((name) => real.endsWith(name));
  if (end === undefined) return null;
  const store = real.slice(0, -end.length);
  return isSqliteFile(store) ? store : null;
}

const COMPANION_ENDS = [logOf(''), logIndexOf(''), lockOf(''), '-journal'];

/** Whether a file is there and begins as every SQLite database does. */
export function isSqliteFile(path: string): boolean {
  if (statusOf(path)?.isFile() !== true) return false;
  const bytes = Buffer.alloc(SQLITE_HEADER.length);
  const descriptor = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes)) === SQLITE_HEADER;
  } finally {
    closeSync(descriptor);
  }
}

const SQLITE_HEADER = 'SQLite format 3\0';

/** What tells whether a path still names the file that was opened, and whether that has changed. */
export type FileState = {
  readonly stats: Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'> | null;
  readonly hasLog: boolean;
};

export function fileState({ real }: StoreFile): FileState {
  return { stats: statSync(real, { throwIfNoEntry: false }) ?? null, hasLog: existsSync(logOf(real)) };
}

export function isSameState(a: FileState, b: FileState): boolean {
  return (
    a.hasLog === b.hasLog &&
    isSameFile(a, b) &&
    a.stats?.size === b.stats?.size &&
    a.stats?.mtimeMs === b.stats?.mtimeMs
  );
}

export function isSameFile(a: FileState, b: FileState): boolean {
  return a.stats !== null && b.stats !== null && a.stats.dev === b.stats.dev && a.stats.ino === b.stats.ino;
}

/**
 * Watches over the file of a store that is open to be written. A file that was deleted, renamed or replaced stays open
 * and takes everything, and all of it is gone when it is closed: so each transaction asks, and what the open file holds
 * is put beside the path while it can still be read.
 */
export class OpenFileGuard {
  readonly #file: StoreFile;
  readonly #opened: FileState;
  readonly #connection: SqliteConnection;
  /** Where all of it was put. Nothing is written after that, so once is enough. */
  #rescued: string | null = null;

  constructor(file: StoreFile, connection: SqliteConnection) {
    this.#file = file;
    this.#opened = fileState(file);
    this.#connection = connection;
  }

  /** @throws UserError when the path no longer names the open file, or its log is gone; names where all of it was put */
  check(): void {
    const { shown, real } = this.#file;
    const now = fileState(this.#file);
    const isThere = isSameFile(this.#opened, now);
    if (isThere && now.hasLog) return;
    const what = isThere
      ? `its log ${logOf(shown)} was deleted`
      : now.stats === null
        ? 'it was deleted or renamed'
        : 'it was replaced';
    this.#rescued ??= this.#rescue(real);
    throw new UserError(
      `${shown}: ${what} while it was written. All that was stored in it is in ${this.#rescued}: ` +
        `move ${shown}, ${logOf(shown)} and ${logIndexOf(shown)} away, put it in the place of ${shown} and run again`,
    );
  }

  #rescue(real: string): string {
    const unfinished = reserveFileBeside(real);
    try {
      this.#connection.run('VACUUM INTO ?', unfinished);
      for (let i = 1; ; i += 1) {
        const rescued = `${real}.rescued${i === 1 ? '' : `-${i}`}`;
        if (existsSync(rescued)) continue;
        // Unlike a rename, a link fails where something is.
        linkSync(unfinished, rescued);
        return rescued;
      }
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}
