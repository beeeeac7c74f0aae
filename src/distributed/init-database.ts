import type { SchemaChange } from '../store/postgres/migrate.ts';
import { initPostgresStore } from '../store/postgres/open-postgres-store.ts';
import { grantRoles, type Roles } from '../store/postgres/roles.ts';
import { SliceQueue } from './queue.ts';
import { WORKERS_QUEUE } from './queue-rights.ts';

/**
 * Makes the tables of store and queue where they are missing, brings older ones forward, and lets roles work with them.
 *
 * @returns what became of those of the store, and all roles that may work with them
 * @throws UserError when the database cannot be reached, or a role is not there
 */
export async function initDatabase(
  url: string,
  roles: Roles,
): Promise<{ readonly schema: SchemaChange; readonly roles: Roles }> {
  const schema = await initPostgresStore(url, 'bring forward');
  {
    await using _queue = await SliceQueue.open(url, 'coordinator');
  }
  return { schema, roles: await grantRoles(url, roles, WORKERS_QUEUE) };
}
