import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expectFolder } from '../expected-folder.ts';
import { openVerdictStore } from '../store/open-verdict-store.ts';
import type { StoreMigration, StoreOptions, VerdictStore } from '../store/verdict-store.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { note } from './terminal.ts';

/** Opens a store, and says what it waits for and what it puts beside it. */
export function openStore(path: string, options: Pick<StoreOptions, 'mode' | 'waitMs'>): Promise<VerdictStore> {
  return openVerdictStore(path, {
    ...options,
    onWait: (holder) => note(`${path}: waiting for ${holder}`),
    onMigrate: (migration) => note(migrationText(path, migration)),
  });
}

/**
 * Refuses the place of a new store before time is spent on what would be stored: the nearest folder above it that is
 * there has to be one that can be written. The store itself is made when there is something to store.
 *
 * @throws UserError
 */
export function refuseUnwritablePlace(path: string): void {
  expectFolder(dirname(path), 'a file in a folder', 'Name another store', path);
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(
      `${path}: cannot be written (${systemWords(error)}). Give permission on the folder, or name another store`,
      { cause: error },
    );
  }
}

export function migrationText(path: string, { from, to, backup }: StoreMigration): string {
  return `${path}: made by an older version, going from schema ${from} to ${to}; a copy of it as it was: ${backup}`;
}
