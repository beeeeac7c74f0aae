import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import type { SweepAxes } from '../../src/sweep/sweep-definition.ts';
import { randomFrom } from '../support/random.ts';
import { assertSameVerdicts, storedVerdicts } from '../support/stored-verdicts.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const AXES = {
  agesMinutes: [[3, 10], [30]],
  maxRowsPerSplit: [0, 500],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: [0, 100],
  huberEpsilon: [1.2, 5],
  ridgeAlpha: [0, 10],
  regressionTargetClipBps: [0, 60],
} as const satisfies SweepAxes;
/** A Huber configuration of the grid, and no other. */
const ONE_OF_THEM = {
  agesMinutes: [[3, 10]],
  maxRowsPerSplit: [500],
  regressorKind: ['huber'],
  huberAlpha: [100],
  huberEpsilon: [1.2],
  regressionTargetClipBps: [60],
} as const satisfies SweepAxes;
const CONFIGURATIONS = 2 * 2 * (2 * 2 + 2) * 2;

const folder = sharedFolder();
const db = (name: string): string => join(folder, `${name}.db`);

describe('the same sweep', () => {
  let leaderboard: string;

  before(async () => {
    // Of one name, since a leaderboard says it. The first builds its rows, the others read them from the cache.
    const written = writeDefinition(folder, { name: 'grid', axes: AXES });
    const shuffled = writeDefinition(folder, { name: 'grid', file: 'shuffled.yaml', axes: shuffle(AXES) });
    const cache = join(folder, 'cache');
    await runSweepFile(written, db('one'), '--threads', '1', '--no-cache');
    await runSweepFile(written, db('two'), '--threads', '2', '--cache', cache);
    await runSweepFile(written, db('seven'), '--threads', '7', '--cache', cache);
    await runSweepFile(shuffled, db('shuffled'), '--threads', '3', '--cache', cache);
    const alone = writeDefinition(folder, { name: 'alone', axes: ONE_OF_THEM });
    await runSweepFile(alone, db('alone'), '--threads', '2', '--cache', cache);
    leaderboard = await report('one');
  });

  test('judges every configuration of a grid whose verdicts differ', async () => {
    const verdicts = await storedVerdicts(db('one'));
    assert.equal(verdicts.size, CONFIGURATIONS);
    assert.equal(new Set([...verdicts.values()].map(({ dataset }) => dataset.contentHash)).size, 4);
    const ratios = new Set([...verdicts.values()].map(({ tuneEdgeMaeRatio }) => tuneEdgeMaeRatio));
    assert.ok(ratios.size > CONFIGURATIONS / 2, `${ratios.size} different ratios`);
  });

  test('gives one of its configurations, alone in a sweep, bit for bit the numbers that it has in company', async () => {
    const alone = await storedVerdicts(db('alone'));
    const company = await storedVerdicts(db('one'));
    assert.equal(alone.size, 1);
    assertSameVerdicts(alone, new Map([...company].filter(([id]) => alone.has(id))));
  });

  for (const [name, what] of [
    ['two', 'on two threads'],
    ['seven', 'on seven threads'],
    ['shuffled', 'with its axes and their values in another order'],
  ] as const) {
    test(`${what} stores the same ids and, bit for bit, the same numbers`, async () => {
      assertSameVerdicts(await storedVerdicts(db(name)), await storedVerdicts(db('one')));
    });

    test(`${what} has the same leaderboard`, async () => {
      assert.match(leaderboard, new RegExp(`^grid +${CONFIGURATIONS} configurations: `));
      assert.equal(await report(name), leaderboard);
    });
  }
});

async function report(name: string): Promise<string> {
  const { code, stdout, stderr } = await ask(['report', '--top', 'all', '--db', db(name)]);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The same axes, in another order in and between them; sets of ages inside out and with an age given twice. */
function shuffle(axes: typeof AXES): SweepAxes {
  const random = randomFrom(20_261_122);
  const turned = Object.entries({ ...axes, agesMinutes: axes.agesMinutes.map((set) => [...set, set[0]].reverse()) });
  const shuffled = random.shuffled(turned).map(([name, values]) => [name, random.shuffled<unknown>(values)]);
  assert.notDeepEqual(JSON.stringify(Object.fromEntries(shuffled)), JSON.stringify(axes));
  return Object.fromEntries(shuffled);
}
