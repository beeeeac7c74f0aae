import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export function makeTemporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'state-continue-test-'));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** A folder that is gone when the test ends. */
export async function temporaryFolder(context: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await makeTemporaryFolder();
  context.after(() => removeFolder(folder));
  return folder;
}

/** Every file and folder below a folder, sorted. */
export async function everythingBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
