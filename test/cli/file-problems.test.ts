import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';

const folder = sharedFolder();
const store = join(folder, 'store.db');
const definition = join(folder, 'sweep.json');

/** By what is wrong with it: a name that is given in place of a file that is to be read. */
const UNREADABLE = {
  missing: join(folder, 'missing'),
  'a folder': join(folder, 'folder'),
  'below a file': join(folder, 'file', 'below'),
  'a circle of links': join(folder, 'circle'),
};
/** The same of one that is to be written. */
const UNWRITABLE = { 'below a file': join(folder, 'file', 'below'), 'a circle of links': join(folder, 'circle') };

before(async () => {
  mkdirSync(UNREADABLE['a folder']);
  writeFileSync(join(folder, 'file'), 'no sweep, no store, no bars\n');
  symlinkSync('circle', UNREADABLE['a circle of links']);
  const baseline = { dataRoot: TINY_DATA_ROOT, runId: 'tiny' };
  writeFileSync(
    definition,
    JSON.stringify({ name: 'one', baseline, axes: { regressorKind: ['ridge'], ridgeAlpha: [1] } }),
  );
  await using made = await openVerdictStore(store, { mode: 'write' });
  assert.equal((await made.sweeps()).length, 0);
});

const READERS: readonly (readonly [what: string, words: (file: string) => string[]])[] = [
  ['a definition', (file) => ['plan', file]],
  ['a definition to run', (file) => ['run', file, '--db', join(folder, 'new.db')]],
  ['a store', (file) => ['report', '--db', file]],
  ['a store that is merged', (file) => ['merge', join(folder, 'merged.db'), file]],
  ['a store whose looks count', (file) => ['report', '--db', store, '--with', file]],
  ['a ledger', (file) => ['report', '--db', store, '--ledger', file]],
  ['losses', (file) => ['trust', '--losses', file]],
  ['bars', (file) => ['baseline', 'inspect', file]],
  [
    'bars to build of',
    (file) => ['baseline', 'build', `X=${file}`, '--data-root', join(folder, 'data'), '--run-id', 'x'],
  ],
];

const WRITERS: readonly (readonly [what: string, words: (file: string) => string[]])[] = [
  ['an export', (file) => ['export', '--db', store, '--out', file]],
  ['a backup', (file) => ['backup', file, '--db', store]],
  ['a first definition', (file) => ['init', file, '--run-id', 'tiny', '--data-root', TINY_DATA_ROOT]],
  ['a store', (file) => ['run', definition, '--db', file]],
];

/** Where a folder is expected, by an option or an argument. */
const FOLDERS: readonly (readonly [what: string, words: (path: string) => string[]])[] = [
  ['a cache', (path) => ['run', definition, '--db', join(folder, 'new.db'), '--cache', path]],
  ['a cache of a plan', (path) => ['plan', definition, '--cache', path]],
  ['a cache for data', (path) => ['data', 'fetch', folder, '--run-id', 'tiny', '--cache', path]],
  ['a data root', (path) => ['plan', definition, '--data-root', path]],
  ['a data root to list', (path) => ['baseline', 'list', '--data-root', path]],
  ['a data root for a first definition', (path) => ['init', join(folder, 'new.yaml'), '--data-root', path]],
  [
    'the folder of a run',
    (path) => [
      'experiment',
      '--data-root',
      TINY_DATA_ROOT,
      '--baseline-run-id',
      'tiny',
      '--run-id',
      'x',
      '--out',
      path,
    ],
  ],
];

describe('a file that cannot be used is named in one line that says why, with exit code 2 and without the system’s own words', () => {
  const refused = async (words: readonly string[], named: string): Promise<void> => {
    const { code, stdout, stderr } = await ask([...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^(sweep|error): [^\n]+\n(\(add --help for usage\)\n)?$/);
    assert.ok(stderr.includes(named), stderr);
    // The folder's own name is random, and may look like one of them.
    assert.doesNotMatch(stderr.replaceAll(folder, ''), /\bE[A-Z]{3,}\b|syscall|lstat|mkdir|errno/);
    assert.equal(stdout, '');
  };
  for (const [what, words] of READERS) {
    for (const [problem, file] of Object.entries(UNREADABLE)) {
      // Folders of bars are read.
      if (problem === 'a folder' && what.startsWith('bars')) continue;
      test(`${what}: ${problem}`, () => refused(words(file), file));
    }
  }
  for (const [what, words] of WRITERS) {
    for (const [problem, file] of Object.entries(UNWRITABLE)) {
      test(`${what} to write: ${problem}`, () => refused(words(file), file));
    }
  }
  for (const [what, words] of FOLDERS) {
    test(`${what}: a file`, () => refused(words(join(folder, 'file')), 'got a file'));
    test(`${what}: below a file`, () => refused(words(UNWRITABLE['below a file']), 'is a file'));
  }
  test('a ledger below a file is refused before its run, and one in a folder that is not there makes it', async () => {
    const db = join(folder, 'with-ledger.db');
    await refused(['run', definition, '--db', db, '--ledger', UNWRITABLE['below a file']], 'is a file');
    assert.ok(!existsSync(db));
    const ledger = join(folder, 'no', 'such', 'ledger.jsonl');
    assert.equal((await ask(['run', definition, '--db', db, '--ledger', ledger])).code, 0);
    assert.ok(existsSync(ledger));
  });
  test('and nothing is left where it was to be', () => {
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
});
