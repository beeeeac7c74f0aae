import type { Pool } from 'pg';
import type { Connection, Sql } from '../sql/connection.ts';
import type { StoreOptions, VerdictStore } from '../verdict-store.ts';
import { PostgresStatements } from './connection.ts';
import { ALTER_MS } from './limits.ts';
import { migrate, type SchemaChange } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { patiently } from './patience.ts';
import { openPool } from './pool.ts';
import { explain } from './postgres-errors.ts';
import { PostgresVerdictStore } from './postgres-verdict-store.ts';
import { OtherSchema, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { postgresLocation } from './url.ts';

/**
 * Opens a store in a PostgreSQL database whose tables are there (`initPostgresStore`). To write, nothing is locked: many
 * hosts write one store, a transaction at a time.
 *
 * @throws UserError when there is no such database, or its tables are of another version of this program
 */
export async function openPostgresStore(
  text: string,
  options: Pick<StoreOptions, 'mode' | 'waitMs' | 'connections'>,
): Promise<VerdictStore> {
  const location = postgresLocation(text);
  const { connections } = options;
  const pool = await openPool(location, connections === undefined ? {} : { max: connections });
  try {
    await checkSchema(pool);
    return new PostgresVerdictStore(location.shown, pool, {
      canWrite: options.mode === 'write',
      waitMs: options.waitMs ?? 0,
    });
  } catch (error) {
    await pool.end();
    throw explain(location.shown, error);
  }
}

/** Every transaction checks it again: a store that is open may be brought forward by a newer version. */
async function checkSchema(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ schema: string }>(`SELECT schema FROM ${SCHEMA}.store`);
  const found = Number(rows[0]?.schema);
  if (found !== SCHEMA_VERSION) throw new OtherSchema(found);
}

/**
 * Makes the tables of a store where there are none. Whoever comes at the same moment waits for the first.
 *
 * @param older what becomes of tables of an older version: all hosts that still run it are refused once they are brought forward
 * @throws UserError when the database cannot be reached, or its tables are of another version of this program
 */
export async function initPostgresStore(
  text: string,
  older: 'bring forward' | 'refuse' = 'refuse',
  migrations = MIGRATIONS,
): Promise<SchemaChange> {
  const location = postgresLocation(text);
  const pool = await openPool(location, { max: 1 });
  try {
    return await patiently(location.shown, 0, () => alter(pool, (tables) => migrate(tables, migrations, older)));
  } finally {
    await pool.end();
  }
}

async function alter<T>(pool: Pool, work: (connection: Connection) => Sql<T>): Promise<T> {
  const client = await pool.connect();
  let isOver = false;
  try {
    const statements = new PostgresStatements(client, ALTER_MS);
    const result = await statements.answer(statements.alter(() => work(statements)));
    isOver = true;
    return result;
  } finally {
    client.release(!isOver);
  }
}
