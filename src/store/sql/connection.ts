/** What a column of any of our databases holds. Integers are numbers below 2^53, truth values 0 and 1. */
export type SqlValue = null | number | string | Uint8Array;

export type Row = readonly SqlValue[];

/**
 * One open database, as the statements of a store see it: SQLite's calls are over at once, PostgreSQL's cross a network.
 * The statements are the same text for both, values stand as plain `?`.
 *
 * Calls of one connection come one behind the other; a transaction's work awaits each.
 */
export interface Connection {
  /** For the few statements that each database says in its own way. */
  readonly dialect: 'sqlite' | 'postgres';

  all(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>;

  /** The first row. */
  get(sql: string, ...values: SqlValue[]): Promise<Row | undefined>;

  /** @returns the number of rows that were changed */
  run(sql: string, ...values: SqlValue[]): Promise<number>;

  /** Puts one row in. @param sql ends with `RETURNING id` @returns that id @throws where no row was stored, which is a bug */
  insert(sql: string, ...values: SqlValue[]): Promise<number>;

  /** The same statement with each of these lists of values, in their order. @returns the number of rows that were changed */
  runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Promise<number>;

  /** Rows some thousand at a time, without holding them all. */
  pages(sql: string, ...values: SqlValue[]): AsyncIterable<readonly Row[]>;

  /** All of the work is stored or, when it throws, none; nobody else writes meanwhile. */
  write<T>(work: () => Promise<T>): Promise<T>;

  /** All that the work reads is of one moment. */
  read<T>(work: () => Promise<T>): Promise<T>;
}
