import { initPostgresStore } from '../store/postgres/open-postgres-store.ts';
import { grantRoles, type Roles } from '../store/postgres/roles.ts';
import { SCHEMA as QUEUE_SCHEMA, SliceQueue } from './queue.ts';

/**
 * Makes the tables of store and queue where they are missing, and lets roles work with them.
 *
 * @returns whether those of the store were made now
 * @throws UserError when the database cannot be reached, or a role is not there
 */
export async function initDatabase(url: string, roles: Roles): Promise<boolean> {
  const isNew = await initPostgresStore(url);
  {
    await using _queue = await SliceQueue.open(url, 'coordinator');
  }
  await grantRoles(url, roles, QUEUE_SCHEMA);
  return isNew;
}
