import type { Pool } from 'pg';
import { UserError } from '../../user-error.ts';
import type { StoreOptions, VerdictStore } from '../verdict-store.ts';
import { LONG_MS } from './limits.ts';
import { openPool } from './pool.ts';
import { explain } from './postgres-errors.ts';
import { PostgresVerdictStore } from './postgres-verdict-store.ts';
import { CREATE_TABLES, SCHEMA, SCHEMA_VERSION } from './schema.ts';
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
    await checkSchema(pool, location.shown);
    return new PostgresVerdictStore(location.shown, pool, {
      canWrite: options.mode === 'write',
      waitMs: options.waitMs ?? 0,
    });
  } catch (error) {
    await pool.end();
    throw explain(location.shown, error);
  }
}

/**
 * Makes the tables of a store where there are none. Whoever comes at the same moment waits for the first.
 *
 * @returns whether they were made now
 * @throws UserError when the database cannot be reached, or its tables are of another version of this program
 */
export async function initPostgresStore(text: string): Promise<boolean> {
  const location = postgresLocation(text);
  const pool = await openPool(location, { query_timeout: LONG_MS });
  try {
    const isNew = await makeTables(pool);
    await checkSchema(pool, location.shown);
    return isNew;
  } catch (error) {
    throw explain(location.shown, error);
  } finally {
    await pool.end();
  }
}

async function makeTables(pool: Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${INIT_LOCK})`);
    const { rows } = await client.query('SELECT to_regclass($1) AS store', [`${SCHEMA}.store`]);
    const isNew = rows[0]?.store === null;
    if (isNew)
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}; SET LOCAL search_path = ${SCHEMA}; ${CREATE_TABLES}`);
    await client.query('COMMIT');
    return isNew;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** A number of ours among the locks of a database: "swee" in ASCII. */
const INIT_LOCK = 0x73776565;

/** @throws UserError when the tables are of another version; the server's error when there are none */
export async function checkSchema(pool: Pool, shown: string): Promise<void> {
  const { rows } = await pool.query(`SELECT schema FROM ${SCHEMA}.store`);
  const found = Number(rows[0]?.schema);
  if (found === SCHEMA_VERSION) return;
  throw new UserError(
    `${shown}: its tables are of schema ${found}, this version of the program knows ${SCHEMA_VERSION}. Use the version ` +
      'that made them, or another database',
  );
}
