import { readFile, stat } from 'node:fs/promises';
import { messageOf, UserError } from '../user-error.ts';

/** A whole file; a missing or unreadable one is the user's to mend. */
export async function readBytes(path: string, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A device or a pipe may never end.
    if (!(await stat(path)).isFile()) throw new UserError(`${name}: expected a file, got something else (${path})`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new UserError(`${name}: file is missing (${path})`, { cause: error });
    throw new UserError(`${name}: cannot be read (${messageOf(error)})`, { cause: error });
  }
}
