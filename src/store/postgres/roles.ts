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

/** What a role may do with a table, beside reading it: `update` names the columns, or those that it may not. */
export type TableRights = {
  readonly insert?: true;
  readonly update?: true | readonly string[] | { readonly except: readonly string[] };
  readonly delete?: true;
};

export type SchemaRights = { readonly schema: string; readonly tables: Readonly<Record<string, TableRights>> };

/**
 * What a host that judges does with the store: a run of its own and its end, that of runs that have died, datasets and what
 * they hold, verdicts and failures. Sweeps, their configurations, and what others have found are as they are.
 */
const WORKERS: SchemaRights['tables'] = {
  store: { update: ['version'] },
  runs: { insert: true, update: ['outcome', 'reason', 'finished_at', 'seal'] },
  run_leases: { insert: true, update: ['until'] },
  sealing_runs: { insert: true },
  evaluations: { insert: true },
  contents: { insert: true, update: ['days', 'seal'] },
  datasets: { insert: true, update: ['content_id'] },
  dataset_days: { insert: true },
  verdicts: { insert: true },
  verdict_metrics: { insert: true },
  verdict_documents: { insert: true },
  sealed_verdicts: { insert: true },
  conflicts: { insert: true },
  looks: { insert: true },
  locked_looks: { insert: true },
  // One goes when a verdict comes, or another failure.
  failures: {
    insert: true,
    update: ['run_id', 'duration_ms', 'attempts', 'error_name', 'error_message'],
    delete: true,
  },
  in_flight: { insert: true, delete: true },
};

/**
 * Gives roles exactly these rights, whatever they had. Those that have been given some before get what new tables ask for.
 *
 * @param queue what workers do with the queue
 * @returns all roles that may work with the database now
 * @throws UserError when the server has no such role, or the tables are another's
 */
export async function grantRoles(url: string, roles: Roles, queue: SchemaRights): Promise<Roles> {
  const location = postgresLocation(url);
  const pool = await openPool(location, { query_timeout: LONG_MS });
  const schemas = [{ schema: SCHEMA, tables: WORKERS }, queue];
  try {
    const isAsked = roles.workers.length + roles.readers.length > 0;
    if (isAsked) await checkOwner(pool, location.shown);
    for (const role of [...roles.workers, ...roles.readers]) await checkRole(pool, location.shown, role);
    const all = joined(roles, await rolesBefore(pool));
    const grants = [
      ...(await Promise.all(all.workers.map((role) => grantsOf(pool, role, schemas)))),
      ...(await Promise.all(all.readers.map((role) => grantsOf(pool, role, namesOf(schemas))))),
    ].flat();
    if (grants.length > 0) await pool.query(['BEGIN', ...grants, 'COMMIT'].join('; '));
    return all;
  } catch (error) {
    throw explain(location.shown, error);
  } finally {
    await pool.end();
  }
}

/** What another role grants, the server takes with a warning that nothing was granted. */
async function checkOwner(pool: Pool, shown: string): Promise<void> {
  const { rows } = await pool.query<{ owner: string; is_owner: boolean }>(
    `SELECT relowner::regrole::text AS owner, pg_has_role(relowner, 'USAGE') AS is_owner FROM pg_class WHERE oid = to_regclass($1)`,
    [`${SCHEMA}.runs`],
  );
  const [tables] = rows;
  if (tables === undefined || tables.is_owner) return;
  throw new UserError(
    `${shown}: only ${tables.owner}, whose tables these are, lets others work with them. Come as that role`,
  );
}

async function checkRole(pool: Pool, shown: string, role: string): Promise<void> {
  const { rows } = await pool.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rows.length > 0) return;
  throw new UserError(
    `${shown}: the server has no role ${JSON.stringify(role)}. Make it there: CREATE ROLE ${quoted(role)} LOGIN`,
  );
}

/** Who may insert a run judges; who may only read the store reads. Told to the owner of the tables: nobody else may grant. */
async function rolesBefore(pool: Pool): Promise<Roles> {
  const { rows } = await pool.query<{ role: string; judges: boolean }>(
    `SELECT rolname AS role, bool_or(privilege_type = 'INSERT') AS judges
     FROM pg_class, aclexplode(relacl) AS granted JOIN pg_roles ON pg_roles.oid = grantee
     WHERE pg_class.oid = to_regclass($1) AND grantee <> relowner AND pg_has_role(relowner, 'USAGE')
     GROUP BY rolname ORDER BY rolname`,
    [`${SCHEMA}.runs`],
  );
  return {
    workers: rows.filter(({ judges }) => judges).map(({ role }) => role),
    readers: rows.filter(({ judges }) => !judges).map(({ role }) => role),
  };
}

/** What is asked for goes before what was; who is to judge and to read judges. */
function joined(asked: Roles, before: Roles): Roles {
  const isAsked = (role: string) => asked.workers.includes(role) || asked.readers.includes(role);
  const workers = new Set([...asked.workers, ...before.workers.filter((role) => !isAsked(role))]);
  const readers = new Set([...asked.readers, ...before.readers.filter((role) => !isAsked(role))]);
  return { workers: [...workers], readers: [...readers].filter((role) => !workers.has(role)) };
}

function namesOf(schemas: readonly SchemaRights[]): SchemaRights[] {
  return schemas.map(({ schema }) => ({ schema, tables: {} }));
}

async function grantsOf(pool: Pool, role: string, schemas: readonly SchemaRights[]): Promise<string[]> {
  const to = quoted(role);
  const all: string[] = [];
  for (const { schema, tables } of schemas) {
    const columns = await columnsOf(pool, schema);
    all.push(
      `REVOKE ALL ON SCHEMA ${schema} FROM ${to}`,
      `REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${to}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${to}`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${to}`,
    );
    // They read values. Everybody may, but in a database that was made stricter. The queue's own make and remove queues.
    if (schema === SCHEMA) all.push(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${to}`);
    for (const [table, rights] of Object.entries(tables)) {
      const there = columns.get(table);
      // The queue's tables are those of its version.
      if (there !== undefined) all.push(`GRANT ${rightsOf(rights, there)} ON ${schema}.${table} TO ${to}`);
    }
  }
  return all;
}

function rightsOf({ insert, update, delete: deletes }: TableRights, columns: readonly string[]): string {
  const rights: string[] = [];
  if (insert) rights.push('INSERT');
  if (deletes) rights.push('DELETE');
  if (update === true) rights.push('UPDATE');
  else if (update !== undefined) {
    const named = 'except' in update ? columns.filter((column) => !update.except.includes(column)) : update;
    rights.push(`UPDATE (${named.join(', ')})`);
  }
  return rights.join(', ');
}

async function columnsOf(pool: Pool, schema: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query<{ table: string; columns: string[] }>(
    `SELECT relname AS table, array_agg(quote_ident(attname) ORDER BY attnum) AS columns
     FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
     WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
     GROUP BY relname`,
    [schema],
  );
  return new Map(rows.map(({ table, columns }) => [table, columns]));
}

function quoted(role: string): string {
  return `"${role.replaceAll('"', '""')}"`;
}
