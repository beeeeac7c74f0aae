/** What a column of any of our databases holds. Integers are numbers below 2^53, truth values 0 and 1. */
export type SqlValue = null | number | string | Uint8Array;

export type Row = readonly SqlValue[];

/** One statement that waits for its rows. Of those that change rows, their number is asked for. */
export type SqlRequest = {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  readonly wants: 'rows' | 'changes';
};

/**
 * What is done with a database, as a generator: each `yield*` of a connection's method is a statement. SQLite answers at
 * once, and the whole is over in one go; PostgreSQL answers over a network, and the process does other things meanwhile. So
 * one text of statements serves both, and SQLite's transactions are never interleaved with anything.
 */
export type Sql<T> = Generator<SqlRequest, T, readonly Row[]>;

/** What each item's statements come to, one behind the other. */
export function* inTurn<T, U>(items: Iterable<T>, work: (item: T) => Sql<U>): Sql<U[]> {
  const made: U[] = [];
  for (const item of items) made.push(yield* work(item));
  return made;
}

/**
 * One open database, as a store's statements see it. They are the same text for all, values stand as plain `?`.
 */
export interface Connection {
  /** For the few statements that each database says in its own way. */
  readonly dialect: 'sqlite' | 'postgres';

  /** Where a database that is a file lies, absolute and without links: places of data are kept relative to it. Else `/`. */
  readonly folder: string;

  /** The id of the run that is begun next. */
  newRunId(): string;

  /**
   * The runs that have died, whatever is stored of them: in a file those that were begun in it and whose writer's lock is gone,
   * in a database those whose lease is over. Asked after they were read, so that a run that is begun meanwhile is none of them.
   */
  abandonedRuns(): Sql<ReadonlySet<string>>;

  all(sql: string, ...values: readonly SqlValue[]): Sql<readonly Row[]>;

  /** The first row. */
  get(sql: string, ...values: readonly SqlValue[]): Sql<Row | undefined>;

  /** @returns the number of rows that were changed */
  run(sql: string, ...values: readonly SqlValue[]): Sql<number>;

  /**
   * Puts one row in.
   *
   * @param sql without `RETURNING`
   * @returns its id
   * @throws where no row was stored, which is a bug
   */
  insert(sql: string, ...values: readonly SqlValue[]): Sql<number>;

  /** `insert` for several rows. @returns their ids, in their order */
  insertEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number[]>;

  /** Puts one row in that has no id of its own. @throws where no row was stored, which is a bug */
  put(sql: string, ...values: readonly SqlValue[]): Sql<void>;

  /** The same statement with each of these lists of values, in their order. @returns the number of rows that were changed */
  runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number>;

  /** Does something with each row, as they are read, without holding them all. */
  each(sql: string, values: readonly SqlValue[], visit: (row: Row) => Sql<void>): Sql<void>;

  /** All of the work is stored or, when it throws, none; nobody else writes meanwhile. */
  write<T>(work: () => Sql<T>): Sql<T>;

  /** All that the work reads is of one moment. */
  read<T>(work: () => Sql<T>): Sql<T>;
}
