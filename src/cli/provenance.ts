import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Json } from '../canonical-json.ts';
import type { Provenance } from '../store/records.ts';
import { version } from '../version.ts';

/** Who makes the verdicts of this run: code, machine, and what was asked for. */
export async function provenanceOf(definition: Json, options: Json): Promise<Provenance> {
  return {
    codeVersion: version(),
    ...(await gitState()),
    nodeVersion: process.version,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    platform: `${platform()} ${arch()}`,
    definition,
    options,
    startedAt: new Date().toISOString(),
  };
}

/** Commit and dirtiness of the checkout this program runs from; null where it does not run from one. */
async function gitState(): Promise<{ gitCommit: string | null; gitDirty: boolean | null }> {
  const isBuilt = !import.meta.url.endsWith('.ts');
  const root = fileURLToPath(new URL(isBuilt ? '../../..' : '../..', import.meta.url));
  // An installed package may lie inside somebody else's checkout, whose commit says nothing about this program.
  if (!existsSync(join(root, '.git'))) return { gitCommit: null, gitDirty: null };
  try {
    const options = { cwd: root, encoding: 'utf8' } as const;
    const { stdout } = await promisify(execFile)('git', ['status', '--porcelain=v2', '--branch'], options);
    const gitCommit = /^# branch\.oid ([0-9a-f]+)$/m.exec(stdout)?.[1] ?? null;
    const isChanged = stdout.split('\n').some((line) => line !== '' && !line.startsWith('#'));
    return { gitCommit, gitDirty: isChanged || (isBuilt && isOlderThanSources(root)) };
  } catch {
    // No git, no checkout, or no commit yet: then there is nothing to say, and that is not an error.
    return { gitCommit: null, gitDirty: null };
  }
}

/** Whether the build of a checkout is of other sources than lie there now: a pull, say, and no build since. */
export function isOlderThanSources(root: string): boolean {
  const builtMs = statSync(join(root, 'dist/src/cli/main.js')).mtimeMs;
  return ['src', 'workers'].some((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).some(
      (name) => name.endsWith('.ts') && statSync(join(root, folder, name)).mtimeMs > builtMs,
    ),
  );
}
