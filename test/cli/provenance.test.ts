import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { isOlderThanSources } from '../../src/cli/provenance.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a build is of other sources when one of them is newer', async (t) => {
  const root = await temporaryFolder(t);
  const put = async (path: string, seconds: number): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '');
    await utimes(join(root, path), seconds, seconds);
  };
  await put('dist/program/main.js', 1000);
  await put('src/cli/main.ts', 999);
  await put('src/notes.md', 2000);
  await put('workers/sweep-worker.ts', 1);
  assert.equal(isOlderThanSources(root), false);
  await put('src/numerics/deep/gram.ts', 1001);
  assert.equal(isOlderThanSources(root), true);
});
