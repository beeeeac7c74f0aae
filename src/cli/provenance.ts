import { execFileSync } from 'node:child_process';
import { arch, cpus, platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Json } from '../canonical-json.ts';
import type { Provenance } from '../store/records.ts';
import { version } from '../version.ts';

/** Who makes the verdicts of this run: code, machine, and what was asked for. */
export function provenanceOf(definition: Json, options: Json): Provenance {
  return {
    codeVersion: version(),
    ...gitState(),
    nodeVersion: process.version,
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    platform: `${platform()} ${arch()}`,
    definition,
    options,
    startedAt: new Date().toISOString(),
  };
}

/** Commit and dirtiness of the checkout this program runs from; null where it does not run from one. */
function gitState(): { gitCommit: string | null; gitDirty: boolean | null } {
  const root = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../..' : '../../..', import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // An installed package may lie inside somebody else's checkout, whose commit says nothing about this program.
    if (git('rev-parse', '--show-prefix') !== '') return { gitCommit: null, gitDirty: null };
    return { gitCommit: git('rev-parse', 'HEAD'), gitDirty: git('status', '--porcelain') !== '' };
  } catch {
    // No git, no checkout, or no commit yet: then there is nothing to say, and that is not an error.
    return { gitCommit: null, gitDirty: null };
  }
}
