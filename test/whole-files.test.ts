import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { replaceFolder, reserveFileBeside, reserveFolderBeside, writeFileWhole } from '../src/whole-files.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

describe('a file that is written whole', () => {
  test('is the old one until the new one is complete, and nothing else is left', async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'results.csv');
    await writeFile(path, 'old');
    await writeFileWhole(path, async (file) => {
      await file.write('new');
      assert.equal(await readFile(path, 'utf8'), 'old');
    });
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.deepEqual(await readdir(folder), ['results.csv']);
  });

  test('stays the old one when writing fails, and nothing else is left', async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'results.csv');
    await writeFile(path, 'old');
    const failing = writeFileWhole(path, async (file) => {
      await file.write('half');
      throw new Error('the disk is full');
    });
    await assert.rejects(failing, /the disk is full/);
    assert.equal(await readFile(path, 'utf8'), 'old');
    assert.deepEqual(await readdir(folder), ['results.csv']);
  });

  test('is written under names that nobody can plant a link at: each another, of 64 random bits', async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'results.csv');
    const names = Array.from({ length: 50 }, () => basename(reserveFileBeside(path)));
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^results\.csv\.[0-9a-f]{16}\.tmp$/);
    // Every bit of a name takes both values; 50 fair coins fall alike once in 10^15.
    for (let digit = 0; digit < 16; digit += 1) {
      assert.ok(new Set(names.map((name) => name['results.csv.'.length + digit])).size > 4, `digit ${digit}`);
    }
  });
});

describe('a folder that is made beside another', () => {
  test('is named after it with or without a slash at its end, and takes its place whole', async (t) => {
    const root = await temporaryFolder(t);
    const folder = join(root, 'run');
    await mkdir(folder);
    await writeFile(join(folder, 'old.txt'), 'old');
    const fresh = await reserveFolderBeside(`${folder}/`);
    assert.match(basename(fresh), /^run\.[0-9a-f]{16}\.tmp$/);
    await writeFile(join(fresh, 'new.txt'), 'new');
    await replaceFolder(fresh, folder);
    assert.deepEqual(await readdir(root, { recursive: true }), ['run', 'run/new.txt']);
  });

  test('that cannot take its place leaves the old one there', async (t) => {
    const root = await temporaryFolder(t);
    const folder = join(root, 'run');
    await mkdir(folder);
    await writeFile(join(folder, 'old.txt'), 'old');
    await assert.rejects(replaceFolder(join(root, 'nowhere'), folder), { code: 'ENOENT' });
    assert.deepEqual(await readdir(root, { recursive: true }), ['run', 'run/old.txt']);
  });

  test('replaces a link, not what lies behind it', async (t) => {
    const root = await temporaryFolder(t);
    await mkdir(join(root, 'precious'));
    await writeFile(join(root, 'precious/notes.txt'), 'years of work');
    await symlink('precious', join(root, 'run'));
    await replaceFolder(await reserveFolderBeside(join(root, 'run')), join(root, 'run'));
    assert.ok((await lstat(join(root, 'run'))).isDirectory());
    assert.equal(await readFile(join(root, 'precious/notes.txt'), 'utf8'), 'years of work');
  });
});
