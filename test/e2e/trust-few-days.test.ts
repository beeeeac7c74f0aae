import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { longRun, type SplitLengths } from '../support/long-run.ts';
import { randomFrom } from '../support/random.ts';
import { writeRunFolder } from '../support/run-folder.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const db = join(folder, 'few.db');
const CAP = 100;

async function writeRun(seed: number, lastDays: number): Promise<void> {
  const splits: SplitLengths = [
    ['fit_inner', 12],
    ['tune', 8],
    ['validation_locked', 7],
    ['latest_stress', lastDays],
  ];
  await writeRunFolder(folder, 'few', longRun(randomFrom(seed), splits, { entriesADay: 16 }));
}

async function runSweep(): Promise<void> {
  const axes = {
    agesMinutes: [[1, 2]],
    regressorKind: ['ridge'] as const,
    ridgeAlpha: [1, 100],
    maxRowsPerSplit: [0, CAP],
  };
  const definition = writeDefinition(folder, { name: 'few', dataRoot: folder, runId: 'few', axes });
  await runSweepFile(definition, db);
}

async function trustOf(...args: readonly string[]) {
  const { code, stdout, stderr } = await ask(['trust', '--db', db, '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function said<T extends { budget: unknown }>({ budget: _, ...statement }: T) {
  return statement;
}

describe('a store whose days say little', () => {
  before(async () => {
    await writeRun(5, 1);
    await runSweep();
  });

  test('one day of a locked split and a cap are said where the numbers would stand, in table and JSON', async () => {
    const { notes, locked, rows, blocks, plateau } = await trustOf();
    assert.deepEqual(blocks, { tune: 8, validation_locked: 7, latest_stress: 1 });
    assert.deepEqual(notes, [
      'too few days: latest_stress has 1 block of days, 6 are needed to say how surely its gates are passed or missed',
      `cap ${CAP}: tune is never looked at in full: 4 of 8 days, the first of them in part, and it counts as a whole one`,
      `cap ${CAP}: validation_locked is never looked at in full: 4 of 7 days, the first of them in part, and it counts as a whole one`,
    ]);
    assert.deepEqual(Object.keys(plateau.byAges), ['[1, 2] cap 0', `[1, 2] cap ${CAP}`]);
    assert.equal(locked['long latest_stress'].se, null);
    for (const { gates, bounds } of rows) {
      assert.equal(bounds, null);
      assert.equal(gates['short latest_stress mae'].why, 'latest_stress has 1 block of days, 6 are needed');
    }
    for (const command of ['trust', 'report']) {
      const { code, stdout } = await ask([command, '--db', db], { env: { COLUMNS: '140' } });
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, /NaN|Infinity|undefined/);
      assert.match(stdout, /too few days: latest_stress has 1 block of days/);
      assert.match(stdout, new RegExp(`cap ${CAP}: tune is never looked at in full`));
    }
    const shown = await ask(['show', rows[0].configuration, '--db', db], { env: { COLUMNS: '140' } });
    assert.equal(shown.code, 0);
    assert.doesNotMatch(shown.stdout, /NaN|undefined/);
    assert.match(shown.stdout, /–: latest_stress has 1 block of days, 6 are needed/);
  });

  test('verdicts on other data are no part of a sweep that has moved on, and are there by their own data', async () => {
    const before = await trustOf();
    await writeRun(6, 6);
    await runSweep();
    const after = await trustOf();
    assert.deepEqual([after.configurations, after.blocks.latest_stress, after.looks.validation_locked], [4, 6, 4]);
    assert.notEqual(after.rows[0].score, before.rows[0].score);
    const { earlier } = JSON.parse((await ask(['list', '--db', db, '--json'])).stdout).sweeps[0];
    // What was spent of the locked splits is the sum of both: they share their days.
    assert.deepEqual(said(await trustOf('--data', earlier[0].dataHash)), said(before));
  });

  test('a split without rows: nobody is judged, and the reason is named', async () => {
    await writeRun(7, 0);
    await runSweep();
    const { refused, notJudgedWhy } = await trustOf();
    assert.equal(refused, 'no configuration was judged');
    assert.deepEqual(notJudgedWhy, { 'no rows of long on latest_stress': 4 });
    for (const command of ['trust', 'report']) {
      const { code, stdout } = await ask([command, '--db', db], { env: { COLUMNS: '140' } });
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, /NaN|undefined/);
      assert.match(stdout, /no configuration was judged/);
    }
  });
});
