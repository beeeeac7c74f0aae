import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Connection, Row, Sql, SqlRequest, SqlValue } from '../sql/connection.ts';

export type { Row };

/** What the lock of a store's file knows of its runs: see `Connection`. */
export type RunsOfFile = Pick<Connection, 'newRunId'> & { abandonedRuns(): ReadonlySet<string> };

const NO_LOCK: RunsOfFile = { newRunId: randomUUID, abandonedRuns: () => new Set() };

/**
 * One open database: statements by their text, prepared once; rows as arrays; transactions that end in any case.
 *
 * Values stand as plain `?`: Node 22 does not bind numbered ones (`?1`).
 */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #beforeFirstWrite: (() => void) | null = null;
  #isHeld = false;
  #statementsView: Connection | undefined;
  /** Where its file lies, absolute and without links. */
  readonly folder: string;
  runs = NO_LOCK;

  constructor(database: DatabaseSync, folder = '/') {
    this.#database = database;
    this.folder = folder;
  }

  /** What is done once, before anything of the store is written. */
  beforeFirstWrite(work: () => void): void {
    this.#beforeFirstWrite = work;
  }

  #write(): void {
    const work = this.#beforeFirstWrite;
    this.#beforeFirstWrite = null;
    // Within a transaction it was done before that began.
    if (!this.#database.isTransaction) work?.();
  }

  /** Statements without values or rows: pragmas, schemas. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** @returns the number of rows that were changed, and the rowid of the last that was inserted */
  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number } {
    this.#write();
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** Puts one row in. @returns its rowid */
  insert(sql: string, ...values: SqlValue[]): number {
    const { changes, lastId } = this.run(sql, ...values);
    // `ON CONFLICT` or a rule that is not ours: nothing is left out without a word.
    if (changes !== 1) throw new Error(`expected one row to be stored, got ${changes}`);
    return lastId;
  }

  get(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  all(sql: string, ...values: SqlValue[]): readonly Row[] {
    // With setReturnArrays a row is an array; the type of `all` only knows rows as objects.
    return this.#statement(sql).all(...values) as unknown[] as readonly Row[];
  }

  /** Rows as they are read, without holding them all. */
  iterate(sql: string, ...values: SqlValue[]): Iterable<Row> {
    // With setReturnArrays a row is an array; the type of `iterate` only knows rows as objects.
    return this.#statement(sql).iterate(...values) as Iterable<unknown> as Iterable<Row>;
  }

  /** All of the work is stored or, when it throws, none. Takes the write lock first: no later step can be refused it. */
  write<T>(work: () => T): T {
    this.#write();
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  /** All that the work reads is of one moment. */
  read<T>(work: () => T): T {
    return this.#isHeld ? work() : this.#transaction('BEGIN', work);
  }

  /** `write` of work that may wait for another database: the transaction stays open meanwhile. */
  *writing<T>(work: () => Sql<T>): Sql<T> {
    this.#write();
    return yield* this.#statementsTransaction('BEGIN IMMEDIATE', work);
  }

  /** `read`, likewise. */
  *reading<T>(work: () => Sql<T>): Sql<T> {
    return yield* this.#isHeld ? work() : this.#statementsTransaction('BEGIN', work);
  }

  /** All reads until `release` are of one moment, whatever others store meanwhile. Nothing may be written. */
  hold(): void {
    this.#database.exec('BEGIN');
    this.#isHeld = true;
  }

  release(): void {
    if (this.#isHeld && this.#database.isTransaction) this.#database.exec('COMMIT');
    this.#isHeld = false;
  }

  /** The same database as a store's statements see it. */
  get statements(): Connection {
    this.#statementsView ??= new SqliteStatements(this);
    return this.#statementsView;
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.#database.exec(begin);
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  *#statementsTransaction<T>(begin: string, work: () => Sql<T>): Sql<T> {
    this.#database.exec(begin);
    try {
      const result = yield* work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** A full disk may have ended the transaction already. */
  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Statements that are over as soon as they are asked for: nothing of them ever waits. */
class SqliteStatements implements Connection {
  readonly dialect = 'sqlite';
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  get folder(): string {
    return this.#connection.folder;
  }

  newRunId(): string {
    return this.#connection.runs.newRunId();
  }

  abandonedRuns(): Sql<ReadonlySet<string>> {
    return answered(() => this.#connection.runs.abandonedRuns());
  }

  all(sql: string, ...values: readonly SqlValue[]): Sql<readonly Row[]> {
    return answered(() => this.#connection.all(sql, ...values));
  }

  get(sql: string, ...values: readonly SqlValue[]): Sql<Row | undefined> {
    return answered(() => this.#connection.get(sql, ...values));
  }

  run(sql: string, ...values: readonly SqlValue[]): Sql<number> {
    return answered(() => this.#connection.run(sql, ...values).changes);
  }

  insert(sql: string, ...values: readonly SqlValue[]): Sql<number> {
    return answered(() => this.#connection.insert(sql, ...values));
  }

  insertEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number[]> {
    return answered(() => lists.map((values) => this.#connection.insert(sql, ...values)));
  }

  put(sql: string, ...values: readonly SqlValue[]): Sql<void> {
    return answered(() => void this.#connection.insert(sql, ...values));
  }

  runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number> {
    return answered(() => lists.reduce((sum, values) => sum + this.#connection.run(sql, ...values).changes, 0));
  }

  *each(sql: string, values: readonly SqlValue[], visit: (row: Row) => Sql<void>): Sql<void> {
    for (const row of this.#connection.iterate(sql, ...values)) yield* visit(row);
  }

  write<T>(work: () => Sql<T>): Sql<T> {
    return this.#connection.writing(work);
  }

  read<T>(work: () => Sql<T>): Sql<T> {
    return this.#connection.reading(work);
  }
}

// biome-ignore lint/correctness/useYield: that it waits for nothing is the point
function* answered<T>(work: () => T): Sql<T> {
  return work();
}

/** What statements of SQLite come to. */
export function atOnce<T>(work: Sql<T>): T {
  const step: IteratorResult<SqlRequest, T> = work.next();
  if (step.done !== true) throw new Error(`SQLite answers at once, and was left with ${step.value.sql}`);
  return step.value;
}
