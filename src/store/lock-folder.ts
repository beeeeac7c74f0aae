import type { FileLockOptions } from './sqlite/file-lock.ts';

/**
 * The right to fill a folder, which one process of a machine has at a time, until it is disposed of or the process ends,
 * however it ends. Waits for it.
 *
 * @param path of the lock's own file, which stays there
 */
export async function lockFolder(
  path: string,
  options: Pick<FileLockOptions, 'onWait' | 'signal'>,
): Promise<Disposable> {
  const [{ acquireFileLock }, { loadSqlite }] = await Promise.all([
    import('./sqlite/file-lock.ts'),
    import('./sqlite/load-sqlite.ts'),
  ]);
  const lock = await acquireFileLock(await loadSqlite(), path, path, {
    ...options,
    waitMs: Number.POSITIVE_INFINITY,
    purpose: 'it only marks who fills the folder',
  });
  return { [Symbol.dispose]: () => lock.release() };
}
