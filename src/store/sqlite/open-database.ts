import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UserError } from '../../user-error.ts';
import type { StoreOptions } from '../verdict-store.ts';
import { checkSchema } from './check-schema.ts';
import { Connection } from './connection.ts';
import { loadSqlite, type Sqlite } from './load-sqlite.ts';
import { latestVersion, migrate, schemaVersion } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { explained } from './sqlite-errors.ts';
import { acquireWriterLock, type WriterLock } from './writer-lock.ts';

export type OpenDatabase = {
  readonly connection: Connection;
  /** Closes the database and gives up the writer's lock. */
  close(): void;
};

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
  if (options.mode === 'write') return openToWrite(sqlite, file, options, migrations);
  if (needsMigration(sqlite, file, options, migrations)) {
    inspectFile(path, 'write');
    (await openToWrite(sqlite, file, options, migrations)).close();
  }
  return openToRead(sqlite, file, options, migrations);
}

type StoreFile = { readonly shown: string; readonly real: string };

const SQLITE_HEADER = 'SQLite format 3\0';
const DEFAULT_BUSY_TIMEOUT_MS = 10_000;

/** Checks what can be known without SQLite, makes the folder of a store to be written, and gives the file's real path. */
function inspectFile(path: string, mode: StoreOptions['mode']): string {
  try {
    if (mode === 'write') mkdirSync(dirname(path), { recursive: true });
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined && mode === 'read') {
      throw new UserError(
        `${path}: no such store. Make one with \`sweep run FILE --db ${path}\`, or name another with --db`,
      );
    }
    if (status?.isDirectory())
      throw new UserError(`${path}: a folder, expected a store's file. Try --db ${join(path, 'sweeps.db')}`);
    if (status !== undefined && !status.isFile())
      throw new UserError(`${path}: a device or a pipe, expected a store's file. Name another with --db`);
    if (status === undefined) {
      accessSync(dirname(path), constants.W_OK);
      return join(realpathSync(dirname(path)), basename(path));
    }
    if (status.size === 0 && mode === 'read') throw new UserError(`${path}: empty, no sweep was ever stored in it`);
    if (status.size > 0 && firstBytes(path) !== SQLITE_HEADER) {
      throw new UserError(`${path}: not a sweep store (no SQLite database). Name another file with --db`);
    }
    if (mode === 'write') {
      accessSync(path, constants.W_OK);
      // SQLite keeps its log beside the store.
      accessSync(dirname(realpathSync(path)), constants.W_OK);
    }
    return realpathSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path}: cannot be ${mode === 'read' ? 'read' : 'written'} (${messageOf(error)}). ` +
        'Give permission on the file and its folder, or name another store with --db',
      { cause: error },
    );
  }
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(SQLITE_HEADER.length);
  const descriptor = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function needsMigration(
  sqlite: Sqlite,
  file: StoreFile,
  options: StoreOptions,
  migrations: readonly Migration[],
): boolean {
  return withReader(sqlite, file, options, (connection) => {
    try {
      const version = schemaVersion(connection, file.shown, migrations);
      if (version === 0) throw new UserError(`${file.shown}: empty, no sweep was ever stored in it`);
      return version < latestVersion(migrations);
    } finally {
      connection.close();
    }
  });
}

function openToRead(
  sqlite: Sqlite,
  file: StoreFile,
  options: StoreOptions,
  migrations: readonly Migration[],
): OpenDatabase {
  return withReader(sqlite, file, options, (connection) => {
    schemaVersion(connection, file.shown, migrations);
    checkSchema(sqlite, connection, migrations);
    return { connection, close: () => connection.close() };
  });
}

/** Connects and does the work; closes the connection when either fails. */
function withReader<T>(sqlite: Sqlite, file: StoreFile, options: StoreOptions, work: (reader: Connection) => T): T {
  return explained(file.shown, () => {
    const location = isOnReadOnlyDisk(file.real) ? immutable(file.real) : file.real;
    const connection = new Connection(new sqlite.DatabaseSync(location, { readOnly: true }));
    try {
      configure(connection, options);
      connection.exec('PRAGMA query_only = ON');
      return work(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

// A reader of a store in WAL mode keeps its place in a file beside it. Where none can be made and none exists nobody
// writes the store either, and SQLite may be told so.
function isOnReadOnlyDisk(realPath: string): boolean {
  if (existsSync(`${realPath}-wal`)) return false;
  try {
    accessSync(dirname(realPath), constants.W_OK);
    return false;
  } catch {
    // Not an error to report: this is the question.
    return true;
  }
}

function immutable(realPath: string): URL {
  const url = pathToFileURL(realPath);
  url.searchParams.set('immutable', '1');
  return url;
}

async function openToWrite(
  sqlite: Sqlite,
  file: StoreFile,
  options: StoreOptions,
  migrations: readonly Migration[],
): Promise<OpenDatabase> {
  const connection = explained(file.shown, () => new Connection(new sqlite.DatabaseSync(file.real)));
  let lock: WriterLock | undefined;
  try {
    explained(file.shown, () => {
      configure(connection, options);
      // Before the lock, since taking it writes a file.
      schemaVersion(connection, file.shown, migrations);
    });
    const held = await acquireWriterLock(sqlite, file.real, file.shown, options);
    lock = held;
    explained(file.shown, () => {
      prepareToWrite(connection, file.shown);
      migrate(connection, file.real, file.shown, migrations, options.onMigrate);
      checkSchema(sqlite, connection, migrations);
    });
    return {
      connection,
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

function configure(connection: Connection, { busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS }: StoreOptions): void {
  connection.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
  // A store from elsewhere may be damaged or hostile: check pages as they are read, run nothing that it brings along.
  connection.exec('PRAGMA cell_size_check = ON');
  connection.exec('PRAGMA trusted_schema = OFF');
  connection.exec('PRAGMA cache_size = -65536'); // 64 MiB
}

function prepareToWrite(connection: Connection, shownPath: string): void {
  // Counts for a database that has no page yet, and for no other. With 8 KiB three wide rows share a page, not one.
  connection.exec('PRAGMA page_size = 8192');
  const mode = connection.get('PRAGMA journal_mode = WAL')?.[0];
  if (mode !== 'wal') {
    throw new UserError(
      `${shownPath}: its disk cannot hold a write-ahead log (a network folder?). Name a store on a local disk with --db`,
    );
  }
  // In WAL mode this loses nothing when the process dies; when the machine does, the store is whole and lacks at most
  // the last transactions.
  connection.exec('PRAGMA synchronous = NORMAL');
  connection.exec('PRAGMA journal_size_limit = 67108864'); // 64 MiB
}
