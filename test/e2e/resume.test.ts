import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random.ts';
import { assertSameVerdicts, type StoredVerdict, storedVerdicts } from '../support/stored-verdicts.ts';
import { ask, SweepProcess, sharedFolder } from '../support/sweep-command.ts';
import { changeOnePrice, copyTiny } from '../support/tiny-copy.ts';
import { ONE_THREAD, runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const AXES = {
  agesMinutes: [[3, 5, 10], [15], [38], [60]],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: [100],
  huberEpsilon: [1.35, 5],
  ridgeAlpha: [10],
  regressionTargetClipBps: [60],
} as const;
const DATASETS = AXES.agesMinutes.length;
const CONFIGURATIONS = DATASETS * (2 + 1);
/** The lines that say that a dataset is built and is about to be judged. */
const DATASET_LINES = AXES.agesMinutes.map((ages) => `ages ${ages}:`);
const SECOND_DATASET = 'ages 15:';
const KILLS = 2;

const folder = sharedFolder();
const definition = writeDefinition(folder, { name: 'grid', axes: AXES });
const undisturbedStore = join(folder, 'undisturbed.db');
let undisturbed: ReadonlyMap<string, StoredVerdict>;

before(async () => {
  const { completed, known } = await runSweepFile(definition, undisturbedStore);
  assert.deepEqual({ completed, known }, { completed: CONFIGURATIONS, known: 0 });
  undisturbed = await storedVerdicts(undisturbedStore);
});

describe('running a sweep again', { concurrency: 2 }, () => {
  test('judges nothing that is in the store', async () => {
    const db = copyStore('again.db');
    const { known, completed, error } = await runSweepFile(definition, db);
    assert.deepEqual({ known, completed, error }, { known: CONFIGURATIONS, completed: 0, error: 0 });
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
  });

  test('with values added to its axes judges only the new configurations', async () => {
    const db = copyStore('more.db');
    const axes = { ...AXES, huberAlpha: [1, ...AXES.huberAlpha], ridgeAlpha: [10, 3000] };
    const larger = writeDefinition(folder, { name: 'grid', file: 'larger.yaml', axes });
    const { known, completed } = await runSweepFile(larger, db);
    assert.deepEqual({ known, completed }, { known: CONFIGURATIONS, completed: DATASETS * (2 + 1) });
    const verdicts = await storedVerdicts(db);
    assert.equal(verdicts.size, known + completed);
    assertSameVerdicts(new Map([...verdicts].filter(([id]) => undisturbed.has(id))), undisturbed);
  });

  test('with --fresh judges everything again, and the stored verdicts stand', async () => {
    const db = copyStore('fresh.db');
    const { known, completed } = await runSweepFile(definition, db, '--fresh');
    assert.deepEqual({ known, completed }, { known: 0, completed: CONFIGURATIONS });
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
    const [id = ''] = undisturbed.keys();
    const { stdout } = await ask(['show', id, '--db', db, '--json']);
    const listed = JSON.parse((await ask(['list', '--db', undisturbedStore, '--json'])).stdout);
    assert.equal(JSON.parse(stdout).provenance.run.id, listed.sweeps[0].last_run.runId);
  });

  test('under another name judges nothing that one of the same configurations has judged', async () => {
    const db = copyStore('other.db');
    const other = writeDefinition(folder, { name: 'other', axes: { ...AXES, agesMinutes: [[38]] } });
    const { known, completed } = await runSweepFile(other, db);
    assert.deepEqual({ known, completed }, { known: CONFIGURATIONS / DATASETS, completed: 0 });
  });

  test('on data of which one price has changed judges everything again', async () => {
    const dataRoot = copyTiny(join(folder, 'changing'));
    const db = join(folder, 'changing.db');
    const file = writeDefinition(folder, { name: 'changing', dataRoot, axes: { regressorKind: ['ridge'] } });
    assert.equal((await runSweepFile(file, db)).completed, 1);
    assert.equal((await runSweepFile(file, db)).known, 1);
    await changeOnePrice(dataRoot);
    const { known, completed } = await runSweepFile(file, db);
    assert.deepEqual({ known, completed }, { known: 0, completed: 1 });
  });
});

describe('a sweep that is stopped', () => {
  test('by Ctrl-C exits 130 and prints the command that goes on, which makes the store whole', async () => {
    const db = join(folder, 'interrupted.db');
    const stopped = await runUntil(db, 'SIGINT', SECOND_DATASET);
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /stopping: finishing the verdicts in hand \(Ctrl-C again stops at once\)/);
    const [, left = '', command = ''] =
      /interrupted, (\d+) configurations left\. Go on with: npx sweep (.+)/.exec(stopped.stdout) ?? [];
    const judged = await storedVerdicts(db);
    assert.equal(judged.size + Number(left), CONFIGURATIONS);
    assert.ok(judged.size >= CONFIGURATIONS / DATASETS && judged.size < CONFIGURATIONS, `${judged.size} judged`);
    const { code, stdout } = await ask([...command.split(' '), '--json', ...ONE_THREAD]);
    assert.equal(code, 0);
    const { known, completed } = JSON.parse(stdout);
    assert.deepEqual({ known, completed }, { known: judged.size, completed: Number(left) });
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
  });

  test('by Ctrl-C prints a command that goes on with the options it was given', async () => {
    const db = join(folder, 'with-options.db');
    const file = writeDefinition(folder, { name: 'elsewhere', dataRoot: join(folder, 'nowhere'), axes: AXES });
    const options = ['--data-root', copyTiny(join(folder, 'found')), '--bar-gaps', 'drop', '--limit', '10'];
    const { code, stdout } = await runUntil(db, 'SIGINT', SECOND_DATASET, 0, [file, ...options]);
    assert.equal(code, 130);
    const [, command = ''] = /Go on with: npx sweep (.+)/.exec(stdout) ?? [];
    const resumed = await ask([...command.split(' '), '--json', ...ONE_THREAD]);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { configurations, known } = JSON.parse(resumed.stdout);
    assert.equal(configurations, 10);
    assert.ok(known > 0, 'the same rows, so what was judged is known');
  });

  test('by Ctrl-C twice ends at once and loses nothing that was stored', async () => {
    const db = join(folder, 'twice.db');
    const run = new SweepProcess(['run', definition, '--db', db, '--threads', '1']);
    assert.ok(await run.hasSaid(SECOND_DATASET));
    run.kill('SIGINT');
    await run.hasSaid('stopping:');
    run.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
    const judged = (await storedVerdicts(db)).size;
    assert.equal((await runSweepFile(definition, db)).known, judged);
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
  });

  test(`by kill -9 at ${KILLS} random moments loses nothing that was stored, and ends as if nothing had happened`, async () => {
    const db = join(folder, 'killed.db');
    const random = randomFrom(20_261_122);
    const judgedAtKills: number[] = [];
    let judged = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Where no signal ended it, it was done before the moment came.
      const { signal } = await runUntil(db, 'SIGKILL', DATASET_LINES[kill + 1]!, random.uniform() * 60);
      const stored = await storedVerdicts(db);
      assert.ok(stored.size >= judged, `${stored.size} verdicts, before it were ${judged}`);
      judged = stored.size;
      if (signal === 'SIGKILL') judgedAtKills.push(judged);
    }
    assert.ok(
      judgedAtKills.some((count) => count > 0 && count < CONFIGURATIONS),
      `killed at ${judgedAtKills} verdicts`,
    );
    const { known, completed } = await runSweepFile(definition, db);
    assert.deepEqual({ known, completed }, { known: judged, completed: CONFIGURATIONS - judged });
    assertSameVerdicts(await storedVerdicts(db), undisturbed);
    const { stdout } = await ask(['list', '--db', db, '--json']);
    const [listed] = JSON.parse(stdout).sweeps;
    assert.equal(listed.pending, 0);
    assert.equal(listed.last_run.outcome, 'finished');
  });
});

/** Runs the sweep on one thread and sends the signal so long after it has said that. */
async function runUntil(
  db: string,
  signal: NodeJS.Signals,
  text: string,
  delayMs = 0,
  args: readonly string[] = [definition],
) {
  const run = new SweepProcess(['run', ...args, '--db', db, '--threads', '1']);
  if (await run.hasSaid(text)) {
    await sleep(delayMs);
    run.kill(signal);
  }
  return run.ended;
}

function copyStore(name: string): string {
  const path = join(folder, name);
  copyFileSync(undisturbedStore, path);
  return path;
}
