import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocksOfDays, cellsOfDays } from '../../src/trust/blocks.ts';
import { blocksOfCells, pairsByCell, pairsByDay } from '../../src/trust/day-cells.ts';
import type { DatasetLosses, SplitDays, SweepLosses } from '../../src/trust/losses.ts';
import { parseLosses } from '../../src/trust/losses-file.ts';
import { SweepBlocks } from '../../src/trust/sweep-blocks.ts';
import { type Random, randomFrom } from '../support/random.ts';

const N_DAYS = 131;

/** A split of so many days with made-up counts, pairs by day. */
function splitOf(random: Random, nDays: number): SplitDays {
  const days = Array.from({ length: nDays }, (_, day) => 19_000 + day);
  const table = () => days.map(() => days.map(() => random.integer(0, 9)));
  const sums = () => days.map(() => 1 + random.uniform());
  const setOf = () => ({ sq: sums(), pair2: table() });
  return {
    days,
    rows: days.map(() => 6),
    pos: days.map(() => random.integer(1, 5)),
    constAbs: sums(),
    constSq: sums(),
    sets: { market_only: setOf(), market_plus_state: setOf() },
  };
}

function sweepOf(split: SplitDays): SweepLosses {
  const splits = { tune: split, validation_locked: split, latest_stress: split };
  const datasets: DatasetLosses[] = [{ id: 0, ages: [1], sides: { long: { splits }, short: { splits } } }];
  return { sweep: 'made up', datasets, configurations: [] };
}

function byCell(split: SplitDays, cells: readonly number[]): SplitDays {
  const { market_only, market_plus_state } = split.sets;
  return {
    ...split,
    cells,
    sets: {
      market_only: { ...market_only, pair2: pairsByCell(market_only.pair2!, cells) },
      market_plus_state: { ...market_plus_state, pair2: pairsByCell(market_plus_state.pair2!, cells) },
    },
  };
}

function aucOf(losses: SweepLosses) {
  return new SweepBlocks(losses).auc(losses.datasets[0]!, 'long', 'market_plus_state', 'tune');
}

describe('pairs counted by cells of several days', () => {
  const split = splitOf(randomFrom(1), N_DAYS);
  const { ofDay } = blocksOfDays(split.days.map(() => 1440));
  const cells = [...cellsOfDays(ofDay)];

  test('give an AUC and its pseudo-values to the last bit as pairs by day do', () => {
    assert.ok(cells.at(-1)! < 64);
    const byDays = aucOf(sweepOf(split));
    assert.ok(byDays.pseudo.every(Number.isFinite) && byDays.pseudo.length === 10);
    assert.deepEqual(aucOf(sweepOf(byCell(split, cells))), byDays);
  });

  test('stand in a table of days for who knows days alone, and come back from it', () => {
    const table = byCell(split, cells).sets.market_only.pair2!;
    const spread = pairsByDay(table, cells);
    assert.deepEqual([spread.length, spread[0]!.length], [N_DAYS, N_DAYS]);
    assert.deepEqual(pairsByCell(spread, cells), table);
    const { pair2 } = split.sets.market_only;
    assert.equal(pairsByDay(pair2!, undefined), pair2);
    const asFile = {
      ...split,
      cells,
      sets: { ...split.sets, market_plus_state: { sq: split.constSq, pair2: spread } },
    };
    const read = parseLosses(JSON.parse(JSON.stringify(sweepOf(asFile))), 'a file').datasets[0]!.sides.long.splits.tune;
    assert.deepEqual(read.sets.market_plus_state.pair2, table);
    // A reader that has never heard of cells takes the very same numbers from it.
    assert.deepEqual(aucOf(sweepOf({ ...asFile, cells: undefined })), aucOf(sweepOf(read)));
  });

  test('of a cell that spans two blocks say nothing of the noise of an AUC', () => {
    assert.equal(blocksOfCells([0, 0, 1], [0, 1, 1]), null);
    assert.deepEqual(blocksOfCells([0, 1, 1], [0, 1, 1]), Int32Array.of(0, 1));
    // The first cell has a day of the second block.
    const last = ofDay.lastIndexOf(0) + 1;
    const spanning = cells.map((_, day) => Math.max(0, day - last));
    assert.ok(aucOf(sweepOf(byCell(split, spanning))).pseudo.every(Number.isNaN));
  });

  test('that a file numbers otherwise than 0, 1, 2 … are refused', () => {
    for (const wrong of [cells.map((cell) => cell + 1), cells.map((cell) => 2 * cell), cells.toReversed()]) {
      assert.throws(
        () => parseLosses(sweepOf({ ...split, cells: wrong }), 'f.json'),
        /^UserError: f\.json: dataset 0, long tune: cells are not 0, 1, 2 … ascending/,
      );
    }
    assert.throws(() => parseLosses(sweepOf({ ...split, cells: [0] }), 'f.json'), /cells has 1 value for 131 days/);
  });
});
