import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { longRun } from '../support/long-run.ts';
import { randomFrom } from '../support/random.ts';
import { writeRunFolder } from '../support/run-folder.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const db = join(folder, 'long.db');
const file = join(folder, 'losses.json');

async function jsonOf(...args: readonly string[]) {
  const { code, stdout, stderr } = await ask([...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe('a sweep whose splits have more than 64 days', () => {
  before(async () => {
    const run = longRun(
      randomFrom(3),
      [
        ['fit_inner', 30],
        ['tune', 70],
        ['validation_locked', 66],
        ['latest_stress', 65],
      ],
      { lightDays: [50, 100] },
    );
    await writeRunFolder(folder, 'long', run);
    const axes = { agesMinutes: [[1, 2], [3]], regressorKind: ['ridge'] as const, ridgeAlpha: [1, 100] };
    await runSweepFile(writeDefinition(folder, { name: 'long', dataRoot: folder, runId: 'long', axes }), db);
    assert.equal((await ask(['export', '--losses', '--db', db, '--out', file])).code, 0);
  });

  test('has a noise for every gate, those of an AUC as well', async () => {
    const { days, blocks, rows } = await jsonOf('trust', '--db', db);
    assert.deepEqual(days, { tune: 69, validation_locked: 65, latest_stress: 65 });
    assert.deepEqual(blocks, { tune: 11, validation_locked: 10, latest_stress: 10 });
    for (const { gates } of rows) {
      assert.equal(Object.keys(gates).length, 8);
      for (const { se, flip } of Object.values<{ se: number; flip: number }>(gates)) {
        assert.ok(se > 0 && flip >= 0 && flip <= 0.5, `se ${se}, flip ${flip}`);
      }
    }
  });

  test('is said the same of as of its exported losses, whose pairs stand in tables of days', async () => {
    // What was spent of the locked splits is the store's to know.
    const { budget, ...stored } = await jsonOf('trust', '--db', db);
    assert.equal(budget.latest_stress.looks, 4);
    assert.deepEqual(await jsonOf('trust', '--losses', file), stored);
  });

  test('its pairs by cell are all pairs that the stored AUC is made of', async () => {
    const { datasets, configurations } = JSON.parse(readFileSync(file, 'utf8'));
    const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
    for (const { id, dataset } of configurations) {
      const { result } = await jsonOf('show', id, '--db', db);
      const { days, cells, pos, rows, sets } = datasets.find((each: { id: string }) => each.id === dataset).sides.long
        .splits.tune;
      // 69 days in 11 blocks, most of them of six days: five parts each.
      assert.deepEqual([days.length, cells.at(-1)], [70, 54]);
      for (const set of ['market_only', 'market_plus_state']) {
        const { pair2 } = sets[set];
        assert.deepEqual([pair2.length, pair2[0].length], [70, 70]);
        const auc = total(pair2.map(total)) / 2 / total(pos) / (total(rows) - total(pos));
        assert.equal(auc, result[`long_${set}`].tune.continue_auc);
      }
    }
  });
});
