import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALL_SPLITS, SIDES } from '../../src/baseline/splits.ts';
import type { Dataset, Part } from '../../src/dataset/dataset.ts';
import { withPairCells } from '../../src/execution/pair-cells.ts';
import type { DatasetDays } from '../../src/store/records.ts';
import { blocksOfDays, cellsOfDays } from '../../src/trust/blocks.ts';

const TUNE = ALL_SPLITS.indexOf('tune');

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** A dataset of which nothing is there but the days of its parts on tune; other parts are empty. */
function datasetOn(days: Readonly<Record<(typeof SIDES)[number], readonly number[]>>): Dataset {
  const parts = SIDES.map((side) =>
    ALL_SPLITS.map((_, split): Part => {
      const ofPart = Int32Array.from(split === TUNE ? days[side] : []);
      return {
        number: split,
        firstRow: 0,
        rowCount: ofPart.length,
        firstGroup: 0,
        groupCount: ofPart.length,
        days: ofPart,
        dayRowCounts: ofPart.map(() => 1),
        pairCells: null,
      };
    }),
  );
  const none = { float: new Float32Array(new SharedArrayBuffer(0)), int: new Int32Array(new SharedArrayBuffer(0)) };
  return {
    rowCount: 0,
    groupCount: 0,
    features: new Int32Array(0),
    nMarketFeatures: 0,
    nFeatures: 0,
    marketStride: 4,
    stateStride: 4,
    sources: {
      marketColumns: none.int,
      stateColumns: none.int,
      nAllMarket: 0,
      marketFeatures: none.float,
      stateFeatures: none.float,
    },
    market: none.float,
    state: none.float,
    first: none.int,
    featureRow: none.int,
    expectedContinueEdgeBps: none.float,
    continueTarget: new Uint8Array(new SharedArrayBuffer(0)),
    dayIndex: none.int,
    stateRow: none.int,
    parts,
  };
}

function barsOn(days: readonly number[], light: readonly number[] = []): DatasetDays['bars'] {
  return {
    tune: days.map((day) => [day, light.includes(day) ? 10 : 1440] as const),
    validation_locked: [],
    latest_stress: [],
  };
}

function cellsOf(dataset: Dataset, bars: DatasetDays['bars'], side = 0): number[] {
  return [...withPairCells(dataset, bars).parts[side]![TUNE]!.pairCells!];
}

describe('cells of days that pairs are counted by', () => {
  test('are days up to 64 of them', () => {
    const days = range(100, 164);
    assert.deepEqual(cellsOf(datasetOn({ LONG: days, SHORT: days }), barsOn(days)), range(0, 64));
  });

  test('beyond are at most 64 parts of the blocks that the bars make', () => {
    for (const n of [65, 90, 131, 400, 1000]) {
      const days = range(0, n);
      const { ofDay } = blocksOfDays(days.map((day) => (day === 7 ? 10 : 1440)));
      const cells = cellsOf(datasetOn({ LONG: days, SHORT: days }), barsOn(days, [7]));
      assert.deepEqual(cells, [...cellsOfDays(ofDay)]);
      assert.ok(cells.at(-1)! < 64);
    }
  });

  test('span no two blocks of the days that a cap leaves, nor of all days', () => {
    const all = range(0, 130);
    for (const first of [1, 13, 40]) {
      const shown = all.slice(first);
      const cells = cellsOf(datasetOn({ LONG: shown, SHORT: shown }), barsOn(all));
      assert.ok(cells.at(-1)! < 64);
      const blocksOf = (days: readonly number[]) => {
        const { ofDay } = blocksOfDays(days.map(() => 1440));
        return shown.map((day) => ofDay[days.indexOf(day)]!);
      };
      for (const blocks of [blocksOf(all), blocksOf(shown)]) {
        const blockOfCell = new Map<number, number>();
        cells.forEach((cell, i) => {
          assert.equal(blockOfCell.get(cell) ?? blocks[i], blocks[i]);
          blockOfCell.set(cell, blocks[i]!);
        });
      }
    }
  });

  test('are numbered without gaps on a side that has no rows on some days, and none stands on an empty part', () => {
    const days = range(0, 130);
    const some = days.filter((day) => day % 31 > 20);
    const cells = cellsOf(datasetOn({ LONG: days, SHORT: some }), barsOn(days), 1);
    assert.equal(cells.length, some.length);
    assert.equal(cells[0], 0);
    cells.forEach((cell, i) => {
      assert.ok(i === 0 || cell === cells[i - 1] || cell === cells[i - 1]! + 1);
    });
    assert.deepEqual(cellsOf(datasetOn({ LONG: days, SHORT: [] }), barsOn(days), 1), []);
  });
});
