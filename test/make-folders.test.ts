import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeFolders } from '../src/make-folders.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

describe('a folder', () => {
  test('is made with those above it, and once more is no mistake', async (t) => {
    const folder = join(await temporaryFolder(t), 'a', 'b', 'c');
    makeFolders(folder);
    makeFolders(folder);
    assert.ok(statSync(folder).isDirectory());
  });

  test('is refused below a file', async (t) => {
    const file = join(await temporaryFolder(t), 'file');
    await writeFile(file, '');
    assert.throws(() => makeFolders(join(file, 'a', 'b')), /ENOTDIR/);
    assert.throws(() => makeFolders(file), /EEXIST/);
  });

  test('is refused where the system makes none, and nothing hangs', { skip: !existsSync('/proc/self') }, () => {
    // In a process of its own: what hangs here cannot be interrupted.
    const module = pathToFileURL(join(import.meta.dirname, '../src/make-folders.ts')).href;
    const script = `(await import(${JSON.stringify(module)})).makeFolders('/proc/no-such/folder')`;
    const { signal, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(signal, null);
    assert.equal(status, 1);
    assert.match(stderr, /ENOENT|EPERM|EACCES/);
  });
});
