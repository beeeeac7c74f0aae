import type { Connection, Sql } from '../sql/connection.ts';
import { SqlVerdictStore, type WriteOptions } from '../sql/sql-verdict-store.ts';
import type { StoreMoment, StoreOptions, VerdictStore } from '../verdict-store.ts';
import { backUp } from './backup.ts';
import { checkNoRulesOfOthers } from './check-schema.ts';
import { checkStore } from './check-store.ts';
import { atOnce, type SqliteConnection } from './connection.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { DEFAULT_BUSY_TIMEOUT_MS, type OpenDatabase, openDatabase } from './open-database.ts';
import { explained } from './sqlite-errors.ts';
import { whenFree } from './when-free.ts';

export async function openSqliteStore(path: string, options: StoreOptions): Promise<VerdictStore> {
  return new SqliteVerdictStore(path, await openDatabase(path, options, MIGRATIONS), options.busyTimeoutMs);
}

/**
 * A store in one SQLite file. Its calls are over before they return, since `node:sqlite` knows no other way, but for those
 * that have to wait for another program's lock.
 */
export class SqliteVerdictStore extends SqlVerdictStore {
  readonly location: string;
  readonly #database: OpenDatabase;
  readonly #busyTimeoutMs: number;

  constructor(location: string, database: OpenDatabase, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS) {
    super();
    this.location = location;
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  async moment(): Promise<StoreMoment> {
    return explained(this.location, () => this.#database.moment());
  }

  async atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    this.#do((connection) => connection.hold());
    try {
      return await work();
    } finally {
      this.#do((connection) => connection.release());
    }
  }

  async keepRun(): Promise<void> {
    // Its lock is kept as long as the process lives.
  }

  async backup(file: string, options: { readonly withoutMachine?: boolean } = {}): Promise<void> {
    this.#do((connection) => {
      // It would act on the copy, out of which hosts and users may have to go.
      checkNoRulesOfOthers(connection, this.location, ['trigger']);
      backUp(this.#database.sqlite, connection, file, options);
    });
  }

  async check(): Promise<readonly string[]> {
    return this.#do(checkStore);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  protected async reading<T>(work: (connection: Connection) => Sql<T>): Promise<T> {
    return this.#do((connection) => atOnce(work(connection.statements)));
  }

  protected async writing<T>(work: (connection: Connection) => Sql<T>, { alongside }: WriteOptions = {}): Promise<T> {
    if (alongside !== undefined) throw new Error('nothing else lies in a store that is a file');
    return whenFree(() => this.#do((connection) => atOnce(work(connection.statements))), this.#busyTimeoutMs);
  }

  #do<T>(work: (connection: SqliteConnection) => T): T {
    return explained(this.location, () => this.#database.use(work));
  }
}
