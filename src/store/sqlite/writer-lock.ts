import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../user-error.ts';
import { type RunsOfFile, SqliteConnection } from './connection.ts';
import { acquireFileLock, type FileLock } from './file-lock.ts';
import type { Sqlite } from './load-sqlite.ts';
import { sqliteCode } from './sqlite-errors.ts';
import { lockOf } from './store-file.ts';

export type WriterLock = FileLock & {
  /** Of the process that holds the lock: all others that had it are gone, and their runs with them. */
  readonly runs: RunsOfFile;
};

export type LockOptions = {
  /** The name of this process's session: see `checkLogOwner`. */
  readonly session: string;
  /** Reads the session that the store's own file names, once the lock is held. */
  readonly standing: () => string | null;
  /** Reads the runs that are stored as running, likewise; null where they cannot be told. */
  readonly running: () => readonly string[] | null;
  /** Reads the row of the run that is stored last, 0 where there is none or that cannot be told. */
  readonly lastRun: () => number;
  /** Reads the sweep of the last run that is stored as running behind that row; null where there is none, or it cannot be told. */
  readonly sweepBehind: (lastRun: number) => string | null;
  readonly waitMs?: number | undefined;
  readonly onWait?: ((holder: string) => void) | undefined;
};

/**
 * The right to write a store, held from here to `release` or to the end of the process, however it ends: the lock of a file
 * of its own, `STORE.writer`, which stays beside the store. (The store's own file cannot be held so: its writer has to
 * commit.) The store would stay whole without the lock, for each of its transactions locks too; it keeps two runs from
 * doing the same work twice, and makes the second say so.
 *
 * Before a process has the lock it writes into it the id of the run that it may begin. So a reader knows, of a run that is
 * stored as running, whether it was begun in this very file and nobody has the lock any more: see `abandonedRuns`. A run
 * that came with a copy or a merge is none of them: nothing is known here of who writes it.
 *
 * @param storePath the store's real path: two names of one file must meet at one lock
 * @param shownPath the store's path as the user gave it
 * @throws UserError naming the holder, when another process holds it for longer than `waitMs`
 */
export async function acquireWriterLock(
  sqlite: Sqlite,
  storePath: string,
  shownPath: string,
  { session, standing, running, lastRun, sweepBehind, waitMs = 0, onWait }: LockOptions,
): Promise<WriterLock> {
  const runId = randomUUID();
  let earlierRuns: ReadonlySet<string> = new Set();
  const lock = await acquireFileLock(sqlite, lockOf(storePath), `${shownPath}.writer`, {
    waitMs,
    onWait,
    purpose: 'it only marks who writes the store',
    // Nobody but the holder has begun a run meanwhile; who has begun none writes notes, or merges.
    doing: (lock) => {
      const [before] = lock.get('SELECT last_run FROM before_holder') ?? [];
      const sweep = typeof before === 'number' ? sweepBehind(before) : null;
      return sweep === null ? null : `for sweep ${JSON.stringify(sweep)}`;
    },
    onHeld: (lock) => {
      lock.exec('CREATE TABLE IF NOT EXISTS sessions (session TEXT) STRICT');
      // The one that the store names stays: this one may end before it has written anything.
      lock.run('DELETE FROM sessions WHERE session IS NOT ?', standing());
      lock.run('INSERT INTO sessions VALUES (?)', session);
      lock.exec('CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, run TEXT UNIQUE) STRICT');
      // It is there where this process has named itself and another has stepped in.
      lock.run('DELETE FROM runs WHERE run = ?', runId);
      earlierRuns = keepRuns(lock, running());
      lock.run('INSERT INTO runs (run) VALUES (?)', runId);
      lock.exec('CREATE TABLE IF NOT EXISTS before_holder (last_run INTEGER) STRICT');
      lock.run('DELETE FROM before_holder');
      lock.run('INSERT INTO before_holder VALUES (?)', lastRun());
    },
    refusal: (holder) =>
      new UserError(`${shownPath}: being written by ${holder}. Wait until it ends, or name another store`),
  });
  let isTaken = false;
  const newRunId = () => {
    const id = isTaken ? randomUUID() : runId;
    isTaken = true;
    return id;
  };
  return { ...lock, runs: { newRunId, abandonedRuns: () => earlierRuns } };
}

/**
 * Of the runs that the lock names, those that stand as running have died. The others are over, or were never begun, and are
 * forgotten: most who write a store begin none.
 */
function keepRuns(lock: SqliteConnection, running: readonly string[] | null): ReadonlySet<string> {
  const named = readRuns(lock);
  if (running === null) return named;
  const died = new Set(running.filter((run) => named.has(run)));
  for (const run of named) if (!died.has(run)) lock.run('DELETE FROM runs WHERE run = ?', run);
  return died;
}

/**
 * The runs that were begun in a store by processes that no longer have its lock, and that run by what is stored: they have
 * died. As anybody may ask who only reads: nothing is written, and the lock is taken for a moment alone, since who begins to
 * write meanwhile has to wait for it. None where somebody has the lock, or where that cannot be told.
 *
 * @param running reads the runs that are stored as running, at a moment of its own: by the time that the lock is free, a run
 *   that ended well is stored so, whatever the reader still sees of it
 */
export function abandonedRuns(
  sqlite: Sqlite,
  storePath: string,
  running: () => readonly string[],
): ReadonlySet<string> {
  const begun = runsWithoutLock(sqlite, lockOf(storePath));
  return new Set(begun.size === 0 ? [] : running().filter((run) => begun.has(run)));
}

function runsWithoutLock(sqlite: Sqlite, path: string): ReadonlySet<string> {
  // With a journal beside it somebody is writing into it, or has died doing so: SQLite would put that right.
  if (!existsSync(path) || existsSync(`${path}-journal`)) return new Set();
  const location = pathToFileURL(path);
  location.searchParams.set('mode', 'rw');
  let lock: SqliteConnection | undefined;
  try {
    lock = new SqliteConnection(new sqlite.DatabaseSync(location));
    lock.exec(`PRAGMA busy_timeout = ${OTHERS_ASK_MS}`);
    lock.exec('BEGIN IMMEDIATE');
    return readRuns(lock);
  } catch (error) {
    // Held, not ours to lock, or of an older version.
    if (sqliteCode(error) === null) throw error;
    return new Set();
  } finally {
    lock?.close();
  }
}

/** Another reader that asks has the lock for a fraction of that; who writes has it for longer than anybody would wait here. */
const OTHERS_ASK_MS = 5;

function readRuns(lock: SqliteConnection): ReadonlySet<string> {
  return new Set(lock.all('SELECT run FROM runs').map(([run]) => String(run)));
}
