import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Ended, runSweepProcess } from '../faults/program.ts';
import { everythingBelow, temporaryFolder } from '../support/temporary-folder.ts';
import { changeColumns, copyTinyRun, LABELS } from '../support/tiny-run.ts';

/** Clears the screen, changes colour, turns the direction of writing, C1 control, and ends the line. */
const ESCAPES = '\x1b[2J\x1b[31m\u202e\x9b31m\rx';
const SQL = "x'); DROP TABLE verdicts; --";

/** What a terminal would obey, instead of showing it as text. A line may end. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}]/u;

function assertHarmless({ stdout, stderr }: Ended): void {
  assert.doesNotMatch(stdout + stderr, OBEYED);
}

function assertRefused(ended: Ended, rule: RegExp): void {
  assert.equal(ended.timedOut, false, 'it hung');
  assert.equal(ended.exitCode, 2, ended.stderr);
  assert.match(ended.stderr, rule);
  assert.doesNotMatch(ended.stderr, /^ +at /m);
  assertHarmless(ended);
}

/** A copy of the reference run in `data`, and a folder `inner` to run in. */
async function workplace(t: TestContext): Promise<{ root: string; cwd: string; files: string }> {
  const root = await temporaryFolder(t);
  const files = await copyTinyRun(join(root, 'data'));
  const cwd = join(root, 'inner');
  await mkdir(cwd);
  return { root, cwd, files };
}

function run(args: readonly string[], cwd: string): Promise<Ended> {
  return runSweepProcess(args, { cwd });
}

function experiment(cwd: string, more: readonly string[]): Promise<Ended> {
  const args = ['experiment', '--data-root', '../data', '--baseline-run-id', 'tiny', '--regressor-kind', 'ridge'];
  return run([...args, ...more], cwd);
}

async function writeSweep(cwd: string, changes: object): Promise<void> {
  const definition = {
    name: 'x',
    baseline: { dataRoot: '../data', runId: 'tiny' },
    axes: { regressorKind: ['ridge'] },
  };
  await writeFile(join(cwd, 'sweep.json'), JSON.stringify({ ...definition, ...changes }));
}

describe('nothing is written outside the folder that is named', { concurrency: 2 }, () => {
  test('a run id that climbs out of its folder is refused, and nothing is written', async (t) => {
    const { root, cwd } = await workplace(t);
    const before = await everythingBelow(root);
    for (const id of ['../../x', '..', '/tmp/x', 'a\\b', '']) {
      assertRefused(await experiment(cwd, ['--run-id', id]), /run.id/);
    }
    const build = ['baseline', 'build', 'BTCUSDT=bars.csv', '--data-root', '../data', '--run-id', '../../x'];
    assertRefused(await run(build, cwd), /run id/);
    assert.deepEqual(await everythingBelow(root), before);
  });

  test('a definition whose run id climbs out of its folder is refused', async (t) => {
    const { root, cwd } = await workplace(t);
    for (const runId of ['../../x', '..', '\u0000']) {
      await writeSweep(cwd, { baseline: { dataRoot: '../data', runId } });
      const before = await everythingBelow(root);
      assertRefused(await run(['plan', 'sweep.json'], cwd), /run.?id/i);
      assert.deepEqual(await everythingBelow(root), before);
    }
  });

  test('--out that names a file, or a folder below one, is refused and the file stays as it is', async (t) => {
    const { cwd } = await workplace(t);
    await writeFile(join(cwd, 'file'), 'precious');
    for (const out of ['file', 'file/below'])
      assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', out]), /file/);
    assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', 'file/below', '--force']), /file/);
    assert.equal(await readFile(join(cwd, 'file'), 'utf8'), 'precious');
    assert.deepEqual(await readdir(cwd), ['file']);
  });

  test('--out may end in a slash', async (t) => {
    const { cwd } = await workplace(t);
    for (const more of [[], ['--force']]) {
      const ended = await experiment(cwd, ['--run-id', 'x', '--out', 'out/', ...more]);
      assert.equal(ended.exitCode, 0, ended.stderr);
    }
    assert.deepEqual(await readdir(cwd), ['out']);
    const written = await readdir(join(cwd, 'out'));
    assert.ok(written.includes('models'));
    assert.equal(written.length, 9 + 1, 'the nine files and the models');
  });

  test('--out --force through a link replaces the link, not what lies behind it', async (t) => {
    const { root, cwd } = await workplace(t);
    const precious = join(root, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'notes.txt'), 'precious');
    await symlink(precious, join(cwd, 'link'));
    await experiment(cwd, ['--run-id', 'x', '--out', 'link', '--force']);
    assert.deepEqual(await readdir(precious), ['notes.txt']);
    assert.equal(await readFile(join(precious, 'notes.txt'), 'utf8'), 'precious');
  });

  test('--out --force does not replace a folder that holds other files than those of a run', async (t) => {
    const { root, cwd } = await workplace(t);
    const precious = join(root, 'precious');
    await mkdir(precious);
    await writeFile(join(precious, 'notes.txt'), 'precious');
    const ended = await experiment(cwd, ['--run-id', 'x', '--out', '../precious', '--force']);
    assert.equal(ended.exitCode, 2);
    assert.equal(await readFile(join(precious, 'notes.txt'), 'utf8'), 'precious');
  });

  test('source_replay_path is only ever read: what it names stays as it is', async (t) => {
    const { root, cwd, files } = await workplace(t);
    const secret = join(root, 'secret.txt');
    await writeFile(secret, 'precious');
    for (const path of [
      secret,
      '../../../../../../../../secret.txt',
      '/dev/zero',
      '/dev/stdin',
      '/proc/self/mem',
      root,
      '\0',
    ]) {
      await writeFile(join(files, 'split/split_manifest.json'), JSON.stringify({ source_replay_path: path }));
      assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', 'out']), /replay|split_manifest/);
    }
    assert.equal(await readFile(secret, 'utf8'), 'precious');
  });
});

describe('names are never obeyed', { concurrency: 2 }, () => {
  test('terminal escapes in paths, ids and names are shown, not sent', async (t) => {
    const { cwd } = await workplace(t);
    await writeSweep(cwd, { name: `x${ESCAPES}` });
    await writeSweep(cwd, { axes: { [ESCAPES]: [1] } });
    const nasty = `nasty${ESCAPES}`;
    await writeFile(join(cwd, nasty), 'not a store');
    const commands = [
      ['plan', 'sweep.json'],
      ['plan', nasty],
      ['run', nasty, '--db', 'x.db'],
      ['report', '--db', nasty],
      ['report', '--db', 'none', '--sweep', nasty],
      ['show', nasty, '--db', nasty],
      ['list', '--db', join('none', nasty)],
      ['experiment', '--data-root', nasty, '--baseline-run-id', 'tiny', '--run-id', 'x'],
      ['experiment', '--data-root', '../data', '--baseline-run-id', nasty, '--run-id', 'x'],
      ['experiment', '--data-root', '../data', '--baseline-run-id', 'tiny', '--run-id', nasty],
      ['experiment', '--data-root', '../data', '--baseline-run-id', 'tiny', '--run-id', 'x', '--feature-order', nasty],
      ['baseline', 'build', `${nasty}=${nasty}`, '--data-root', 'd', '--run-id', 'x'],
      [nasty],
      ['report', nasty],
      ['report', `--${nasty}`],
      ['report', '--format', nasty],
      ['run', 'sweep.json', '--threads', nasty],
    ];
    const obeyed = [];
    for (const args of commands) {
      const ended = await run(args, cwd);
      assert.equal(ended.exitCode, 2, `${args}: ${ended.stderr}`);
      if (OBEYED.test(ended.stdout + ended.stderr))
        obeyed.push(args.map((arg) => arg.replace(nasty, 'NASTY')).join(' '));
    }
    assert.deepEqual(obeyed, []);
  });

  test('terminal escapes in what files hold are shown, not sent', async (t) => {
    const { cwd, files } = await workplace(t);
    await writeFile(join(files, 'split/split_manifest.json'), JSON.stringify({ source_replay_path: `x${ESCAPES}` }));
    assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', 'out']), /replay/);
    await writeFile(join(files, 'split/split_manifest.json'), `{"source_replay_path": ${ESCAPES}`);
    assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', 'out']), /split_manifest\.json/);
    const order: string[] = JSON.parse(await readFile(join(files, 'feature/feature_order.json'), 'utf8'));
    await writeFile(join(files, 'feature/feature_order.json'), JSON.stringify([...order, `y${ESCAPES}`]));
    assertRefused(await experiment(cwd, ['--run-id', 'x', '--out', 'out']), /feature_frame|initializer/);
  });

  test('a symbol with escapes and SQL in it goes through a sweep and its reports without harm', async (t) => {
    const { cwd, files } = await workplace(t);
    await changeColumns(join(files, LABELS), ['symbol'], () => `${SQL}${ESCAPES}`);
    await writeSweep(cwd, {});
    const ended = await run(['run', 'sweep.json', '--db', 'x.db', '--no-cache'], cwd);
    assertHarmless(ended);
    assertHarmless(await run(['report', '--db', 'x.db'], cwd));
  });

  test('SQL in names, ids and conditions is text like any other', async (t) => {
    const { cwd } = await workplace(t);
    await writeSweep(cwd, { axes: { regressorKind: ['ridge'], ridgeAlpha: [1, 10, 100] } });
    const sweep = ['run', 'sweep.json', '--db', `${SQL}.db`, '--no-cache'];
    assert.equal((await run(sweep, cwd)).exitCode, 0);
    const db = ['--db', `${SQL}.db`];
    for (const args of [
      ['report', '--sweep', SQL],
      ['report', '--where', `kind=${SQL}`],
      ['report', '--where', SQL],
      ['report', '--sort', SQL],
      ['show', SQL],
      ['show', '%'],
      ['show', '_'],
      ['reproduce', SQL],
      ['export', '--sweep', SQL],
    ]) {
      assertHarmless(await run([...args, ...db], cwd));
    }
    const { stdout } = await run(['report', '--format', 'json', ...db], cwd);
    assert.equal(JSON.parse(stdout).rows.length, 3);
  });
});
