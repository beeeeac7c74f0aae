import { isPostgresUrl } from './postgres/url.ts';
import { openSqliteStore } from './sqlite/sqlite-verdict-store.ts';
import type { StoreOptions, VerdictStore } from './verdict-store.ts';

/**
 * Opens a store in a file, or in a PostgreSQL database (`postgres://…`).
 *
 * @throws UserError when the path holds no store that can be opened so; nothing is changed then
 */
export async function openVerdictStore(path: string, options: StoreOptions): Promise<VerdictStore> {
  if (isPostgresUrl(path)) {
    // Loaded where it is asked for: a local run starts without it.
    const { openPostgresStore } = await import('./postgres/open-postgres-store.ts');
    return openPostgresStore(path, options);
  }
  return openSqliteStore(path, options);
}
