import { ALL_SPLITS } from '../baseline/splits.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { EVAL_SPLITS } from '../experiment/results.ts';
import type { DatasetDays } from '../store/records.ts';
import { blocksOfDays, cellsOfDays } from '../trust/blocks.ts';

/**
 * A dataset whose parts say by which cells of days an AUC's pairs are counted: a day each up to 64 days, else parts of the
 * split's blocks of days (`cellsOfDays`). Blocks are told by the bars of all of the split's days; where the dataset has rows
 * on some of them alone (a cap), statements on it by itself have blocks of those days, and no cell spans two of either.
 */
export function withPairCells(dataset: Dataset, bars: DatasetDays['bars']): Dataset {
  const parts = dataset.parts.map((side) => [...side]);
  for (const split of EVAL_SPLITS) {
    const number = ALL_SPLITS.indexOf(split);
    const cellOf = cellsOfSplit(
      new Map(bars[split]),
      parts.flatMap((side) => [...side[number]!.days]),
    );
    for (const side of parts) {
      const part = side[number]!;
      side[number] = { ...part, pairCells: numbered(part.days.map((day) => cellOf.get(day)!)) };
    }
  }
  return { ...dataset, parts };
}

/** The cell of each of the days on which either side has rows. */
function cellsOfSplit(bars: ReadonlyMap<number, number>, daysWithRows: readonly number[]): ReadonlyMap<number, number> {
  const shown = ascendingDays(daysWithRows);
  const calendars = [shown, ascendingDays([...bars.keys(), ...shown])].map((days) => {
    const { ofDay } = blocksOfDays(days.map((day) => bars.get(day) ?? 0));
    return new Map(days.map((day, i) => [day, ofDay[i]!]));
  });
  // A new block wherever one of the two calendars begins one.
  const blocks = new Int32Array(shown.length);
  for (let i = 1; i < shown.length; i += 1) {
    const isSame = calendars.every((blockOf) => blockOf.get(shown[i]!) === blockOf.get(shown[i - 1]!));
    blocks[i] = blocks[i - 1]! + (isSame ? 0 : 1);
  }
  const cells = cellsOfDays(blocks);
  return new Map(shown.map((day, i) => [day, cells[i]!]));
}

function ascendingDays(days: readonly number[]): number[] {
  return [...new Set(days)].sort((a, b) => a - b);
}

/** Ascending numbers as 0, 1, 2 …, equal ones alike: a side may have no rows in some cell. */
function numbered(cells: Int32Array): Int32Array {
  let last = 0;
  return cells.map((cell, i) => {
    if (i > 0 && cell !== cells[i - 1]) last += 1;
    return last;
  });
}
