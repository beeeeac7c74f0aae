import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { inputFiles, RunPaths } from '../baseline/run-files.ts';
import { runFolder } from '../baseline/run-folder.ts';
import { readReplaySource } from '../baseline/run-json.ts';
import { buildingIdentity } from '../code-identity.ts';
import { UserError } from '../user-error.ts';

/** Changes with what the cache's files hold. */
const FORMAT = 7;

/**
 * What state rows are made of, as one hash: the bytes of the baseline run's files, and the code that builds them. Where the
 * run lies is no part of it, so that a copy of the run, here or on another machine, has the same key.
 */
export type InputsKey = {
  readonly hash: string;
  /** The baseline run's folder, which is no part of the hash. */
  readonly root: string;
  /** Whether every file is still the one that was hashed. */
  isCurrent(): boolean;
  /** Whether a path is among those that the hash depends on. */
  covers(path: string): boolean;
};

/** Null where a file cannot be read; reading the run says what is wrong. */
export async function inputsKey(dataRoot: string, runId: string, featureOrderFile?: string): Promise<InputsKey | null> {
  const paths = new RunPaths(runFolder(dataRoot, runId), featureOrderFile);
  try {
    const files = inputFiles(paths, await readReplaySource(paths));
    const hash = createHash('sha256').update(JSON.stringify({ format: FORMAT, code: buildingIdentity().hash, runId }));
    const identities = new Map<string, string>();
    for (const { path, parts } of files) {
      if (parts === null) hash.update('0 ');
      for (const part of parts ?? []) {
        identities.set(part, identityOf(part));
        hash.update(`${part.slice(path.length)} ${hashOf(part)} `);
      }
    }
    const absent = files.filter(({ parts }) => parts === null);
    return {
      hash: hash.digest('hex'),
      root: paths.root,
      isCurrent: () =>
        [...identities].every(([path, identity]) => identityOf(path) === identity) &&
        absent.every(({ path }) => !existsSync(path)),
      covers: (path) => files.some((file) => file.path === path),
    };
  } catch (error) {
    if (error instanceof UserError || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}

/** What changes with a file's content, unless somebody sets the clock back. */
function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'none' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join();
}

/** SHA-256 of a file, piece by piece: one buffer that is used again costs less than memory for the whole file. */
function hashOf(path: string): string {
  // A device or a pipe may never end; reading the run says what is wrong.
  if (!statSync(path).isFile()) throw new UserError(`${path} is no file`);
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256').update(`${fstatSync(file).size} `);
    for (let count = readSync(file, PIECE); count > 0; count = readSync(file, PIECE)) {
      hash.update(PIECE.subarray(0, count));
    }
    return hash.digest('hex');
  } finally {
    closeSync(file);
  }
}

const PIECE = Buffer.alloc(2 ** 20);
