import type { Pool, PoolClient } from 'pg';
import { shellWord } from '../../shell-word.ts';
import { UserError } from '../../user-error.ts';
import type { RunId } from '../records.ts';
import { checkRows, MAX_PROBLEMS } from '../sql/check-rows.ts';
import type { Connection, Sql } from '../sql/connection.ts';
import { SqlVerdictStore, type WriteOptions } from '../sql/sql-verdict-store.ts';
import { asNumber, asText } from '../sql/values.ts';
import { RUN_LEASE_SECONDS, type StoreMoment } from '../verdict-store.ts';
import { PostgresStatements } from './connection.ts';
import { HOSTS_READ_MS, LONG_MS, QUICK_MS } from './limits.ts';
import { patiently } from './patience.ts';
import { codeOf, explain, isLost } from './postgres-errors.ts';
import { PostgresRankedOutcomes } from './ranked/ranked-outcomes.ts';
import { SCHEMA } from './schema.ts';
import { wasCommitted } from './was-committed.ts';

/** A store in a PostgreSQL database, which any number of hosts read and write. */
export class PostgresVerdictStore extends SqlVerdictStore {
  readonly location: string;
  override readonly ranked = new PostgresRankedOutcomes((work) => this.reading(work));
  readonly #pool: Pool;
  readonly #canWrite: boolean;
  readonly #waitMs: number;
  /** Who waits for a server that is lost has to notice that it is. */
  readonly #readMs: number;
  /** The transaction of `atOneMoment`. */
  #held: PostgresStatements | null = null;

  constructor(
    location: string,
    pool: Pool,
    { canWrite, waitMs }: { readonly canWrite: boolean; readonly waitMs: number },
  ) {
    super();
    this.location = location;
    this.#pool = pool;
    this.#canWrite = canWrite;
    this.#waitMs = waitMs;
    this.#readMs = waitMs > 0 ? HOSTS_READ_MS : LONG_MS;
  }

  async moment(): Promise<StoreMoment> {
    const row = await this.reading((connection) => connection.get('SELECT uuid, version FROM store'));
    return { file: asText(row?.[0]), version: String(asNumber(row?.[1])) };
  }

  async atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      const statements = new PostgresStatements(client, this.#readMs);
      this.#held = statements;
      try {
        await statements.answer(statements.begin('read'));
        return await work();
      } finally {
        this.#held = null;
        await statements.answer(statements.end('COMMIT'));
      }
    });
  }

  async backup(): Promise<void> {
    throw new UserError(
      `${this.location}: a database is backed up with pg_dump. For a copy of the store in a file: \`sweep pull ${shellWord(this.location)} --db FILE\``,
    );
  }

  async check(): Promise<readonly string[]> {
    const problems: string[] = [];
    await this.reading((connection) => checkRows(connection, problems, () => false));
    return problems.slice(0, MAX_PROBLEMS);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Beside whatever is being written: it must not wait for that. */
  async keepRun(runId: RunId): Promise<void> {
    await this.#withClient(async (client) => {
      await client.query(
        `INSERT INTO ${SCHEMA}.run_leases
         SELECT id, now() + interval '${RUN_LEASE_SECONDS} seconds' FROM ${SCHEMA}.runs WHERE uuid = $1
         ON CONFLICT (run_id) DO UPDATE SET until = excluded.until`,
        [runId],
      );
    });
  }

  protected async reading<T>(work: (connection: Connection) => Sql<T>): Promise<T> {
    const held = this.#held;
    if (held !== null) return this.#explained(() => held.answer(work(held)));
    return this.#withClient((client) => {
      const statements = new PostgresStatements(client, this.#readMs);
      return statements.answer(statements.read(() => work(statements)));
    });
  }

  protected async writing<T>(
    work: (connection: Connection) => Sql<T>,
    { alongside, isLong = false }: WriteOptions = {},
  ): Promise<T> {
    if (!this.#canWrite) throw new UserError(`${this.location}: was opened to be read, and is not written`);
    const limitMs = isLong ? LONG_MS : QUICK_MS;
    let unheard: { readonly number: string; readonly result: T } | null = null;
    return this.#withClient(async (client) => {
      if (unheard !== null && (await wasCommitted(client, unheard.number))) return unheard.result;
      unheard = null;
      const statements = new PostgresStatements(client, limitMs);
      try {
        const number = await statements.answer(statements.begin('write'));
        const result = await statements.answer(work(statements));
        await alongside?.((sql, values) => client.query(sql, values === undefined ? undefined : [...values]));
        unheard = { number, result };
        await statements.answer(statements.end('COMMIT'));
        return result;
      } catch (error) {
        // A connection that is lost has ended its transaction; what is to be told is why.
        if (!isLost(error)) await statements.answer(statements.end('ROLLBACK')).catch(() => {});
        throw error;
      }
    });
  }

  /** With a connection; while the server does not answer, again and again for as long as may be waited. */
  #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return patiently(this.location, this.#waitMs, () => this.#once(work));
  }

  async #once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      // An error without the server's code is the link's, or ours: that connection is not used again.
      const isOfServer = /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '') && !isLost(error);
      if (error instanceof Error && !isOfServer) broken = error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(this.location, error);
    }
  }
}
