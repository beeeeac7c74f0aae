import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';

/** Sides times splits. */
export const PARTS = SIDES.length * ALL_SPLITS.length;

/** What is known of the state rows of an age before they are built; some of them may be dropped then. */
export type AgeRows = {
  /** rows of each side and split: side · number of splits + split */
  readonly byPart: readonly number[];
  /** a bit for each side and feature row, side · feature rows + feature row: 1 where it has a row */
  readonly reached: Uint8Array;
};

/** Counts the rows of an age, one by one. */
export class RowCounter {
  readonly #splits: Uint8Array;
  readonly #byPart = new Array<number>(PARTS).fill(0);
  readonly #reached: Uint8Array;

  /** @param splits of the feature rows */
  constructor(splits: Uint8Array) {
    this.#splits = splits;
    this.#reached = new Uint8Array(Math.ceil((SIDES.length * splits.length) / 8));
  }

  /** @param side 0 LONG, 1 SHORT */
  add(side: number, featureRow: number): void {
    const bit = side * this.#splits.length + featureRow;
    this.#reached[bit >> 3]! |= 1 << (bit & 7);
    this.#byPart[side * ALL_SPLITS.length + this.#splits[featureRow]!]! += 1;
  }

  result(): AgeRows {
    return { byPart: this.#byPart, reached: this.#reached };
  }
}

/** Rows of all these ages. */
export function totalRows(ages: Iterable<AgeRows>): number {
  let rows = 0;
  for (const { byPart } of ages) rows += byPart.reduce((a, b) => a + b, 0);
  return rows;
}
