import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { isChecksumName } from './readers/unpack.ts';

/**
 * Files of bars and what they are of; null where a column of theirs says it. `otherwise` names bars that no column says
 * of what they are; without it they are refused.
 */
export type BarSource = { readonly symbol: string | null; readonly path: string; readonly otherwise?: string };

const MOST_FILES = 100_000;

/**
 * The files that a path stands for: itself; the files of a folder; those that a pattern with `*` and `?` fits. In the
 * order of their names.
 *
 * @throws UserError where there is none
 */
export async function filesOf(path: string): Promise<string[]> {
  // A file may have a star in its name.
  if (!(await exists(path)) && /[*?]/.test(path)) {
    const files = await matching(path);
    if (files.length === 0) throw new UserError(`${path}: expected files that fit the pattern, got none`);
    return files;
  }
  if (!(await isFolder(path))) return [path];
  const files = await filesIn(path);
  if (files.length === 0) throw new UserError(`${path}: expected a folder of bar files, got one without files`);
  return files;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return false;
    throw new UserError(`${path}: expected a readable bar file, but ${systemWords(error)}`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await exists(path)) && (await stat(path)).isDirectory();
}

async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of await namesIn(folder)) {
    if (!isBesideBars(name) && (await stat(join(folder, name))).isFile()) files.push(join(folder, name));
  }
  return files;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    throw new UserError(`${folder}: expected a folder, but ${systemWords(error)}`, { cause: error });
  }
}

/** Checksums that venues put beside their archives, and hidden files. */
function isBesideBars(name: string): boolean {
  return name.startsWith('.') || isChecksumName(name);
}

/** Part by part; `*` and `?` never cross a folder, and `**` stands for folders of any depth. */
async function matching(pattern: string): Promise<string[]> {
  const parts = pattern.split(sep === '\\' ? /[\\/]/ : '/');
  let paths = [parts[0] === '' ? '/' : '.'];
  for (const [i, part] of (parts[0] === '' ? parts.slice(1) : parts).entries()) {
    const isLast = i === (parts[0] === '' ? parts.length - 2 : parts.length - 1);
    const next: string[] = [];
    for (const path of paths) next.push(...(await step(path, part, isLast)));
    if (next.length > MOST_FILES) throw new UserError(`${pattern}: expected at most ${MOST_FILES} files, got more`);
    paths = next;
  }
  return paths.sort();
}

async function step(folder: string, part: string, isLast: boolean): Promise<string[]> {
  if (part === '**') return [folder, ...(await foldersBelow(folder))];
  if (!/[*?]/.test(part)) {
    const path = join(folder, part);
    return (await exists(path)) ? (isLast && (await isFolder(path)) ? filesIn(path) : [path]) : [];
  }
  const isFit = new RegExp(
    `^${part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'u',
  );
  const fits: string[] = [];
  for (const name of await namesIn(folder)) {
    if (!isFit.test(name) || isBesideBars(name)) continue;
    const path = join(folder, name);
    if ((await isFolder(path)) !== isLast) fits.push(path);
  }
  return fits;
}

async function foldersBelow(folder: string): Promise<string[]> {
  const folders: string[] = [];
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (!name.startsWith('.') && (await isFolder(path))) folders.push(path, ...(await foldersBelow(path)));
  }
  return folders;
}
