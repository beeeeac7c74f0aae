import { initPostgresStore } from '../store/postgres/open-postgres-store.ts';
import { grantRoles, type Roles } from '../store/postgres/roles.ts';
import { SliceQueue } from './queue.ts';
import { WORKERS_QUEUE } from './queue-rights.ts';

/**
 * Makes the tables of store and queue where they are missing, and lets roles work with them.
 *
 * @returns whether those of the store were made now, and all roles that may work with them
 * @throws UserError when the database cannot be reached, or a role is not there
 */
export async function initDatabase(
  url: string,
  roles: Roles,
): Promise<{ readonly isNew: boolean; readonly roles: Roles }> {
  const isNew = await initPostgresStore(url);
  {
    await using _queue = await SliceQueue.open(url, 'coordinator');
  }
  return { isNew, roles: await grantRoles(url, roles, WORKERS_QUEUE) };
}
