import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { getuid, platform } from 'node:process';

/** A file system of a given size, in memory. */
export type SmallDisk = AsyncDisposable & {
  readonly folder: string;
  resize(kilobytes: number): void;
  setReadOnly(isReadOnly: boolean): void;
};

/** @returns null where this machine does not let us mount one: it takes Linux, root, and the right to mount */
export async function mountSmallDisk(folder: string, kilobytes: number): Promise<SmallDisk | null> {
  if (platform !== 'linux' || getuid?.() !== 0) return null;
  await mkdir(folder, { recursive: true });
  try {
    mount('-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder);
  } catch {
    // A container without the capability: then these faults are not tried, and the table says so.
    return null;
  }
  return {
    folder,
    resize: (size) => mount('-o', `remount,size=${size}k`, folder),
    setReadOnly: (isReadOnly) => mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder),
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [folder]);
    },
  };
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}
