import { openVerdictStore } from '../store/open-verdict-store.ts';
import type { StoreMigration, StoreOptions, VerdictStore } from '../store/verdict-store.ts';
import { note } from './terminal.ts';

/** Opens a store, and says what it waits for and what it puts beside it. */
export function openStore(path: string, options: Pick<StoreOptions, 'mode' | 'waitMs'>): Promise<VerdictStore> {
  return openVerdictStore(path, {
    ...options,
    onWait: (holder) => note(`${path}: waiting for ${holder}`),
    onMigrate: (migration) => note(migrationText(path, migration)),
  });
}

export function migrationText(path: string, { from, to, backup }: StoreMigration): string {
  return `${path}: made by an older version, going from schema ${from} to ${to}; a copy of it as it was: ${backup}`;
}
