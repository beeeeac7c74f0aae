import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeStoreOfLosses } from '../support/store-of-losses.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { assertClose, goldens, quickstartLosses } from '../trust/goldens.ts';
import { assertScreen } from './screen.ts';

const folder = sharedFolder();
const losses = quickstartLosses();
const db = join(folder, 'quickstart.db');

async function trustOf(...args: readonly string[]) {
  const { code, stdout, stderr } = await ask(['trust', '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Without what names a configuration: the store's have names of their own. */
function unnamed<T extends { best: object; rows: readonly object[] }>(trust: T) {
  return {
    ...trust,
    best: { ...trust.best, id: undefined },
    rows: trust.rows.map((row) => ({ ...row, id: undefined })),
  };
}

describe('a sweep in the store', () => {
  let stored: Awaited<ReturnType<typeof trustOf>>;
  before(async () => {
    await writeStoreOfLosses(db, losses, { failures: 2 });
    stored = await trustOf('--db', db);
  });

  test('is said the same of as of its losses; what could not be judged is counted, and leaves every statement', () => {
    assert.deepEqual([stored.configurations, stored.notJudged.length], [302, 2]);
    const expected = { ...goldens.quickstart, input: undefined, configurations: 302, notJudged: stored.notJudged };
    assertClose(unnamed(stored), unnamed(expected));
  });

  test('export --losses writes all that trust needs: it says the same of the file, to the last bit', async () => {
    const file = join(folder, 'losses.json');
    assert.equal((await ask(['export', '--losses', '--db', db, '--out', file])).code, 0);
    assert.deepEqual(await trustOf('--losses', file), stored);
  });

  for (const width of [80, 140]) {
    test(`the leaderboard says of each row what may be believed of it, at ${width} columns`, async () => {
      const { stdout } = await ask(['report', '--db', db, '--top', '5'], { env: { COLUMNS: String(width) } });
      assertScreen(`leaderboard-trust-${width}.txt`, stdout);
    });
  }

  test('one verdict is shown with the noise and the luck of its gates, and says the same as JSON', async () => {
    const { rows } = stored;
    const { code, stdout } = await ask(['show', rows.at(-1).configuration, '--db', db], { env: { COLUMNS: '120' } });
    assert.equal(code, 0);
    assertScreen('verdict-trust-120.txt', stdout.slice(stdout.indexOf('can it be believed?')));
    const json = await ask(['show', rows[0].configuration, '--db', db, '--json']);
    const { foundAmong: _, sweep, ...row } = JSON.parse(json.stdout).trust;
    assert.deepEqual({ sweep, ...row, foundAmong: null }, { sweep: 'quickstart', ...rows[0] });
  });

  test('rows that were picked by what they did on a locked split are found among all', async () => {
    const of = async (...args: readonly string[]) => {
      const { stdout } = await ask(['report', '--db', db, '--top', '3', ...args], { env: { COLUMNS: '200' } });
      return stdout.split('\n').filter((line) => /, found among 300$/.test(line)).length;
    };
    assert.deepEqual([await of('--status', 'pass'), await of('--where', 'kind=huber')], [3, 1]);
  });
});

test('of a store whose days are not known nothing is said but what is to be done', async () => {
  const old = join(folder, 'old.db');
  await writeStoreOfLosses(old, { ...losses, configurations: losses.configurations.slice(0, 3) }, { withDays: false });
  const { code, stderr } = await ask(['trust', '--db', old]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^sweep: sweep quickstart: the days of its datasets are not in the store, .* Run the sweep again: /,
  );
});
