import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, describe, test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { ParquetFile } from 'parquet-wasm';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, SYNTHETIC_END, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';

const folder = sharedFolder();
const RECORDS = syntheticConfigurations(36).slice(0, 12);
const OUTCOMES = RECORDS.map((record) => syntheticOutcome(record));
const [FIRST] = RECORDS;

async function makeStore(name: string): Promise<string> {
  const path = join(folder, name);
  await using store = await openVerdictStore(path, { mode: 'write' });
  const one = await beginSyntheticRun(store, RECORDS, { sweepName: 'one' });
  await store.finishRun(one, SYNTHETIC_END, await store.record(one, OUTCOMES));
  await beginSyntheticRun(store, RECORDS.slice(0, 4), { sweepName: 'two' });
  return path;
}

let db: string;
before(async () => {
  db = await makeStore('shared.db');
});

test('sweep history lists the runs of a sweep: how many judged, why it ended, by whom, with what code', async () => {
  const { code, stdout } = await ask(['history', 'one', '--db', db], { env: { COLUMNS: '160' } });
  assert.equal(code, 0);
  assert.match(stdout, /^started +took +configurations +judged +error +ended +by +code +data/);
  assert.match(
    stdout,
    /^2026-01-02 03:04 .* 12 +12 +0 +finished: everything is judged +somebody on a host +0\.2\.0 c0de/m,
  );
  const { runs } = JSON.parse((await ask(['history', 'two', '--db', db, '--json'])).stdout);
  assert.deepEqual([runs.length, runs[0].judgedCount, runs[0].outcome], [1, 0, 'running']);
  const missing = await ask(['history', 'none', '--db', db]);
  assert.deepEqual(
    [missing.code, missing.stderr],
    [2, 'sweep: sweep "none": not in this store, which has "two", "one"\n'],
  );
});

describe('sweep rm', () => {
  test('says what would go and what stays, and changes nothing without --yes', async () => {
    const bytes = readFileSync(db);
    const { code, stdout } = await ask(['rm', 'one', '--db', db]);
    assert.equal(code, 0);
    assert.match(stdout, /^one: 12 configurations; 8 verdicts, 0 errors, 1 run would go\n4 verdicts would stay: /);
    assert.match(stdout, /nothing was removed\. To do it: .+ rm one --db .+ --yes\n$/);
    assert.ok(bytes.equals(readFileSync(db)));
  });

  test('with --yes removes it; what another sweep shows stays', async () => {
    const path = await makeStore('removing.db');
    assert.match((await ask(['rm', 'one', '--db', path, '--yes'])).stdout, /^one: .* 1 run removed\n4 verdicts stay: /);
    const { sweeps } = JSON.parse((await ask(['list', '--db', path, '--json'])).stdout);
    assert.deepEqual(
      sweeps.map(({ sweep, configurations, pending }: Record<string, unknown>) => ({ sweep, configurations, pending })),
      [{ sweep: 'two', configurations: 4, pending: 0 }],
    );
    const again = await ask(['rm', 'one', '--db', path, '--yes']);
    assert.match(again.stderr, /^sweep: sweep "one": not in this store, which has "two"\n$/);
  });
});

test('of one thing that is there a refusal speaks as of one', async () => {
  const refused = async (...words: string[]): Promise<string> => (await ask([...words, '--db', db])).stderr;
  assert.match(
    await refused('report', '--data', 'fff'),
    /^sweep: data "fff": none in this store begins so\. There is \w+ of \S+\n$/,
  );
  assert.match(await refused('report', '--code', 'fff'), /begins so\. There is \w+ \(version \S+\)\n$/);
});

test('what a refusal advises is about the store that was named', async () => {
  const empty = join(folder, 'an empty one.db');
  await (await openVerdictStore(empty, { mode: 'write' }))[Symbol.asyncDispose]();
  for (const [words, advised] of [
    [['show', 'fff', '--db', db], `report --db ${db}`],
    [['note', FIRST!.id, 'x', '--remove', '--db', db], `show ${FIRST!.id} --db ${db}`],
    [['report', db, '--sweep', 'one', '--sweep', 'two'], `compare A B --db ${db}`],
    [['export', '--format', 'json', '--db', db], `report --all --json --db ${db}`],
    [['report', '--html', join(folder, 'x.html'), '--models', folder, '--db', db], `reproduce ID --db ${db}`],
  ] as const) {
    const { code, stderr } = await ask(words);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`\`npx sweep ${advised}\``), stderr);
  }
  for (const words of [
    ['trust', '--db', empty],
    ['list', '--db', empty],
  ]) {
    const { stdout, stderr } = await ask(words);
    assert.match(stdout + stderr, /npx sweep run FILE --db '.+an empty one\.db' makes one\n$/);
  }
});

test('sweep list and sweep history say which of their columns had no room', async () => {
  const told = async (words: readonly string[], columns: string): Promise<string | undefined> => {
    const { stdout } = await ask([...words, '--db', db], { env: { COLUMNS: columns } });
    return stdout.trimEnd().split('\n\n').at(-1);
  };
  assert.equal(await told(['list'], '60'), '2 sweeps; hidden at this width: code, runs, baseline');
  assert.equal(await told(['list'], '200'), '2 sweeps');
  assert.equal(
    await told(['history', 'one'], '72'),
    '1 run; hidden at this width: run, data, code, by, configurations',
  );
  assert.equal(await told(['history', 'one'], '200'), '1 run');
});

test('sweep note writes sentences and tags that show shows, and takes them away again', async () => {
  const path = await makeStore('notes.db');
  const id = FIRST!.id.slice(0, 8);
  assert.match(
    (await ask(['note', id, 'looks odd', '--db', path])).stdout,
    new RegExp(`^${FIRST!.id}@[0-9a-f]{8}: noted`),
  );
  assert.match((await ask(['note', id, 'candidate', '--tag', '--db', path])).stdout, /: tagged\n$/);
  const { stdout } = await ask(['show', id, '--db', path]);
  assert.match(stdout, /^ {2}note +looks odd \(\d{4}-/m);
  assert.match(stdout, /^ {2}tag +candidate$/m);
  assert.equal(
    (await ask(['note', id, 'candidate', '--remove', '--db', path])).stdout,
    `${id}: "candidate" taken away\n`,
  );
  const gone = await ask(['note', id, 'candidate', '--remove', '--db', path]);
  assert.match(gone.stderr, /^sweep: .+: has no note or tag "candidate"\. See `npx sweep show .+`\n$/);
  const bad = await ask(['note', id, 'two words', '--tag', '--db', path]);
  assert.match(bad.stderr, /^sweep: tag: expected a tag of 1 to 40 .+, got "two words"\n$/);
  assert.equal(bad.code, 2);
});

describe('sweep backup', () => {
  test('copies a store that is being written, whole, and replaces nothing', async () => {
    const path = await makeStore('written.db');
    await using writer = await openVerdictStore(path, { mode: 'write' });
    await beginSyntheticRun(writer, RECORDS, { sweepName: 'three' });
    const copy = join(folder, 'copy.db');
    assert.equal((await ask(['backup', copy, '--db', path])).code, 0);
    await using store = await openVerdictStore(copy, { mode: 'read' });
    assert.deepEqual(await store.check(), []);
    assert.equal((await store.sweeps()).length, 3);
    const refused = await ask(['backup', copy, '--db', path]);
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, `sweep: ${copy}: is there already, and a backup replaces nothing. Name another file\n`],
    );
  });

  test('with --no-machine has no host, user, CPU or place of data', async () => {
    const copy = join(folder, 'given-away.db');
    assert.equal((await ask(['backup', copy, '--db', db, '--no-machine'])).code, 0);
    const bytes = readFileSync(copy, 'latin1');
    for (const told of ['a host', 'somebody', 'a CPU', process.cwd()]) assert.ok(!bytes.includes(told), told);
    assert.ok(readFileSync(db, 'latin1').includes('somebody'));
    await using store = await openVerdictStore(copy, { mode: 'read' });
    assert.deepEqual(await store.check(), []);
    assert.equal((await store.outcomes()).judged.length, 12);
  });
});

describe('sweep export', () => {
  test('--losses writes the sums of each model, split and day, to the last bit', async () => {
    const out = join(folder, 'losses.parquet');
    assert.equal((await ask(['export', '--losses', '--sweep', 'one', '--db', db, '--out', out])).code, 0);
    const file = await ParquetFile.fromFile(new Blob([readFileSync(out)]));
    const table = tableFromIPC((await file.read()).intoIPCStream());
    const expected = OUTCOMES.flatMap(({ configurationId, dailyLosses }) =>
      dailyLosses.flatMap(({ modelKey, split, days, rowCounts, absErrorSums }) =>
        [...days].map((day, i) => [configurationId, modelKey, split, day, rowCounts[i], absErrorSums[i]]),
      ),
    );
    const got = table.toArray().map((row) => [row.id, row.model, row.split, row.day, row.rows, row.abs_error_sum]);
    assert.deepEqual(got, expected);
    const csv = (await ask(['export', '--losses', '--db', db])).stdout.trimEnd().split('\n');
    assert.equal(csv.length, 1 + expected.length);
  });

  test('--losses as JSON has the sums by model and split, and the days of each side', async () => {
    const { stdout } = await ask(['export', '--losses', '--format', 'json', '--sweep', 'one', '--db', db]);
    const { sweep, datasets, configurations } = JSON.parse(stdout);
    assert.deepEqual([sweep, datasets.length, configurations.length], ['one', 1, 12]);
    const [{ dailyLosses }] = OUTCOMES as [(typeof OUTCOMES)[number]];
    for (const { modelKey, split, days, rowCounts, absErrorSums } of dailyLosses) {
      assert.deepEqual(configurations[0].absErrorSums[`${modelKey}|${split}`], [...absErrorSums]);
      const side = datasets[0].sides[modelKey.startsWith('long') ? 'long' : 'short'];
      assert.deepEqual(side.splits[split], { days: [...days], rows: [...rowCounts] });
    }
  });

  test('says of each verdict which run of which sweep made it, when, and at which commit', async () => {
    const [header = '', first = ''] = (await ask(['export', '--db', db])).stdout.split('\n');
    const names = header.split(',');
    assert.equal(new Set(names).size, names.length);
    const fields = first.replace(/"[^"]*"/, 'ages').split(',');
    const cell = (name: string) => fields[names.indexOf(name)];
    assert.deepEqual(['made_by_sweep', 'run_started_at', 'git_commit'].map(cell), [
      'one',
      '2026-01-02T03:04:05.000Z',
      '0123456789abcdef0123456789abcdef01234567',
    ]);
    assert.match(cell('run') ?? '', /^[0-9a-f-]{36}$/);
    assert.match(cell('verdict_id') ?? '', new RegExp(`^${FIRST!.id}@`));
  });
});

for (const [what, sql, harm] of [
  ['index', 'CREATE UNIQUE INDEX "its \'own\'" ON verdicts (run_id) WHERE id > 100', 'keep verdicts out'],
  ['trigger', 'CREATE TRIGGER "its \'own\'" AFTER INSERT ON notes BEGIN DELETE FROM notes; END', 'change or delete .+'],
] as const) {
  test(`sweep doctor names ${what === 'index' ? 'an index' : 'a trigger'} of another program, reading goes on, and to write is refused with the line that removes it`, async () => {
    const path = await makeStore(`a store with its ${what}.db`);
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const { code, stdout } = await ask(['doctor', '--db', path]);
    assert.equal(code, 2);
    assert.match(stdout, new RegExp(`its ${what} "its 'own'" was added by another program and may ${harm}`));
    assert.equal((await ask(['list', '--db', path])).code, 0);
    const backup = await ask(['backup', `${path}.copy`, '--db', path, '--no-machine']);
    assert.equal(backup.code, what === 'trigger' ? 2 : 0, backup.stderr);
    const refused = await ask(['note', FIRST!.id, 'x', '--db', path]);
    assert.equal(refused.code, 2);
    assert.ok(!existsSync(`${path}-wal`));
    const line = /Remove it: sqlite3 ('.+\.db') ('DROP [A-Z]+ .+')\n$/.exec(refused.stderr);
    assert.ok(line !== null, refused.stderr);
    // As a shell reads it: two words, the store and what SQLite is to do.
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${line[1]} ${line[2]}`], { encoding: 'utf8' });
    const [store = '', remedy = ''] = words.trimEnd().split('\n');
    assert.equal(store, path);
    const mended = new DatabaseSync(store);
    mended.exec(remedy);
    mended.close();
    assert.equal((await ask(['note', FIRST!.id, 'x', '--db', path])).code, 0);
    assert.equal((await ask(['doctor', '--db', path])).code, 0);
  });
}

describe('sweep compare', () => {
  test('refuses a sweep beside what is none in words that name both', async () => {
    const { code, stderr } = await ask(['compare', 'one', 'no-such', '--db', db]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^sweep: compare: "one" is a sweep, "no-such" is none \(this store has "two", "one"\)\. Name two sweeps, /,
    );
  });
});
