import { dirname } from 'node:path';
import { statusOf } from './system-words.ts';
import { UserError } from './user-error.ts';

/**
 * Refuses a path where a folder is, or is to be made, that is something else or leads through it: what the system says of
 * that later names neither the option nor the part that is wrong.
 *
 * @param rule what folder it is to be: `a folder for the cache`
 * @throws UserError
 */
export function expectFolder(path: string, rule: string, remedy: string, named = path): void {
  const part = partThatIsNoFolder(path);
  if (part === undefined) return;
  const what = statusOf(part)?.isFile() ? 'a file' : 'a device or a pipe';
  throw new UserError(
    `${named}: expected ${rule}, ${part === named ? `got ${what}` : `but ${part} is ${what}`}. ${remedy}`,
  );
}

/** Of the path and those above it the first that is there, where that is no folder. */
function partThatIsNoFolder(path: string): string | undefined {
  for (let part = path; ; part = dirname(part)) {
    const status = statusAt(part);
    if (status !== undefined) return status.isDirectory() ? undefined : part;
    if (dirname(part) === part) return undefined;
  }
}

/** Undefined where nothing is, and where that cannot be known: who opens it says why. */
function statusAt(path: string): ReturnType<typeof statusOf> {
  try {
    return statusOf(path);
  } catch {
    return undefined;
  }
}
