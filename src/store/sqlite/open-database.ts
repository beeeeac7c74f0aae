import { randomUUID } from 'node:crypto';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expectFolder } from '../../expected-folder.ts';
import { makeFolders } from '../../make-folders.ts';
import { shellWord } from '../../shell-word.ts';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { asNumber, asText } from '../sql/values.ts';
import type { StoreMoment, StoreOptions } from '../verdict-store.ts';
import { checkNoRulesOfOthers, checkSchema } from './check-schema.ts';
import { SqliteConnection } from './connection.ts';
import { loadSqlite, type Sqlite } from './load-sqlite.ts';
import { askedOf, checkLogOwner, immutable, sessionInFile } from './log-owner.ts';
import { latestVersion, migrate, schemaVersion } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { explained, sqliteCode } from './sqlite-errors.ts';
import {
  type FileState,
  fileState,
  isSameFile,
  isSameState,
  isSqliteFile,
  logIndexOf,
  logOf,
  OpenFileGuard,
  type StoreFile,
} from './store-file.ts';
import { LONGEST_STANDSTILL_MS, whenFree } from './when-free.ts';
import { abandonedRuns, acquireWriterLock, type WriterLock } from './writer-lock.ts';

/** A store's database, open. */
export interface OpenDatabase {
  readonly sqlite: Sqlite;
  /**
   * Does work that reads or writes.
   *
   * @throws UserError when the file that is open to be written is no longer what its path names
   */
  use<T>(work: (connection: SqliteConnection) => T): T;
  /** See `VerdictStore.moment`. */
  moment(): StoreMoment;
  /** Closes the database and gives up the writer's lock. */
  close(): void;
}

/**
 * Opens a store's database at the newest schema. Everything that can be refused is refused before anything is written.
 *
 * @throws UserError see `openVerdictStore`
 */
export async function openDatabase(
  path: string,
  options: StoreOptions,
  migrations: readonly Migration[],
): Promise<OpenDatabase> {
  const sqlite = await loadSqlite();
  const file = { shown: path, real: inspectFile(path, options.mode) };
  explained(file.shown, () => checkLogOwner(sqlite, file));
  if (options.mode === 'write') return openToWrite(sqlite, file, options, migrations);
  if (needsMigration(sqlite, file, options, migrations)) {
    inspectFile(path, 'write');
    (await openToWrite(sqlite, file, options, migrations)).close();
  }
  return new Reader(sqlite, file, options, migrations);
}

/** How long another program's lock is waited for. */
export const DEFAULT_BUSY_TIMEOUT_MS = 10_000;

/**
 * Checks what can be known without SQLite, makes the folder of a store to be written, and gives the file's real path. Of
 * options no refusal speaks, here and where SQLite itself refuses: a store may have come by --db, --with or as an argument.
 */
function inspectFile(path: string, mode: StoreOptions['mode']): string {
  if (path === '') throw new UserError('--db: expected the name of a file, got an empty one');
  expectFolder(dirname(path), 'a file in a folder', 'Name another store', path);
  try {
    if (mode === 'write') makeFolders(dirname(path));
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined && mode === 'read') {
      throw new UserError(
        `${path}: no such store. Make one with \`sweep run FILE --db ${shellWord(path)}\`, or name another`,
      );
    }
    if (status?.isDirectory())
      throw new UserError(`${path}: a folder, expected a store's file. Try ${shellWord(join(path, 'sweeps.db'))}`);
    if (status !== undefined && !status.isFile())
      throw new UserError(`${path}: a device or a pipe, expected a store's file. Name another`);
    if (status === undefined) {
      accessSync(dirname(path), constants.W_OK);
      return join(realpathSync(dirname(path)), basename(path));
    }
    if (status.size === 0 && mode === 'read') {
      throw new UserError(
        `${path}: empty, no sweep was ever stored in it. \`sweep run FILE --db ${shellWord(path)}\` stores one, or name another`,
      );
    }
    if (status.size > 0 && !isSqliteFile(path)) {
      throw new UserError(`${path}: not a sweep store (no SQLite database). Name another file`);
    }
    if (mode === 'write') checkWritable(path, status.nlink);
    return realpathSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path}: cannot be ${mode === 'read' ? 'read' : 'written'} (${systemWords(error)}). ` +
        'Give permission on the file and its folder, or name another store',
      { cause: error },
    );
  }
}

function checkWritable(path: string, nameCount: number): void {
  // Each name would have a log and a lock of its own, and two runs would write one file.
  if (nameCount > 1) {
    throw new UserError(
      `${path}: has ${nameCount} names (hard links), and can be written by one only. Make the others copies, with \`sweep backup\``,
    );
  }
  accessSync(path, constants.W_OK);
  const real = realpathSync(path);
  // SQLite keeps its log beside the store.
  accessSync(dirname(real), constants.W_OK);
  for (const log of [logOf(real), logIndexOf(real)]) {
    if (statSync(log, { throwIfNoEntry: false }) === undefined) continue;
    try {
      accessSync(log, constants.W_OK);
    } catch (error) {
      throw new UserError(
        `${path}: ${log} belongs to another user and cannot be written. Where it is empty and no run is going, delete ` +
          `${logOf(real)} and ${logIndexOf(real)}; else have that user run \`sweep list --db ${shellWord(path)}\``,
        { cause: error },
      );
    }
  }
}

function needsMigration(
  sqlite: Sqlite,
  file: StoreFile,
  options: StoreOptions,
  migrations: readonly Migration[],
): boolean {
  const connection = connectToRead(sqlite, file, options);
  try {
    return explained(file.shown, () => {
      const version = schemaVersion(connection, file.shown, migrations);
      if (version === 0) throw new UserError(`${file.shown}: empty, no sweep was ever stored in it`);
      return version < latestVersion(migrations);
    });
  } finally {
    connection.close();
  }
}

/**
 * A reader of a store in WAL mode would make files beside it, which then belong to whoever read it and may lock its owner
 * out. Where there is no log nobody writes, and SQLite is told so and makes none. Should somebody begin to write then,
 * what was read meanwhile is read again, with the writer's log.
 */
class Reader implements OpenDatabase {
  readonly sqlite: Sqlite;
  readonly #file: StoreFile;
  readonly #options: StoreOptions;
  readonly #migrations: readonly Migration[];
  #connection: SqliteConnection;
  #opened: FileState;
  /** How often it was connected: what SQLite counts begins anew with each connection. */
  #connections = 1;

  constructor(sqlite: Sqlite, file: StoreFile, options: StoreOptions, migrations: readonly Migration[]) {
    this.sqlite = sqlite;
    this.#file = file;
    this.#options = options;
    this.#migrations = migrations;
    this.#opened = fileState(file);
    this.#connection = this.#connect();
  }

  use<T>(work: (connection: SqliteConnection) => T): T {
    for (let attempt = 1; ; attempt += 1) {
      const result = this.#attempt(work);
      // With a log SQLite keeps readers and writers apart.
      if (this.#opened.hasLog || isSameState(this.#opened, fileState(this.#file))) return unwrapped(result);
      if (attempt === MAX_READS)
        throw new UserError(`${this.#file.shown}: it is replaced again and again while it is read`);
      this.#reconnect();
    }
  }

  moment(): StoreMoment {
    const now = fileState(this.#file);
    if (now.stats === null) throw new UserError(`${this.#file.shown}: no such store any more`);
    if (!isSameFile(this.#opened, now)) {
      explained(this.#file.shown, () => checkLogOwner(this.sqlite, this.#file));
      this.#reconnect();
    }
    const version = this.use(dataVersion);
    const { dev = 0, ino = 0 } = this.#opened.stats ?? {};
    return { file: `${dev}:${ino}`, version: `${this.#connections}:${version}` };
  }

  close(): void {
    this.#connection.close();
  }

  #attempt<T>(work: (connection: SqliteConnection) => T): PromiseSettledResult<T> {
    try {
      return { status: 'fulfilled', value: work(this.#connection) };
    } catch (reason) {
      // Looked at when it is known that the file has not changed meanwhile.
      return { status: 'rejected', reason };
    }
  }

  /** To what the path names now. Where that cannot be read, what was open stays so. */
  #reconnect(): void {
    const opened = fileState(this.#file);
    const connection = this.#connect();
    this.#connection.close();
    this.#connection = connection;
    this.#opened = opened;
    this.#connections += 1;
  }

  #connect(): SqliteConnection {
    const connection = connectToRead(this.sqlite, this.#file, this.#options);
    try {
      explained(this.#file.shown, () => {
        schemaVersion(connection, this.#file.shown, this.#migrations);
        checkSchema(this.sqlite, connection, this.#migrations);
      });
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

const MAX_READS = 10;

/** Another number after each transaction of another connection. */
function dataVersion(connection: SqliteConnection): number {
  return asNumber(connection.get('PRAGMA data_version')?.[0]);
}

/** Rows that this connection has changed. */
function changeCount(connection: SqliteConnection): number {
  return asNumber(connection.get('SELECT total_changes()')?.[0]);
}

function unwrapped<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

function connectToRead(sqlite: Sqlite, file: StoreFile, options: StoreOptions): SqliteConnection {
  return explained(file.shown, () => {
    const connection = new SqliteConnection(
      new sqlite.DatabaseSync(placeToRead(file), { readOnly: true }),
      dirname(file.real),
    );
    const running = () => askedOf(sqlite, placeToRead(file), SELECT_RUNNING);
    connection.runs = { ...connection.runs, abandonedRuns: () => abandonedRuns(sqlite, file.real, running) };
    try {
      configure(connection, options);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

const SELECT_RUNNING = "SELECT uuid FROM runs WHERE outcome = 'running'";

/** Null where the store has no such table yet, or cannot be read now. */
function runningRuns(connection: SqliteConnection): readonly string[] | null {
  return readIfSo(() => connection.all(SELECT_RUNNING).map(([run]) => String(run)));
}

/** 0, too, where the store has no such table yet, or cannot be read now. */
function lastRun(connection: SqliteConnection): number {
  return readIfSo(() => asNumber(connection.get('SELECT coalesce(max(id), 0) FROM runs')?.[0])) ?? 0;
}

/** The sweep of the last run behind that row that is stored as running. Null, too, where that cannot be read now. */
function sweepBehind(connection: SqliteConnection, row: number): string | null {
  const begun = "SELECT sweep_name FROM runs WHERE outcome = 'running' AND id > ? ORDER BY id DESC LIMIT 1";
  return readIfSo(() => {
    const found = connection.get(begun, row);
    return found === undefined ? null : asText(found[0]);
  });
}

/** Null where a table or column is not there yet, or cannot be read now. */
function readIfSo<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (sqliteCode(error) === null) throw error;
    return null;
  }
}

/** Where nobody writes SQLite is told so: see `Reader`. */
function placeToRead(file: StoreFile): string | URL {
  return fileState(file).hasLog ? file.real : immutable(file.real);
}

async function openToWrite(
  sqlite: Sqlite,
  file: StoreFile,
  options: StoreOptions,
  migrations: readonly Migration[],
): Promise<OpenDatabase> {
  const connection = explained(
    file.shown,
    () => new SqliteConnection(new sqlite.DatabaseSync(file.real), dirname(file.real)),
  );
  let lock: WriterLock | undefined;
  const { busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS } = options;
  const whenNobodyLocks = (work: () => void) => whenFree(() => explained(file.shown, work), busyTimeoutMs);
  try {
    await whenNobodyLocks(() => {
      configure(connection, { ...options, busyTimeoutMs: Math.min(busyTimeoutMs, LONGEST_STANDSTILL_MS) });
      // Before the lock, since taking it writes a file.
      schemaVersion(connection, file.shown, migrations);
    });
    const session = randomUUID();
    const held = await acquireWriterLock(sqlite, file.real, file.shown, {
      ...options,
      session,
      standing: () => sessionInFile(sqlite, file.real),
      running: () => runningRuns(connection),
      lastRun: () => lastRun(connection),
      sweepBehind: (row) => sweepBehind(connection, row),
    });
    lock = held;
    connection.runs = held.runs;
    await whenNobodyLocks(() => {
      prepareToWrite(connection, file.shown);
      // What follows is done once.
      connection.write(() => {});
    });
    const guard = explained(file.shown, () => {
      migrate(sqlite, connection, file.real, file.shown, migrations, options.onMigrate);
      checkSchema(sqlite, connection, migrations);
      checkNoRulesOfOthers(connection, file.shown);
      // Not before something is written: a run that is refused leaves the store as it was, to the last byte.
      connection.beforeFirstWrite(() => nameSession(connection, session));
      return new OpenFileGuard(file, connection);
    });
    return {
      sqlite,
      use: (work) => {
        guard.check();
        const result = work(connection);
        guard.check();
        return result;
      },
      moment: () => {
        const { dev = 0, ino = 0 } = fileState(file).stats ?? {};
        return { file: `${dev}:${ino}`, version: `${dataVersion(connection)}:${changeCount(connection)}` };
      },
      close: () => {
        connection.close();
        held.release();
      },
    };
  } catch (error) {
    connection.close();
    lock?.release();
    throw error;
  }
}

/** In the store's own file: see `checkLogOwner`. So its tables are there, too, from the beginning. */
function nameSession(connection: SqliteConnection, session: string): void {
  connection.run('UPDATE store SET session = ?', session);
  connection.get('PRAGMA wal_checkpoint(TRUNCATE)');
}

function configure(connection: SqliteConnection, { busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS }: StoreOptions): void {
  connection.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
  // A store from elsewhere may be damaged or hostile: check pages as they are read, run nothing that it brings along.
  connection.exec('PRAGMA cell_size_check = ON');
  connection.exec('PRAGMA trusted_schema = OFF');
  connection.exec('PRAGMA cache_size = -65536'); // 64 MiB
}

function prepareToWrite(connection: SqliteConnection, shownPath: string): void {
  const mode = connection.get('PRAGMA journal_mode = WAL')?.[0];
  if (mode !== 'wal') {
    throw new UserError(
      `${shownPath}: its disk cannot hold a write-ahead log (a network folder?). Name a store on a local disk`,
    );
  }
  // In WAL mode this loses nothing when the process dies; when the machine does, the store is whole and lacks at most
  // the last transactions.
  connection.exec('PRAGMA synchronous = NORMAL');
  connection.exec('PRAGMA journal_size_limit = 67108864'); // 64 MiB
}
