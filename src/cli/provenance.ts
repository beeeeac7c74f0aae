import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { arch, cpus, hostname, platform, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '../canonical-json.ts';
import { codeIdentity } from '../code-identity.ts';
import { IS_BUILT, PACKAGE_FOLDER } from '../package-files.ts';
import type { Provenance } from '../store/records.ts';
import { version } from '../version.ts';

/** Who makes the verdicts of this run: code, machine unless it is to be kept, and what was asked for. */
export async function provenanceOf(
  definition: Json,
  options: Json,
  { withMachine }: { readonly withMachine: boolean },
): Promise<Provenance> {
  const { hash, packages } = codeIdentity();
  return {
    code: { hash, version: version() },
    ...(await gitState()),
    nodeVersion: process.version,
    packages,
    cpuModel: withMachine ? (cpus()[0]?.model.trim() ?? 'unknown') : null,
    host: withMachine ? hostname() : null,
    user: withMachine ? userName() : null,
    platform: `${platform()} ${arch()}`,
    definition,
    options,
    startedAt: new Date().toISOString(),
  };
}

/** Null where the system knows no name for the process's user, as in some containers. */
export function userName(): string | null {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') return null;
    throw error;
  }
}

/** Commit and dirtiness of the checkout this program runs from; null where it does not run from one. */
async function gitState(): Promise<{ gitCommit: string | null; gitDirty: boolean | null }> {
  const root = PACKAGE_FOLDER;
  // An installed package may lie inside somebody else's checkout, whose commit says nothing about this program.
  if (!existsSync(join(root, '.git'))) return { gitCommit: null, gitDirty: null };
  try {
    const options = { cwd: root, encoding: 'utf8' } as const;
    // Without locks: to say what it sees, git would rewrite its index, in the way of whoever works there; killed meanwhile,
    // it leaves its lock behind.
    const asked = ['--no-optional-locks', 'status', '--porcelain=v2', '--branch'];
    const { stdout } = await promisify(execFile)('git', asked, options);
    const gitCommit = /^# branch\.oid ([0-9a-f]+)$/m.exec(stdout)?.[1] ?? null;
    const isChanged = stdout.split('\n').some((line) => line !== '' && !line.startsWith('#'));
    return { gitCommit, gitDirty: isChanged || (IS_BUILT && isOlderThanSources(root)) };
  } catch {
    // No git, no checkout, or no commit yet: then there is nothing to say, and that is not an error.
    return { gitCommit: null, gitDirty: null };
  }
}

/** Whether the build of a checkout is of other sources than lie there now: a pull, say, and no build since. */
export function isOlderThanSources(root: string): boolean {
  const builtMs = statSync(join(root, 'dist/program/main.js')).mtimeMs;
  return ['src', 'workers'].some((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).some(
      (name) => name.endsWith('.ts') && statSync(join(root, folder, name)).mtimeMs > builtMs,
    ),
  );
}
