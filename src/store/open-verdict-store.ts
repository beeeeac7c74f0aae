import { openSqliteStore } from './sqlite/sqlite-verdict-store.ts';
import type { StoreOptions, VerdictStore } from './verdict-store.ts';

/** @throws UserError when the path holds no store that can be opened so; nothing is changed then */
export async function openVerdictStore(path: string, options: StoreOptions): Promise<VerdictStore> {
  return openSqliteStore(path, options);
}
