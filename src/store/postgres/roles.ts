import type { Pool } from 'pg';
import { UserError } from '../../user-error.ts';
import { LONG_MS } from './limits.ts';
import { openPool } from './pool.ts';
import { explain } from './postgres-errors.ts';
import { SCHEMA } from './schema.ts';
import { postgresLocation } from './url.ts';

/** Roles of the server that may work with a database of sweeps, beside the one that has made its tables. */
export type Roles = {
  /** May judge: add what they found, renew what says that they are alive, take slices. They change and remove no verdict. */
  readonly workers: readonly string[];
  /** May read. */
  readonly readers: readonly string[];
};

/** What a host that judges changes, and not only adds to: how far runs and datasets are. */
const WORKERS_UPDATE = ['store', 'data', 'datasets', 'contents', 'sweeps', 'runs', 'run_leases', 'failures'];
/** A failure goes when a verdict comes. */
const WORKERS_DELETE = ['failures', 'in_flight'];

/**
 * @param queueSchema where the queue's tables are
 * @throws UserError when the server has no such role
 */
export async function grantRoles(url: string, { workers, readers }: Roles, queueSchema: string): Promise<void> {
  const location = postgresLocation(url);
  const pool = await openPool(location, { query_timeout: LONG_MS });
  const tables = (names: readonly string[]) => names.map((name) => `${SCHEMA}.${name}`).join(', ');
  try {
    for (const role of workers) {
      await grant(pool, location.shown, role, [
        `USAGE ON SCHEMA ${SCHEMA}, ${queueSchema}`,
        `SELECT, INSERT ON ALL TABLES IN SCHEMA ${SCHEMA}`,
        `UPDATE ON ${tables(WORKERS_UPDATE)}`,
        `DELETE ON ${tables(WORKERS_DELETE)}`,
        `SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${queueSchema}`,
      ]);
    }
    for (const role of readers) {
      const schemas = `${SCHEMA}, ${queueSchema}`;
      await grant(pool, location.shown, role, [
        `USAGE ON SCHEMA ${schemas}`,
        `SELECT ON ALL TABLES IN SCHEMA ${schemas}`,
      ]);
    }
  } catch (error) {
    throw explain(location.shown, error);
  } finally {
    await pool.end();
  }
}

async function grant(pool: Pool, shown: string, role: string, rights: readonly string[]): Promise<void> {
  const { rows } = await pool.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length === 0) {
    throw new UserError(
      `${shown}: the server has no role ${JSON.stringify(role)}. Make it there: CREATE ROLE ${quoted(role)} LOGIN`,
    );
  }
  const all = rights.map((right) => `GRANT ${right} TO ${quoted(role)}`);
  await pool.query(['BEGIN', ...all, 'COMMIT'].join('; '));
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
