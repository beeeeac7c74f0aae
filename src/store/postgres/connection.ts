import { randomUUID } from 'node:crypto';
import type { ClientConfig, PoolClient, QueryArrayConfig, QueryArrayResult } from 'pg';
import type { Connection, Row, Sql, SqlRequest, SqlValue } from '../sql/connection.ts';
import { HAS_NO_LEASE } from '../sql/read-runs.ts';
import { asText } from '../sql/values.ts';
import { LOCK_TIMEOUT_MS, setStatementTimeout } from './limits.ts';
import { isLost } from './postgres-errors.ts';
import { OtherSchema, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/**
 * A connection's statements: each is a request to whoever runs the generator, which is `answer`. Within `write` and `read`
 * they are one transaction.
 */
export class PostgresStatements implements Connection {
  readonly dialect = 'postgres';
  readonly folder = '/';
  readonly newRunId = randomUUID;
  readonly #client: PoolClient;
  readonly #limitMs: number;

  /** @param limitMs for each statement, here and on the server (`limits.ts`) */
  constructor(client: PoolClient, limitMs: number) {
    this.#client = client;
    this.#limitMs = limitMs;
  }

  /** Runs work, answering each of its statements. */
  async answer<T>(work: Sql<T>): Promise<T> {
    let step: IteratorResult<SqlRequest, T> = work.next();
    while (step.done !== true) {
      let rows: readonly Row[];
      try {
        rows = await ask(this.#client, step.value, this.#limitMs);
      } catch (error) {
        step = work.throw(error);
        continue;
      }
      step = work.next(rows);
    }
    return step.value;
  }

  *all(sql: string, ...values: readonly SqlValue[]): Sql<readonly Row[]> {
    return yield { sql, values, wants: 'rows' };
  }

  *get(sql: string, ...values: readonly SqlValue[]): Sql<Row | undefined> {
    return (yield { sql, values, wants: 'rows' })[0];
  }

  *run(sql: string, ...values: readonly SqlValue[]): Sql<number> {
    return Number((yield { sql, values, wants: 'changes' })[0]![0]);
  }

  *insert(sql: string, ...values: readonly SqlValue[]): Sql<number> {
    const [id] = yield* this.insertEach(sql, [values]);
    return id!;
  }

  *abandonedRuns(): Sql<ReadonlySet<string>> {
    const rows = yield* this.all(`SELECT uuid FROM runs WHERE ${HAS_NO_LEASE}`);
    return new Set(rows.map(([uuid]) => asText(uuid)));
  }

  *put(sql: string, ...values: readonly SqlValue[]): Sql<void> {
    const changes = yield* this.run(sql, ...values);
    if (changes !== 1) throw new Error(`expected one row to be stored, got ${changes}`);
  }

  *insertEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number[]> {
    const ids: number[] = [];
    for (const part of partsOf(lists)) {
      const rows = yield { sql: `${repeated(sql, part.length)} RETURNING id`, values: part.flat(), wants: 'rows' };
      if (rows.length !== part.length) throw new Error(`expected ${part.length} rows to be stored, got ${rows.length}`);
      ids.push(...rows.map(([id]) => Number(id)));
    }
    return ids;
  }

  *runEach(sql: string, lists: readonly (readonly SqlValue[])[]): Sql<number> {
    let changes = 0;
    if (VALUES.test(sql))
      for (const part of partsOf(lists)) changes += yield* this.run(repeated(sql, part.length), ...part.flat());
    else for (const values of lists) changes += yield* this.run(sql, ...values);
    return changes;
  }

  *each(sql: string, values: readonly SqlValue[], visit: (row: Row) => Sql<void>): Sql<void> {
    yield { sql: `DECLARE each_row NO SCROLL CURSOR FOR ${sql}`, values, wants: 'changes' };
    for (;;) {
      const rows = yield { sql: `FETCH ${CURSOR_ROWS} FROM each_row`, values: [], wants: 'rows' };
      for (const row of rows) yield* visit(row);
      if (rows.length < CURSOR_ROWS) break;
    }
    yield { sql: 'CLOSE each_row', values: [], wants: 'changes' };
  }

  write<T>(work: () => Sql<T>): Sql<T> {
    return this.#transaction('write', work);
  }

  read<T>(work: () => Sql<T>): Sql<T> {
    return this.#transaction('read', work);
  }

  /** Changes the tables themselves, one after another with whoever does so, too. */
  alter<T>(work: () => Sql<T>): Sql<T> {
    return this.#transaction('alter', work);
  }

  /**
   * Begins a transaction for what comes bit by bit.
   *
   * @returns the server's number of one that writes (`wasCommitted`)
   * @throws OtherSchema where the tables are not, or no longer, of this version of the program
   */
  *begin(kind: TransactionKind): Sql<string> {
    this.#isWithin = true;
    const sql = BEGIN[kind](setStatementTimeout(this.#limitMs));
    const [[schema, number] = []] = yield { sql, values: [], wants: 'rows' };
    if (kind !== 'alter' && Number(schema) !== SCHEMA_VERSION) throw new OtherSchema(Number(schema));
    return String(number);
  }

  *end(how: 'COMMIT' | 'ROLLBACK'): Sql<void> {
    this.#isWithin = false;
    yield { sql: how, values: [], wants: 'changes' };
  }

  #isWithin = false;

  *#transaction<T>(kind: TransactionKind, work: () => Sql<T>): Sql<T> {
    if (this.#isWithin) return yield* work();
    try {
      yield* this.begin(kind);
      const result = yield* work();
      yield* this.end('COMMIT');
      return result;
    } catch (error) {
      // A connection that is lost has ended its transaction, and would be waited for.
      if (isLost(error)) this.#isWithin = false;
      else yield* this.end('ROLLBACK');
      throw error;
    }
  }
}

type TransactionKind = 'read' | 'write' | 'alter';

/**
 * One writer at a time, as with a file: whoever writes holds the row of `store` until its transaction ends, so that every
 * rule that is kept by reading and then writing is kept with any number of hosts, and rows are numbered in the order in
 * which they are seen. A host that falls silent loses the row when its transaction has idled for 15 s. The number tells who
 * follows the store that something may have changed.
 *
 * What is set is set for the transaction alone: a pooler in transaction mode gives every transaction another session.
 */
const BEGIN: Readonly<Record<TransactionKind, (limit: string) => string>> = {
  read: (limit) => `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = ${SCHEMA}; ${limit};
    SELECT schema FROM store`,
  write: (
    limit,
  ) => `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = ${SCHEMA}; ${WAITS_SHORTLY}; ${limit};
    UPDATE store SET version = version + 1 RETURNING schema, txid_current()`,
  alter: (
    limit,
  ) => `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = ${SCHEMA}; ${WAITS_SHORTLY}; ${limit};
    SELECT pg_advisory_xact_lock(${ALTER_LOCK})`,
};
const WAITS_SHORTLY = `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL idle_in_transaction_session_timeout = '15s'`;
/** A number of ours among the locks of a database: "swee" in ASCII. */
const ALTER_LOCK = 0x73776565;

const CURSOR_ROWS = 2000;
const VALUES = /\bVALUES (\([^)]*\))/;
/** PostgreSQL takes 65,535 values a statement. */
const MOST_VALUES = 30_000;

function* partsOf<T>(lists: readonly (readonly T[])[]): Generator<readonly (readonly T[])[]> {
  const size = Math.max(1, Math.floor(MOST_VALUES / Math.max(1, lists[0]?.length ?? 1)));
  for (let i = 0; i < lists.length; i += size) yield lists.slice(i, i + size);
}

/** The same statement for so many rows. */
function repeated(sql: string, count: number): string {
  return sql.replace(VALUES, (_, group: string) => `VALUES ${Array.from({ length: count }, () => group).join(', ')}`);
}

async function ask(client: PoolClient, { sql, values, wants }: SqlRequest, limitMs: number): Promise<readonly Row[]> {
  const query: QueryArrayConfig & Pick<ClientConfig, 'query_timeout'> = {
    text: dialectOf(sql),
    values: values.map(toServer),
    rowMode: 'array',
    types: TYPES,
    query_timeout: limitMs,
  };
  // Several statements in one text have several results.
  const results: QueryArrayResult<SqlValue[]> | QueryArrayResult<SqlValue[]>[] = await client.query(query);
  const result = Array.isArray(results) ? results.at(-1)! : results;
  if (wants === 'changes') return [[result.rowCount ?? 0]];
  return result.rows;
}

const QUOTED_OR_OURS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\bCROSS JOIN (\w+(?: AS \w+)?) ON\b|\?/g;
const translated = new Map<string, string>();

/** Values as `$1`, `$2`, …; joins whose order SQLite is told as what they are. What is quoted, or a comment, stays. */
export function dialectOf(sql: string): string {
  let text = translated.get(sql);
  if (text === undefined) {
    let place = 0;
    text = sql.replaceAll(QUOTED_OR_OURS, (found, joined?: string) => {
      if (joined !== undefined) return `JOIN ${joined} ON`;
      return found === '?' ? `$${(place += 1)}` : found;
    });
    // Statements with lists of rows are many.
    if (translated.size > 1000) translated.clear();
    translated.set(sql, text);
  }
  return text;
}

/** PostgreSQL's text holds no NUL: it stands as two private characters, as does the first of these. */
function toServer(value: SqlValue): string | Buffer | null {
  if (value === null) return null;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string')
    return value.replaceAll(ESCAPE, `${ESCAPE}${ESCAPE}`).replaceAll('\0', `${ESCAPE}${NUL}`);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function textFrom(text: string): string {
  return text.includes(ESCAPE)
    ? text.replaceAll(new RegExp(`${ESCAPE}([${ESCAPE}${NUL}])`, 'g'), (_, what) => (what === NUL ? '\0' : ESCAPE))
    : text;
}

const ESCAPE = '\uE0F0';
const NUL = '\uE0F1';

/** OIDs of the types that our columns and counts have. */
const BOOLEAN = 16;
const BYTEA = 17;
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);

const TYPES = {
  getTypeParser(oid: number): (text: string) => SqlValue {
    if (NUMBERS.has(oid)) return Number;
    if (oid === BYTEA) return bytesFrom;
    if (oid === BOOLEAN) return (text) => (text === 't' ? 1 : 0);
    return textFrom;
  },
};

/** `\x` and hexadecimal digits. */
function bytesFrom(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
