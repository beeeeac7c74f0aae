import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';

/** A whole file; a missing or unreadable one is the user's to mend. */
export async function readBytes(path: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    refuseOther(await stat(path), path, name);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw fileProblem(error, path, name);
  }
}

/** A device or a pipe may never end, and a pipe that nobody writes to does not even open. @throws UserError */
export function refuseOther(status: Stats, path: string, name: string): void {
  if (status.isFile()) return;
  const what = status.isDirectory() ? 'a folder' : 'something else';
  throw new UserError(`${name}: expected a file, got ${what}${at(path, name)}`);
}

/** What the system said of a file, as the user's to mend; any other error as it is. */
export function fileProblem(error: unknown, path: string, name: string): unknown {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
  if (code === undefined) return error;
  if (code === 'ENOENT') return new UserError(`${name}: file is missing${at(path, name)}`, { cause: error });
  return new UserError(`${name}: cannot be read (${path === name ? '' : `${path}: `}${systemWords(error)})`, {
    cause: error,
  });
}

/** Where the file lies, unless it is named by that. */
function at(path: string, name: string): string {
  return path === name ? '' : ` (${path})`;
}
