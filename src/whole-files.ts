import { hash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from './make-folders.ts';

/**
 * Files and folders that are there whole or not at all. Everything temporary of this program is made here, beside what it
 * is to become (a rename does not cross file systems), under a name that nobody can know beforehand, and only where
 * nothing has that name: a link that somebody has planted is never followed.
 */

/** Writes a file under a temporary name, which takes the file's place at the end. A reader sees the old one or the new. */
export async function writeFileWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = temporaryName(path);
  // Exclusive: fails where the name is taken, by a link, too.
  const file = await open(temporary, 'wx');
  try {
    try {
      await write(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes an empty file beside a path, for those who write by name, and returns its own. It is the caller's to rename or remove. */
export function reserveFileBeside(path: string): string {
  const temporary = temporaryName(path);
  closeSync(openSync(temporary, 'wx'));
  return temporary;
}

/** Makes an empty folder beside a path, and those above it, and returns its name. It is the caller's to rename or remove. */
export async function reserveFolderBeside(path: string): Promise<string> {
  const temporary = temporaryName(path);
  makeFolders(dirname(temporary));
  await mkdir(temporary);
  return temporary;
}

/**
 * Puts a folder in the place of another, which goes: first aside, and back again when the new one cannot take its place,
 * so that one whole folder exists at any moment.
 */
export async function replaceFolder(fresh: string, folder: string): Promise<void> {
  const aside = `${temporaryName(folder)}.replaced`;
  await rename(folder, aside);
  try {
    await rename(fresh, folder);
  } catch (error) {
    await rename(aside, folder);
    throw error;
  }
  await rm(aside, { recursive: true });
}

/** Puts a folder that was made beside a path in its place, whether or not there is one. */
export async function placeFolder(fresh: string, folder: string): Promise<void> {
  try {
    // Takes the place of nothing, or of an empty folder.
    await rename(fresh, folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await replaceFolder(fresh, folder);
  }
}

/** Removes what a process that was killed has left beside the paths in a folder. For who knows that no other is at work there. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (LEFTOVER.test(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const LEFTOVER = /\.[0-9a-f]{16}\.tmp(\.replaced)?$/;

/**
 * Where the lock of a file lies that is kept among a team's files, so that nothing is put beside it.
 *
 * @param file its real path
 * @param user whose lock it is: another's could not be opened
 */
export function lockApartFrom(file: string, user: string): string {
  return join(tmpdir(), `sweep-${user}-${hash('sha256', file).slice(0, 24)}.lock`);
}

/** How the names of temporary files and folders end, for who clears away what a killed run has left. */
export const TEMPORARY_END = /\.[0-9a-f]{16}\.tmp$/;

/** @param path may end in a slash, as users write folders: what stands beside it is named after it */
function temporaryName(path: string): string {
  return `${resolve(path)}.${randomBytes(8).toString('hex')}.tmp`;
}
