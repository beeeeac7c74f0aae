import { spawnSync } from 'node:child_process';
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

let found: Start | null | undefined;

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
export function spawnWith({ before, ...identity }: Start, command: string, args: readonly string[]) {
  const [first = command, ...rest] = [...before, command, ...args];
  return spawnSync(first, rest, { ...identity, encoding: 'utf8' });
}
