import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';

export type Row = readonly SQLOutputValue[];

/**
 * One open database: statements by their text, prepared once; rows as arrays; transactions that end in any case.
 *
 * Values stand as plain `?`: Node 22 does not bind numbered ones (`?1`).
 */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #beforeFirstWrite: (() => void) | null = null;
  #isHeld = false;
  /** Where its file lies, absolute and without links. */
  readonly folder: string;

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
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastId: number } {
    this.#write();
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** Puts one row in. @returns its rowid */
  insert(sql: string, ...values: SQLInputValue[]): number {
    const { changes, lastId } = this.run(sql, ...values);
    // `ON CONFLICT` or a rule that is not ours: nothing is left out without a word.
    if (changes !== 1) throw new Error(`expected one row to be stored, got ${changes}`);
    return lastId;
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    // With setReturnArrays a row is an array; the type of `all` only knows rows as objects.
    return this.#statement(sql).all(...values) as unknown[] as readonly Row[];
  }

  /** Rows as they are read, without holding them all. */
  iterate(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
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

  /** All reads until `release` are of one moment, whatever others store meanwhile. Nothing may be written. */
  hold(): void {
    this.#database.exec('BEGIN');
    this.#isHeld = true;
  }

  release(): void {
    if (this.#isHeld && this.#database.isTransaction) this.#database.exec('COMMIT');
    this.#isHeld = false;
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
      // A full disk may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
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
