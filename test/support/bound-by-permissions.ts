import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How to start a command: with these words before its own, as this user. */
export type Start = { readonly before: readonly string[]; readonly uid?: number; readonly gid?: number };

const SOURCE = fileURLToPath(import.meta.url);

/**
 * Permissions do not bind the superuser, as whom tests often run. Without two capabilities they bind it, too: it may read
 * this checkout wherever that lies, which a user who owns nothing may not. That one is for machines without `setpriv`.
 */
const AS_ROOT: readonly Start[] = [
  { before: ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'] },
  { before: [], uid: 65_534, gid: 65_534 },
];

/** The capability of passing over permissions, as a bit of `CapEff`. */
const DAC_OVERRIDE = 1n << 1n;

let found: Start | null | undefined;

/** Whether permissions bind this process. */
export function isBound(): boolean {
  if (process.getuid?.() !== 0) return true;
  if (process.platform !== 'linux') return false;
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return (BigInt(`0x${capabilities ?? 'f'}`) & DAC_OVERRIDE) === 0n;
}

/** Runs one test of a file in a process that permissions bind, for a test that does all of its work in its own. */
export function runBound(file: string, title: string, start: Start): void {
  // Of this test's context nothing: it would report to the runner above it.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const pattern = `--test-name-pattern=${title}`;
  const { status, stdout, stderr } = spawnWith(start, process.execPath, ['--test', pattern, file], env);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^ℹ pass 1$/m);
}

/** How to start a Node that permissions bind and that can read the sources; null where this machine has no way. */
export function boundByPermissions(): Start | null {
  if (process.getuid?.() !== 0) return { before: [] };
  found ??= AS_ROOT.find(canRead) ?? null;
  return found;
}

function canRead(start: Start): boolean {
  const script = `fs.readFileSync(${JSON.stringify(SOURCE)})`;
  return spawnWith(start, process.execPath, ['-e', script]).status === 0;
}

/** Runs a command so, to its end. */
export function spawnWith(
  { before, ...identity }: Start,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
) {
  const [first = command, ...rest] = [...before, command, ...args];
  return spawnSync(first, rest, { ...identity, env, encoding: 'utf8' });
}
