import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readBaselineRun } from '../../src/baseline/baseline-run.ts';
import { CacheFolder, DEFAULT_CACHE_BYTES } from '../../src/dataset/cache-folder.ts';
import { contentHash } from '../../src/dataset/content-hash.ts';
import { inputsKey } from '../../src/dataset/inputs-key.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { boundByPermissions, isBound, runBound } from '../support/bound-by-permissions.ts';
import { KEEP_ALL } from '../support/frame-of.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyTinyRun, TINY_DATA_ROOT } from '../support/tiny-run.ts';

const AGES = [3, 5];
const UNREADABLE = 'that may not be read or written costs time only, and says so once';
const MEMORY_BYTES = 64 * 2 ** 20;

type Opened = { readonly hash: string; readonly fromCache: boolean; readonly complaints: readonly string[] };

/** Rows of the reference run by way of a cache, kept there where they were built. */
async function openWith(folder: string, dataRoot = TINY_DATA_ROOT, maxBytes = DEFAULT_CACHE_BYTES): Promise<Opened> {
  const complaints: string[] = [];
  const onCacheProblem = (message: string) => complaints.push(message);
  using source = await openStateRows(dataRoot, 'tiny', AGES, { cache: { folder, maxBytes }, onCacheProblem });
  const rows = await source.fill(new SharedArena(createSharedMemory(MEMORY_BYTES)));
  await source.keep(rows);
  const hash = contentHash(composeStateFrame(rows, { ...KEEP_ALL, agesMinutes: AGES }));
  return { hash, fromCache: source.fromCache, complaints };
}

async function filledCache(context: TestContext): Promise<{ folder: string; hash: string }> {
  const folder = join(await temporaryFolder(context), 'cache');
  const { hash, fromCache, complaints } = await openWith(folder);
  assert.deepEqual([fromCache, complaints], [false, []]);
  return { folder, hash };
}

async function rowFiles(folder: string): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith('.rows'))
    .sort()
    .map((name) => join(folder, name));
}

describe('the cache of state rows', () => {
  test('gives what was built, and nothing to complain of', async (context) => {
    const { folder, hash } = await filledCache(context);
    assert.deepEqual(await openWith(folder), { hash, fromCache: true, complaints: [] });
    assert.deepEqual((await rowFiles(folder)).length, 4, 'facts, features, two ages');
  });

  test('of counts alone, which a plan keeps, spares counting and no building', async (context) => {
    const { hash } = await filledCache(context);
    const folder = join(await temporaryFolder(context), 'counts');
    const cache = { folder, maxBytes: DEFAULT_CACHE_BYTES };
    using first = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache });
    await first.keepCounts();
    const names = await readdir(folder);
    using again = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache });
    assert.deepEqual([...again.counts].sort(), [...first.counts].sort());
    assert.equal(again.run.features.rowCount, first.run.features.rowCount);
    assert.equal(again.fromCache, false);
    await again.keepCounts();
    assert.deepEqual(await readdir(folder), names);
    assert.deepEqual(await openWith(folder), { hash, fromCache: false, complaints: [] });
    assert.deepEqual(await openWith(folder), { hash, fromCache: true, complaints: [] });
  });

  /** What may stand under a name of ours, and is not what we have written. */
  const strange: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
    'a folder': (path) => mkdir(path),
    'a pipe that nobody writes to': async (path) => execFileSync('mkfifo', [path]),
    'a link to a file of ours': async (path) => {
      await rename(`${path}.kept`, `${path}.real`);
      await symlink(`${path}.real`, path);
    },
    'a link to nothing': (path) => symlink('/nowhere/at/all', path),
    'a link to itself': (path) => symlink(path, path),
  };
  for (const [what, make] of Object.entries(strange)) {
    test(`with ${what} under each of its names costs time only, and says so once`, async (context) => {
      const { folder, hash } = await filledCache(context);
      for (const path of await rowFiles(folder)) {
        await rename(path, `${path}.kept`);
        await make(path);
      }
      const got = await openWith(folder);
      assert.equal(got.hash, hash);
      assert.equal(got.complaints.length, 1, got.complaints.join('\n'));
      assert.match(got.complaints[0]!, /^cache .+: .+; the state rows are built anew$/);
    });
  }

  test(UNREADABLE, async (context) => {
    const start = boundByPermissions();
    if (start === null) return context.skip('no way to start a process that permissions bind');
    if (!isBound()) return runBound(import.meta.filename, UNREADABLE, start);
    const { folder, hash } = await filledCache(context);
    for (const path of await rowFiles(folder)) await chmod(path, 0);
    assert.equal((await openWith(folder)).complaints.length, 1);
    // Now they are there anew. Neither they nor others in their places:
    for (const path of await rowFiles(folder)) await chmod(path, 0);
    await chmod(folder, 0o500);
    const got = await openWith(folder);
    // Or it could not be removed when the test is over.
    await chmod(folder, 0o700);
    assert.deepEqual([got.hash, got.complaints.length], [hash, 1]);
  });

  test('that is a file costs time only, and says so once', async (context) => {
    const { hash } = await filledCache(context);
    const folder = join(await temporaryFolder(context), 'notes.txt');
    await writeFile(folder, 'notes');
    const got = await openWith(folder);
    assert.deepEqual([got.hash, got.fromCache, got.complaints.length], [hash, false, 1]);
    assert.equal(await readFile(folder, 'utf8'), 'notes');
  });

  test('with a damaged file is built anew, and says so once', async (context) => {
    const { folder, hash } = await filledCache(context);
    for (const path of await rowFiles(folder)) await truncate(path, (await readFile(path)).length - 1);
    const got = await openWith(folder);
    assert.equal(got.hash, hash);
    assert.ok(got.complaints.length <= 1);
    assert.deepEqual(await openWith(folder), { hash, fromCache: true, complaints: [] });
  });
});

describe("the cache's key", () => {
  test('covers every file that the reader reads or looks for', async () => {
    const key = (await inputsKey(TINY_DATA_ROOT, 'tiny'))!;
    const { filesRead } = await readBaselineRun(TINY_DATA_ROOT, 'tiny');
    assert.ok(filesRead.length >= 10);
    assert.deepEqual(
      filesRead.filter((path) => !key.covers(path)),
      [],
    );
    assert.equal(key.covers(join(TINY_DATA_ROOT, 'anything else')), false);
  });

  test('changes with each of them, and with one that appears', async (context) => {
    const dataRoot = await temporaryFolder(context);
    await copyTinyRun(dataRoot);
    const { filesRead } = await readBaselineRun(dataRoot, 'tiny');
    const seen = new Set([(await inputsKey(dataRoot, 'tiny'))!.hash]);
    for (const path of filesRead) {
      const before = (await inputsKey(dataRoot, 'tiny'))!;
      await appendFile(path, ' ');
      assert.equal(before.isCurrent(), false, path);
      seen.add((await inputsKey(dataRoot, 'tiny'))!.hash);
    }
    assert.equal(seen.size, filesRead.length + 1);
  });

  test('is the same of a copy that lies elsewhere, and rows that were built from the one are those of the other', async (context) => {
    const [here, there] = [await temporaryFolder(context), await temporaryFolder(context)];
    for (const dataRoot of [here, there]) await copyTinyRun(dataRoot);
    assert.equal((await inputsKey(here, 'tiny'))!.hash, (await inputsKey(there, 'tiny'))!.hash);
    const cache = { folder: join(here, 'cache'), maxBytes: DEFAULT_CACHE_BYTES };
    {
      using source = await openStateRows(here, 'tiny', AGES, { cache });
      await source.keep(await source.fill(new SharedArena(createSharedMemory(MEMORY_BYTES))));
    }
    using source = await openStateRows(there, 'tiny', AGES, { cache });
    assert.equal(source.fromCache, true);
    assert.equal(source.run.root, join(there, 'trader-v4/runs/tiny'));
  });

  test('is that of a run that was replaced while it was read, and nothing is kept under it', async (context) => {
    const dataRoot = await temporaryFolder(context);
    const run = await copyTinyRun(dataRoot);
    const folder = join(dataRoot, 'cache');
    using source = await openStateRows(dataRoot, 'tiny', AGES, { cache: { folder, maxBytes: DEFAULT_CACHE_BYTES } });
    const rows = await source.fill(new SharedArena(createSharedMemory(MEMORY_BYTES)));
    await appendFile(join(run, 'label/price_plan_context.json'), ' ');
    await source.keep(rows);
    await assert.rejects(readdir(folder), /ENOENT/);
  });
});

describe('pruning the cache', () => {
  const HASH = 'a'.repeat(64);
  const OLD = new Date(2020, 0, 1);

  async function fileOf(folder: string, name: string, usedAt = OLD): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), '0123456789');
    await utimes(join(folder, name), usedAt, usedAt);
  }

  test('deletes the files longest unused, and leftovers of runs that were killed', async (context) => {
    const folder = join(await temporaryFolder(context), 'cache');
    const cache = new CacheFolder({ folder, maxBytes: 25 });
    await cache.make();
    await fileOf(folder, `${HASH}.rows`, new Date(2024, 0, 1));
    await fileOf(folder, `${HASH}.age-3.rows`, new Date(2021, 0, 1));
    await fileOf(folder, `${HASH}.count-5.rows`, new Date(2023, 0, 1));
    await fileOf(folder, `${HASH}.features.rows.0123456789abcdef.tmp`);
    await fileOf(folder, `${HASH}.features.rows.fedcba9876543210.tmp`, new Date());
    cache.prune();
    assert.deepEqual(
      (await readdir(folder)).sort(),
      ['CACHEDIR.TAG', `${HASH}.count-5.rows`, `${HASH}.features.rows.fedcba9876543210.tmp`, `${HASH}.rows`].sort(),
    );
  });

  test('deletes nothing that has another name, and no folder or link', async (context) => {
    const folder = join(await temporaryFolder(context), 'cache');
    const cache = new CacheFolder({ folder, maxBytes: 0 });
    await cache.make();
    const others = [
      'customers.rows',
      `${HASH.slice(1)}.rows`,
      `${HASH}.age-x.rows`,
      `${HASH}.rows.bak`,
      `${HASH}.rows.tmp`,
    ];
    for (const name of others) await fileOf(folder, name);
    await mkdir(join(folder, `${HASH}.age-1.rows`));
    await symlink(join(folder, 'customers.rows'), join(folder, `${HASH}.age-2.rows`));
    await fileOf(folder, `${HASH}.rows`);
    const before = await readdir(folder);
    cache.prune();
    assert.deepEqual(
      await readdir(folder),
      before.filter((name) => name !== `${HASH}.rows`),
    );
  });

  test('deletes nothing in a folder where others keep files, whatever the names', async (context) => {
    const folder = join(await temporaryFolder(context), 'mine');
    await fileOf(folder, 'customers.csv');
    await fileOf(folder, `${HASH}.rows`);
    const cache = new CacheFolder({ folder, maxBytes: 0 });
    await cache.make();
    cache.prune();
    assert.deepEqual((await readdir(folder)).sort(), [`${HASH}.rows`, 'customers.csv']);
    await rm(join(folder, 'customers.csv'));
    await cache.make();
    cache.prune();
    assert.deepEqual(await readdir(folder), ['CACHEDIR.TAG'], 'a cache of 0.1.0 holds nothing but its own files');
  });
});
