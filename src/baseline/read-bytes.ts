import { readFile, stat } from 'node:fs/promises';
import { messageOf, UserError } from '../user-error.ts';

/** A whole file; a missing or unreadable one is the user's to mend. */
export async function readBytes(path: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A device or a pipe may never end.
    if (!(await stat(path)).isFile()) throw new UserError(`${name}: expected a file, got something else (${path})`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw fileProblem(error, path, name);
  }
}

/** What the system said of a file, as the user's to mend; any other error as it is. */
export function fileProblem(error: unknown, path: string, name: string): unknown {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined;
  if (code === undefined) return error;
  if (code === 'ENOENT') return new UserError(`${name}: file is missing (${path})`, { cause: error });
  return new UserError(`${name}: cannot be read (${messageOf(error)})`, { cause: error });
}
