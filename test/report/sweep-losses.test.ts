import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { writeStoreOfLosses } from '../support/store-of-losses.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { assertClose, goldens, quickstartLosses } from '../trust/goldens.ts';
import { assertScreen } from './screen.ts';

const folder = sharedFolder();
const losses = quickstartLosses();
// Below the folder that commands run in here: screens say it, and are the same wherever that is.
const db = 'quickstart.db';

type Row = { readonly id: string; readonly rank: number; readonly verdict: string };

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
    // A file of losses knows nothing of other looks.
    const { budget, ...statements } = stored;
    assert.ok(budget.latest_stress.looks >= stored.looks.latest_stress);
    assert.deepEqual(await trustOf('--losses', file), statements);
  });

  test('has the ranks of the leaderboard on every screen, and in JSON as places', async () => {
    const leaderboard = JSON.parse((await ask(['report', '--db', db, '--json'])).stdout);
    const rankOf = new Map<string, number>(leaderboard.rows.map((row: Row) => [row.id, row.rank]));
    for (const { configuration, place } of stored.rows) assert.equal(place, rankOf.get(configuration));
    // Of the first three scores, which agree to eleven digits, the last bits decide in JSON alone, as in the file of losses.
    assert.deepEqual(
      stored.rows.map(({ rank }: { rank: number }) => rank),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 25, 26, 27],
    );
    assert.notDeepEqual(
      stored.rows.map(({ place }: { place: number }) => place),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 25, 26, 27],
    );
    const { stdout } = await ask(['trust', '--db', db], { env: { COLUMNS: '140' } });
    const shown = [...stdout.matchAll(/^ *([0-9]+) +([0-9a-f]{7}) /gm)].map(([, rank, id]) => [Number(rank), id]);
    const ranked = leaderboard.rows.map((row: Row) => [row.rank, row.id.slice(0, 7), row.verdict === 'pass']);
    const passes = ranked.slice(10).filter(([, , isPass]: [number, string, boolean]) => isPass);
    assert.deepEqual(
      shown,
      [...ranked.slice(0, 10), ...passes.slice(0, 3)].map(([rank, id]) => [rank, id]),
    );
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

  test('a pass behind the first ten is found among all, in its place as at the end of a shorter table', async () => {
    const found = async (top: string) => {
      const { stdout } = await ask(['report', '--db', db, '--no-fold', '--top', top], { env: { COLUMNS: '200' } });
      return stdout.split('\n').filter((line) => /^ +[0-9]+ .* pass\b/.test(line));
    };
    const [short, long] = [await found('3'), await found('40')];
    assert.equal(short.length, 1);
    assert.ok(long.length > 1);
    for (const line of [...short, ...long]) assert.match(line, /, found among 300$/);
  });

  test('where nothing matches nothing is said of what may be believed', async () => {
    const { stdout } = await ask(['report', '--db', db, '--where', 'ages=7']);
    assert.match(stdout, /\nnothing to show\n/);
    assert.doesNotMatch(stdout, /believed/);
  });
});

test('a pass that rests on a fit that did not converge is no pass here either, on screens, in JSON and in its exported losses', async () => {
  const some = { ...losses, configurations: losses.configurations.filter(({ dataset }) => dataset === 4) };
  const passing = some.configurations.flatMap(({ passed }, i) => (passed ? i : []));
  assert.ok(passing.length >= 2);
  const path = join(folder, 'unconverged.db');
  await writeStoreOfLosses(path, some, { unconverged: passing.slice(1) });
  const leaderboard = JSON.parse((await ask(['report', '--db', path, '--json'])).stdout);
  assert.deepEqual([leaderboard.counts.pass, leaderboard.counts.unconverged], [1, passing.length - 1]);
  const { rows } = await trustOf('--db', path);
  const words = new Map<string, string>(leaderboard.rows.map((row: Row) => [row.id, row.verdict]));
  for (const { configuration, passed, unconverged } of rows) {
    assert.deepEqual(
      [passed, unconverged],
      [words.get(configuration) === 'pass', words.get(configuration) === 'unconverged'],
    );
  }
  assert.equal(rows.filter(({ passed }: { passed: boolean }) => passed).length, 1);
  const [first] = leaderboard.rows.filter((row: Row) => row.verdict === 'unconverged');
  const shown = await ask(['show', first.id, '--db', path], { env: { COLUMNS: '120' } });
  assert.match(shown.stdout, /\n {2}verdict: unconverged !\n/);
  const file = join(folder, 'unconverged.json');
  assert.equal((await ask(['export', '--losses', '--db', path, '--out', file])).code, 0);
  assert.deepEqual((await trustOf('--losses', file)).rows, rows);
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
