import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { hashedManifest, type ManifestFile } from '../../src/files/data-manifest.ts';
import { type NamedSource, type ObtainOptions, obtainRun } from '../../src/files/obtain.ts';
import { publishRun } from '../../src/files/publish.ts';
import { sha256OfFile } from '../../src/files/sha256-of-file.ts';
import { folderSource } from '../../src/files/sources/folder-source.ts';
import { webSource } from '../../src/files/sources/web-source.ts';
import { DataServer } from '../support/data-server.ts';
import { everythingBelow, temporaryFolder } from '../support/temporary-folder.ts';
import { userError } from '../support/user-error.ts';

/** More than a socket holds at once, so that a link can break in the middle. */
const LARGE = 900_000;

/** A run of three files, two of them the same, published to a folder. */
async function published(context: TestContext) {
  const folder = await temporaryFolder(context);
  const run = join(folder, 'run');
  const large = randomBytes(LARGE);
  const contents = {
    'feature/large.parquet': large,
    'label/small.json': 'small',
    'split/small.json': 'small',
    'split/empty.json': '',
  };
  const files: ManifestFile[] = [];
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(run, path)), { recursive: true });
    await writeFile(join(run, path), content);
    files.push({ path, ...(await sha256OfFile(join(run, path))) });
  }
  const found = hashedManifest('run-1', files);
  const pub = join(folder, 'pub');
  await publishRun(found, ({ path }) => join(run, path), folderSource(pub, 'pub'));
  const content = (path: string) => join(pub, 'content', files.find((file) => file.path === path)!.sha256);
  return { found, pub, cache: join(folder, 'cache'), run, content, large: content('feature/large.parquet') };
}

function options(notices: string[], more: Partial<ObtainOptions> = {}): ObtainOptions {
  return {
    maxBytes: 2 ** 30,
    layout: { folderOf: (runId) => `runs-of/${runId}`, manifestName: 'manifest.json' },
    lock: async () => ({ [Symbol.dispose]: () => {} }),
    onNotice: (notice) => notices.push(notice),
    onBroken: (notice) => notices.push(notice),
    signal: new AbortController().signal,
    firstWaitMs: 1,
    ...more,
  };
}

const web = (server: DataServer): NamedSource => ({
  source: webSource(new URL(server.url), server.url),
  hash: null,
  runId: 'run-1',
});
const from = (pub: string): NamedSource => ({ source: folderSource(pub, 'pub'), hash: null, runId: 'run-1' });

async function assertSame(run: string, folder: string): Promise<void> {
  const names = (await everythingBelow(folder)).filter((name) => name !== 'manifest.json');
  assert.deepEqual(names, await everythingBelow(run));
  for (const name of names) {
    if ((await stat(join(run, name))).isDirectory()) continue;
    assert.ok((await readFile(join(run, name))).equals(await readFile(join(folder, name))), name);
  }
}

describe('a baseline run that is fetched', () => {
  test('is what was published, byte for byte; again nothing is asked for but its manifest', async (context) => {
    const { found, pub, cache, run } = await published(context);
    await using server = await DataServer.start(pub);
    const first = await obtainRun([web(server)], cache, options([]));
    assert.deepEqual(first, {
      runId: 'run-1',
      manifestHash: found.hash,
      folder: join(cache, 'runs', found.hash),
      files: 4,
      bytes: LARGE + 10,
      fetchedBytes: LARGE + 5,
    });
    await assertSame(run, join(first.folder, 'runs-of/run-1'));
    // Of four files two are the same, and of an empty one there is nothing to ask for.
    assert.equal(server.contents.length, 2);
    const again = await obtainRun([web(server)], cache, options([]));
    assert.deepEqual(again, { ...first, fetchedBytes: 0 });
    assert.equal(server.contents.length, 2);
  });

  test('goes on where a link broke, however often it breaks', async (context) => {
    const { found, pub, cache, run } = await published(context);
    await using server = await DataServer.start(pub, { breakAfter: [300_000, 200_000, 100_000] });
    const notices: string[] = [];
    const { folder } = await obtainRun([web(server)], cache, options(notices));
    await assertSame(run, join(folder, 'runs-of/run-1'));
    // What was on its way when the link broke may be lost; what had come is never asked for again.
    const starts = server.contents
      .filter(({ path }) => path.endsWith(found.manifest.files[0]!.sha256))
      .map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
    assert.equal(starts.length, 4);
    assert.deepEqual(
      [...starts].sort((x, y) => x - y),
      starts,
    );
    assert.equal(notices.filter((notice) => notice.includes('going on at')).length, 3, notices.join('\n'));
  });

  test('begins anew on a server that knows no ranges', async (context) => {
    const { pub, cache, run } = await published(context);
    await using server = await DataServer.start(pub, { breakAfter: [300_000], ignoreRange: true });
    const { folder } = await obtainRun([web(server)], cache, options([]));
    await assertSame(run, join(folder, 'runs-of/run-1'));
  });

  test('goes on with what a killed process has left, and does not trust it', async (context) => {
    const { found, pub, cache, run, large } = await published(context);
    const { sha256 } = found.manifest.files[0]!;
    const part = join(cache, 'parts', sha256);
    await mkdir(dirname(part), { recursive: true });
    await writeFile(part, (await readFile(large)).subarray(0, 500_000));
    await using server = await DataServer.start(pub);
    await obtainRun([web(server)], cache, options([]));
    assert.deepEqual(server.contents[0], { path: `/content/${sha256}`, range: 'bytes=500000-' });

    await rm(cache, { recursive: true });
    await mkdir(dirname(part), { recursive: true });
    await writeFile(part, Buffer.alloc(LARGE + 7));
    const notices: string[] = [];
    const { folder } = await obtainRun([web(server)], cache, options(notices));
    await assertSame(run, join(folder, 'runs-of/run-1'));
    assert.match(notices.join('\n'), /some of it was from an earlier attempt, so it is fetched once more/);
  });

  test('is refused when a byte of it was flipped, and nothing of that is kept', async (context) => {
    const { pub, cache, large } = await published(context);
    const bytes = await readFile(large);
    bytes[LARGE - 1]! ^= 1;
    await writeFile(large, bytes);
    await assert.rejects(
      obtainRun([from(pub)], cache, options([])),
      userError(
        /^data pub\/content\/[0-9a-f]{64}: feature\/large\.parquet is damaged there \(expected SHA-256 \w{64}, got \w{64}\)/,
      ),
    );
    assert.deepEqual(await readdir(join(cache, 'parts')), []);
    await assert.rejects(readdir(join(cache, 'runs')), /ENOENT/);
  });

  test('is refused when a file is shorter, longer or gone, or its manifest is another', async (context) => {
    const { found, pub, cache, large } = await published(context);
    const refuses = (rule: RegExp, sources = [from(pub)]) =>
      assert.rejects(obtainRun(sources, cache, options([])), userError(rule));
    await truncate(large, LARGE - 1);
    await refuses(/ended after 899,999 of 900,000 bytes/);
    await rm(join(cache, 'parts'), { recursive: true });
    await appendFile(large, 'more');
    await refuses(/is larger than the 900,000 bytes of its manifest/);
    await rm(large);
    await refuses(/is not there, although a manifest names it/);
    const pinned = { source: folderSource(pub, 'pub'), hash: found.hash, runId: 'run-1' };
    await appendFile(join(pub, `manifests/${found.hash}.json`), ' ');
    await refuses(/canonical JSON/, [pinned]);
    await writeFile(join(pub, `manifests/${found.hash}.json`), hashedManifest('run-2', found.manifest.files).text);
    await refuses(/its SHA-256 is [0-9a-f]{64}, not its name/, [pinned]);
    await writeFile(join(pub, 'runs/run-1.json'), hashedManifest('run-2', found.manifest.files).text);
    await refuses(/is of baseline run run-2, not of run-1/);
  });

  test('of the cache is fetched again when a byte of it was flipped, and that is told', async (context) => {
    const { pub, cache, run } = await published(context);
    const { folder } = await obtainRun([from(pub)], cache, options([]));
    const path = join(folder, 'runs-of/run-1/feature/large.parquet');
    const bytes = await readFile(path);
    bytes[5]! ^= 128;
    await writeFile(path, bytes);
    const notices: string[] = [];
    const again = await obtainRun([from(pub)], cache, options(notices));
    assert.equal(again.fetchedBytes, LARGE);
    assert.ok(notices.includes(`${path}: is not what was fetched; fetching it again`), notices.join('\n'));
    await assertSame(run, join(folder, 'runs-of/run-1'));
    assert.deepEqual(await readdir(join(cache, 'runs')), [again.manifestHash]);
  });

  test('is whole where a disk that was full has left a piece of a file under its hash', async (context) => {
    const { found, pub, cache, run } = await published(context);
    const { sha256 } = found.manifest.files[0]!;
    const piece = join(cache, 'content/content-v2/sha256', sha256.slice(0, 2), sha256.slice(2, 4), sha256.slice(4));
    await mkdir(dirname(piece), { recursive: true });
    await writeFile(piece, 'a piece');
    const { folder } = await obtainRun([from(pub)], cache, options([]));
    await assertSame(run, join(folder, 'runs-of/run-1'));
  });

  test('shares the files that another run has', async (context) => {
    const { found, pub, cache, run } = await published(context);
    await obtainRun([from(pub)], cache, options([]));
    const other = hashedManifest('run-2', found.manifest.files.slice(0, 2));
    await publishRun(other, ({ path }) => join(run, path), folderSource(pub, 'pub'));
    const got = await obtainRun([{ ...from(pub), runId: 'run-2' }], cache, options([]));
    assert.equal(got.fetchedBytes, 0);
  });

  test('of more bytes than are taken is refused before any is asked for', async (context) => {
    const { pub, cache } = await published(context);
    await using server = await DataServer.start(pub);
    await assert.rejects(
      obtainRun([web(server)], cache, options([], { maxBytes: LARGE })),
      userError(/baseline run run-1 has 900 kB, more than the 900 kB that are taken\. Raise --max-data/),
    );
    assert.equal(server.contents.length, 0);
    await assert.rejects(readdir(cache), /ENOENT/);
  });
});

describe('a source', () => {
  test('that lacks the run, or breaks, is followed by the next; without one the reasons are told', async (context) => {
    const { pub, cache } = await published(context);
    const empty = await temporaryFolder(context);
    await using busy = await DataServer.start(pub, {
      answer: (_request, response) => {
        response.writeHead(503).end();
        return true;
      },
    });
    const notices: string[] = [];
    const lacking = { source: folderSource(empty, 'empty'), hash: null, runId: 'run-1' };
    const got = await obtainRun([lacking, web(busy), from(pub)], cache, options(notices));
    assert.equal(got.fetchedBytes, LARGE + 5);
    assert.equal(notices.filter((notice) => notice.endsWith('; asking the next source')).length, 2);
    await assert.rejects(obtainRun([lacking, web(busy)], cache, options([])), (error: Error) => {
      const lines = error.message.split('\n');
      assert.match(lines[0] ?? '', /^data empty\/runs\/run-1\.json: is not there\. `sweep data publish RUN DEST` puts/);
      assert.match(lines[1] ?? '', /503/);
      return lines.length === 2;
    });
  });

  test('with other data than the one before it is not mixed with it', async (context) => {
    const one = await published(context);
    const other = await published(context);
    await rm(one.large);
    await assert.rejects(obtainRun([from(one.pub), from(other.pub)], one.cache, options([])), (error: Error) => {
      assert.match(error.message, /although a manifest names it\n.*manifests\/[0-9a-f]{64}\.json: is not there/);
      return true;
    });
  });

  test('that redirects is refused: the data come from where the user has said', async (context) => {
    const { pub, cache } = await published(context);
    await using other = await DataServer.start(pub);
    await using server = await DataServer.start(pub, {
      answer: (request, response) => {
        response.writeHead(302, { location: `${other.url}${request.url}` }).end();
        return true;
      },
    });
    await assert.rejects(obtainRun([web(server)], cache, options([])), userError(/redirects are not followed/));
    assert.equal(other.asked.length, 0);
  });

  test('that gives other bytes than those asked for is refused', async (context) => {
    const { pub, cache } = await published(context);
    await using server = await DataServer.start(pub, {
      breakAfter: [300_000],
      answer: (request, response) => {
        if (request.headers.range === undefined) return false;
        response.writeHead(206, { 'content-range': 'bytes 5-9/900000' }).end('12345');
        return true;
      },
    });
    await assert.rejects(obtainRun([web(server)], cache, options([])), userError(/gives others \(5\)/));
  });

  test('that brings nothing any more counts as broken', async (context) => {
    const { pub, cache, run } = await published(context);
    let stalled = 0;
    await using server = await DataServer.start(pub, {
      answer: (request, response) => {
        if (!request.url?.includes('/content/') || stalled > 0) return false;
        stalled += 1;
        response.writeHead(200, { 'content-length': LARGE }).flushHeaders();
        return true;
      },
    });
    const notices: string[] = [];
    const { folder } = await obtainRun([web(server)], cache, options(notices, { idleMs: 50 }));
    assert.match(notices.join('\n'), /brought nothing for 0\.05 s; going on at 0/);
    await assertSame(run, join(folder, 'runs-of/run-1'));
  });

  test('that is a folder follows no links', async (context) => {
    const { pub, cache, large } = await published(context);
    await rm(large);
    await symlink('/dev/zero', large);
    await assert.rejects(
      obtainRun([from(pub)], cache, options([])),
      userError(/is a link, and links are not followed/),
    );
  });
});

describe('publishing', () => {
  test('refuses a file that was changed since its manifest was made, and leaves the run as it was', async (context) => {
    const { found, pub, run } = await published(context);
    const before = await everythingBelow(pub);
    const files = found.manifest.files.map((file) =>
      file.size === LARGE ? { ...file, sha256: 'b'.repeat(64) } : file,
    );
    await assert.rejects(
      publishRun(hashedManifest('run-1', files), ({ path }) => join(run, path), folderSource(pub, 'pub')),
      userError(/large\.parquet: was changed while it was published/),
    );
    assert.deepEqual(await everythingBelow(pub), before);
  });
});
