import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { baselineData } from '../../src/execution/baseline-data.ts';
import { ask, refusalIn, sharedFolder, sweep } from '../support/sweep-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyTinyRun, TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

/**
 * What stores made before runs could be fetched know `tiny` by, and `tiny` with its bars in `../../../elsewhere`. Computed by
 * the program at e71f7de.
 */
const HASH_OF_TINY = '374a6d906d55bbe53c880110858f36496bc3ea2f412db03deadc0328d580afe4';
const HASH_WITH_BARS_ELSEWHERE = '43197940744213580830f13a72be561672c98a75d3dea4258bc87876d083ac76';
const KEEP = { barGaps: 'keep' } as const;
const AXES = { regressorKind: ['ridge'], ridgeAlpha: [1, 10] } as const;

const shared = sharedFolder();
const PUBLISHED = join(shared, 'published');
const published = ask(['data', 'publish', 'tiny', PUBLISHED, '--data-root', TINY_DATA_ROOT, '--json']);

/** A definition over `tiny` whose data root holds nothing. */
function definitionWithoutData(folder: string): string {
  return writeDefinition(folder, { name: 'fetched', axes: AXES, dataRoot: join(folder, 'nothing') });
}

async function fetched(context: TestContext, from: string, runId = 'tiny'): Promise<string> {
  const folder = await temporaryFolder(context);
  const { code, stdout, stderr } = await ask(['data', 'fetch', from, '--run-id', runId, '--cache', folder]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** `tiny` with bars that lie outside of its folder; returns the data root. */
async function tinyWithBarsElsewhere(context: TestContext): Promise<string> {
  const dataRoot = await temporaryFolder(context);
  const run = await copyTinyRun(dataRoot);
  await rename(join(run, 'replay'), join(dataRoot, 'elsewhere'));
  const manifest = join(run, 'split/split_manifest.json');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"replay/replay.parquet"', '"../../../elsewhere/replay.parquet"'));
  return dataRoot;
}

describe('what a store knows data by', () => {
  test('is what it was before data could be fetched, and the same of a fetched copy', async (context) => {
    await published;
    assert.equal((await baselineData(TINY_DATA_ROOT, 'tiny', undefined, KEEP)).hash, HASH_OF_TINY);
    const copy = await fetched(context, PUBLISHED);
    assert.equal((await baselineData(copy, 'tiny', undefined, KEEP)).hash, HASH_OF_TINY);
  });

  test('also where the bars lie outside of the run: the copy has them, and what lies there is not read', async (context) => {
    const dataRoot = await tinyWithBarsElsewhere(context);
    assert.equal((await baselineData(dataRoot, 'tiny', undefined, KEEP)).hash, HASH_WITH_BARS_ELSEWHERE);
    const place = join(dataRoot, 'published');
    const { code, stderr } = await ask(['data', 'publish', 'tiny', place, '--data-root', dataRoot]);
    assert.equal(code, 0, stderr);
    const copy = await fetched(context, place);
    // Others than were published, where the path in the copy's split manifest leads.
    await mkdir(join(copy, 'elsewhere'));
    await writeFile(join(copy, 'elsewhere/replay.parquet'), 'PAR1');
    assert.equal((await baselineData(copy, 'tiny', undefined, KEEP)).hash, HASH_WITH_BARS_ELSEWHERE);
    const definition = writeDefinition(shared, { name: 'bars-elsewhere', axes: AXES, dataRoot: copy });
    const summary = await runSweepFile(definition, join(shared, 'elsewhere.db'));
    assert.equal(summary.completed, 2);
  });

  test('so that a store takes fetched data for those that it has, and the cache of state rows serves both', async (context) => {
    await published;
    const folder = await temporaryFolder(context);
    const db = join(folder, 'sweeps.db');
    const cache = join(folder, 'cache');
    await runSweepFile(writeDefinition(folder, { name: 'fetched', axes: AXES }), db, '--cache', cache);
    const rows = () =>
      readdirSync(cache)
        .filter((name) => name.endsWith('.rows'))
        .sort();
    const before = rows();
    const file = definitionWithoutData(folder);
    const again = await ask(['run', file, '--db', db, '--cache', cache, '--data', PUBLISHED, '--json']);
    assert.equal(again.code, 0, again.stderr);
    const { known, completed } = JSON.parse(again.stdout);
    assert.deepEqual([known, completed], [2, 0]);
    assert.doesNotMatch(again.stderr, /is not what it was|judged again/);
    assert.deepEqual(rows(), before);
    assert.ok(readdirSync(cache).includes('CACHEDIR.TAG'));
    const plan = await ask(['plan', file, '--cache', cache, '--data', PUBLISHED, '--db', db, '--json']);
    assert.equal(plan.code, 0, plan.stderr);
    const [{ id }] = JSON.parse(plan.stdout).configurations;
    const reproduced = await ask(['reproduce', id, '--db', db, '--out', join(folder, 'out')]);
    assert.equal(reproduced.code, 0, reproduced.stderr);
  });
});

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

describe('sweep run --data', () => {
  test('takes the first place that has the run', async (context) => {
    await published;
    const folder = await temporaryFolder(context);
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const more = ['--db', join(folder, 's.db'), '--cache', join(folder, 'cache'), '--json'];
    const run = await ask(['run', definitionWithoutData(folder), '--data', empty, '--data', PUBLISHED, ...more]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(JSON.parse(run.stdout).completed, 2);
    assert.match(run.stderr, /^data: data .*empty\/runs\/tiny\.json: is not there.*; asking the next source$/m);
  });

  test('refuses data with a flipped byte before there is a store', async (context) => {
    const folder = await temporaryFolder(context);
    const place = join(folder, 'published');
    assert.equal((await ask(['data', 'publish', 'tiny', place, '--data-root', TINY_DATA_ROOT])).code, 0);
    const [name = ''] = readdirSync(join(place, 'content')).sort();
    const bytes = readFileSync(join(place, 'content', name));
    bytes[bytes.length >> 1]! ^= 4;
    writeFileSync(join(place, 'content', name), bytes);
    const db = join(folder, 's.db');
    const run = await ask([
      'run',
      definitionWithoutData(folder),
      '--data',
      place,
      '--db',
      db,
      '--cache',
      join(folder, 'c'),
    ]);
    assert.equal(run.code, 2);
    assert.match(refusalIn(run), /is damaged there \(expected SHA-256 \w+, got \w+\)\. Nothing of it is kept/);
    assert.ok(!exists(db));
  });

  const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['without a cache', ['--data', 'x', '--no-cache'], /--data: is fetched into the cache/],
    [
      'beside a data root',
      ['--data', 'x', '--data-root', 'y'],
      /'--data <place>' cannot be used with option '--data-root/,
    ],
    [
      'of a folder that is not there',
      ['--data', 'no-such-folder'],
      /data no-such-folder: no such folder\. Mount it, or name the place that `.+ data publish` was given/,
    ],
    ['of another run', ['--data', 'pub/runs/other.json'], /is baseline run other, and tiny is wanted/],
    ['with a password', ['--data', 'https://me:hunter2@localhost/x'], /a URL with a user or password is refused/],
    ['over plain http', ['--data', 'http://example.org/x'], /plain http is taken from this machine alone/],
  ];
  for (const [what, more, rule] of MISTAKES) {
    test(`${what} is refused in one line`, async (context) => {
      const folder = await temporaryFolder(context);
      const run = await ask(['run', definitionWithoutData(folder), '--db', join(folder, 's.db'), ...more]);
      assert.equal(run.code, 2);
      assert.match(refusalIn(run), rule);
      assert.ok(!`${run.stdout}${run.stderr}`.includes('hunter2'));
    });
  }

  test('says what is in the way where files may not grow', { skip: process.platform === 'win32' }, async (context) => {
    await published;
    const folder = await temporaryFolder(context);
    const start = { before: ['sh', '-c', 'ulimit -f 100; exec "$@"', 'sh'] };
    const cache = join(folder, 'cache');
    const failed = await sweep(['data', 'fetch', PUBLISHED, '--run-id', 'tiny', '--cache', cache], { start });
    assert.equal(failed.code, 2, failed.stderr);
    assert.match(
      refusalIn(failed),
      /parts\/\w+: cannot be written \(EFBIG.*What has come is kept: run it again, it goes on/,
    );
    const { code, stderr } = await ask(['data', 'fetch', PUBLISHED, '--run-id', 'tiny', '--cache', cache]);
    assert.equal(code, 0, stderr);
  });
});

describe('sweep data', () => {
  test('manifest prints what publish writes, and its hash is the SHA-256 of that', async () => {
    const { stdout } = await published;
    const { manifestHash } = JSON.parse(stdout);
    const { stdout: text, stderr } = await ask(['data', 'manifest', 'tiny', '--data-root', TINY_DATA_ROOT]);
    assert.equal(stderr, `manifest ${manifestHash}\n`);
    assert.equal(text, `${readFileSync(join(PUBLISHED, `manifests/${manifestHash}.json`), 'utf8')}\n`);
  });

  test('names a run that is not there, and a place that cannot be published to', async () => {
    const none = await ask(['data', 'publish', 'none', PUBLISHED, '--data-root', TINY_DATA_ROOT]);
    assert.equal(none.code, 2);
    assert.match(refusalIn(none), /none.*(tiny)/);
    const web = await ask(['data', 'publish', 'tiny', 'https://localhost/x', '--data-root', TINY_DATA_ROOT]);
    assert.match(refusalIn(web), /expected a folder or s3:\/\/BUCKET\/PREFIX to publish to/);
    const which = await ask(['data', 'fetch', PUBLISHED]);
    assert.match(refusalIn(which), /which run\? Name it with --run-id/);
  });
});
