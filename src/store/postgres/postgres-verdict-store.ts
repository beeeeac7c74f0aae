import type { Pool, PoolClient } from 'pg';
import { UserError } from '../../user-error.ts';
import { checkRows, MAX_PROBLEMS } from '../sql/check-rows.ts';
import type { Connection, Sql } from '../sql/connection.ts';
import { SqlVerdictStore } from '../sql/sql-verdict-store.ts';
import { asNumber, asText } from '../sql/values.ts';
import type { StoreMoment } from '../verdict-store.ts';
import { answer, PostgresStatements } from './connection.ts';
import { codeOf, explain } from './postgres-errors.ts';

/** A store in a PostgreSQL database, which any number of hosts read and write. */
export class PostgresVerdictStore extends SqlVerdictStore {
  readonly location: string;
  readonly #pool: Pool;
  readonly #canWrite: boolean;
  /** The connection and transaction of `atOneMoment`. */
  #held: { readonly client: PoolClient; readonly statements: PostgresStatements } | null = null;

  constructor(location: string, pool: Pool, { canWrite }: { readonly canWrite: boolean }) {
    super();
    this.location = location;
    this.#pool = pool;
    this.#canWrite = canWrite;
  }

  async moment(): Promise<StoreMoment> {
    const row = await this.reading((connection) => connection.get('SELECT uuid, version FROM store'));
    return { file: asText(row?.[0]), version: String(asNumber(row?.[1])) };
  }

  async atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    return this.#withClient(async (client) => {
      const statements = new PostgresStatements();
      this.#held = { client, statements };
      try {
        await answer(client, statements.begin());
        return await work();
      } finally {
        this.#held = null;
        await answer(client, statements.end());
      }
    });
  }

  async backup(): Promise<void> {
    throw new UserError(
      `${this.location}: a database is backed up with pg_dump. For a copy of the store in a file: sweep pull`,
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

  protected async reading<T>(work: (connection: Connection) => Sql<T>): Promise<T> {
    const held = this.#held;
    if (held !== null) return this.#explained(() => answer(held.client, work(held.statements)));
    return this.#withClient((client) => {
      const statements = new PostgresStatements();
      return answer(
        client,
        statements.read(() => work(statements)),
      );
    });
  }

  protected async writing<T>(work: (connection: Connection) => Sql<T>): Promise<T> {
    if (!this.#canWrite) throw new UserError(`${this.location}: was opened to be read, and is not written`);
    return this.#withClient((client) => {
      const statements = new PostgresStatements();
      return answer(
        client,
        statements.write(() => work(statements)),
      );
    });
  }

  #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#explained(async () => {
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      try {
        return await work(client);
      } catch (error) {
        // An error without the server's code is the link's: that connection is not used again.
        if (error instanceof Error && !/^[0-9A-Z]{5}$/.test(codeOf(error) ?? '')) broken = error;
        throw error;
      } finally {
        client.release(broken);
      }
    });
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(this.location, error);
    }
  }
}
