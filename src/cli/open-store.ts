import { openVerdictStore } from '../store/open-verdict-store.ts';
import type { StoreOptions, VerdictStore } from '../store/verdict-store.ts';
import { note } from './terminal.ts';

/** Opens a store, and says what it waits for and what it puts beside it. */
export function openStore(path: string, options: Pick<StoreOptions, 'mode' | 'waitMs'>): Promise<VerdictStore> {
  return openVerdictStore(path, {
    ...options,
    onWait: (holder) => note(`${path}: waiting for ${holder}`),
    onMigrate: ({ from, to, backup }) =>
      note(`${path}: made by an older version, going from schema ${from} to ${to}; a copy of it as it was: ${backup}`),
  });
}
