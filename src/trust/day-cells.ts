/**
 * How pair counts between cells of days stand in a table of days, for readers that know days alone: those of a cell stand
 * where its first day stands, and all else is 0. Summed by blocks of days that no cell spans, both tables are the same.
 */

/** A table of counts, by the positive's cell or day and by the negative's. */
export type PairTable = readonly (readonly number[])[];

/** @param cells the cell of each day, ascending from 0; without it a cell is a day */
export function pairsByDay(byCell: PairTable, cells: readonly number[] | undefined): PairTable {
  if (cells === undefined) return byCell;
  const isFirst = cells.map((cell, day) => day === 0 || cells[day - 1] !== cell);
  return cells.map((cell, d) => cells.map((other, e) => (isFirst[d] && isFirst[e] ? byCell[cell]![other]! : 0)));
}

/** The counts between cells of a table of days. */
export function pairsByCell(byDay: PairTable, cells: readonly number[]): PairTable {
  const nCells = cells.length === 0 ? 0 : cells.at(-1)! + 1;
  const table = Array.from({ length: nCells }, () => new Array<number>(nCells).fill(0));
  byDay.forEach((row, d) => {
    row.forEach((count, e) => {
      table[cells[d]!]![cells[e]!]! += count;
    });
  });
  return table;
}

/** The block of each cell; null where a cell spans two. */
export function blocksOfCells(cells: readonly number[], blockOfDay: ArrayLike<number>): Int32Array | null {
  const blocks = new Int32Array(cells.length === 0 ? 0 : cells.at(-1)! + 1).fill(-1);
  for (let day = 0; day < cells.length; day += 1) {
    const cell = cells[day]!;
    if (blocks[cell] !== -1 && blocks[cell] !== blockOfDay[day]) return null;
    blocks[cell] = blockOfDay[day]!;
  }
  return blocks;
}
