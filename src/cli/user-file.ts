import { realpathSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from '../make-folders.ts';
import { keepStores } from '../store/keep-stores.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { writeFileWhole } from '../whole-files.ts';

export type UserFileOptions = {
  /** Whether a file that is there may go. */
  readonly replaces: boolean;
  /** The store that is read, which must not be replaced. */
  readonly store?: string | undefined;
};

/**
 * Writes a file where the user says, under a temporary name first, so that it is whole or not there. Through a link to what
 * it means; a device or a pipe is written to as it is. Folders above it that are missing are made.
 *
 * @throws UserError when the file is there and may not be replaced, or cannot be written
 */
export async function writeUserFile(
  path: string,
  options: UserFileOptions,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const file = placeOf(path, options);
    if (file === null) {
      await using device = await open(path, 'w');
      await write(device);
      return;
    }
    makeFolders(dirname(file));
    await writeFileWhole(file, write);
  } catch (error) {
    throw explained(path, error);
  }
}

/** Refuses what `writeUserFile` would, before time is spent on what is to be written. @throws UserError */
export function checkUserFile(path: string, options: UserFileOptions): void {
  try {
    placeOf(path, options);
  } catch (error) {
    throw explained(path, error);
  }
}

/** The path without links; null for a device or a pipe. */
function placeOf(path: string, { replaces, store }: UserFileOptions): string | null {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isFile()) return null;
  const file = existing === undefined ? path : realpathSync(path);
  if (store !== undefined && existing !== undefined && file === realpathSync(store)) {
    throw new UserError(`${path}: the store itself, which an export must not replace. Name another file`);
  }
  keepStores(path, file);
  if (existing !== undefined && !replaces)
    throw new UserError(`${path}: is there already. Choose another name, or replace it with --force.`);
  return file;
}

function explained(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new UserError(`${path}: could not be written (${systemWords(error)})`, { cause: error });
}
