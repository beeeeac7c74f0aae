import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux has a file system in memory that everybody may write to. */
const IN_MEMORY = '/dev/shm';
const MOUNTS = '/proc/self/mounts';
/** Several times what tests have at once. */
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * Gives tests a folder in memory for what they write for a moment, where this system has one with room: a database is some
 * three hundred files, and tests make a hundred of them. It is gone when this process ends. Whoever says himself where
 * temporary files belong (`TMPDIR`) has them there.
 */
export function writeTemporaryFilesToMemory(): void {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return;
  const folder = mkdtempSync(join(IN_MEMORY, 'sweep-tests-'));
  // Some tests run programs as another user, who has to come by.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
}

function hasRoom(): boolean {
  if (!existsSync(MOUNTS) || !existsSync(IN_MEMORY)) return false;
  const mount = readFileSync(MOUNTS, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, folder]) => folder === IN_MEMORY);
  // Programs are started from there.
  if (mount?.[2] !== 'tmpfs' || mount[3]?.split(',').includes('noexec') !== false) return false;
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize >= ROOM_BYTES;
}
