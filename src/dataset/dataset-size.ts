import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { type AgeRows, PARTS } from './row-counts.ts';
import { STATE_FEATURES } from './state-features.ts';
import type { RunFacts } from './state-rows.ts';

/** What the size of a dataset, and of what is worked with beside it, depends on: upper bounds, both sides together. */
export type DatasetSize = {
  readonly rows: number;
  readonly groups: number;
  /** those of the fit split */
  readonly fitRows: number;
  readonly fitGroups: number;
  /** rows of the side and split that has the most */
  readonly largestPart: number;
  readonly nMarket: number;
  readonly nState: number;
};

/** Upper bounds of datasets' sizes, from what is known of each age. */
export class DatasetSizes {
  readonly #run: RunFacts;
  readonly #counts: ReadonlyMap<number, AgeRows>;
  /** by ages: whoever looks for a cap asks often */
  readonly #reached = new Map<string, readonly number[]>();

  constructor(run: RunFacts, counts: ReadonlyMap<number, AgeRows>) {
    this.#run = run;
    this.#counts = counts;
  }

  /** @param maxRowsPerSplit a cap of the rows of both sides; 0: none */
  of(agesMinutes: readonly number[], maxRowsPerSplit: number): DatasetSize {
    const { barsPerMinute, features } = this.#run;
    const cap = maxRowsPerSplit > 0 ? maxRowsPerSplit : Infinity;
    const ages = this.#agesOf(agesMinutes);
    const rows = Array.from({ length: PARTS }, (_, part) =>
      Math.min(cap, sum(ages.map(({ byPart }) => byPart[part]!))),
    );
    // A feature row has one group a side, and where several bars share its minute at most one for the target of each.
    const groups = this.#reachedBy(agesMinutes).map((count, part) => Math.min(rows[part]!, barsPerMinute * count));
    // The cap holds for both sides together, however they divide.
    const bySplit = (counts: readonly number[]): number[] =>
      ALL_SPLITS.map((_, split) => Math.min(cap, sum(SIDES.map((_, s) => counts[s * ALL_SPLITS.length + split]!))));
    const [rowsOfSplit, groupsOfSplit] = [bySplit(rows), bySplit(groups)];
    return {
      rows: sum(rowsOfSplit),
      groups: sum(groupsOfSplit),
      fitRows: rowsOfSplit[0]!,
      fitGroups: groupsOfSplit[0]!,
      largestPart: Math.max(...rows),
      nMarket: features.featureOrder.length,
      nState: STATE_FEATURES.length,
    };
  }

  #agesOf(agesMinutes: readonly number[]): AgeRows[] {
    return agesMinutes.map((age) => {
      const counted = this.#counts.get(age);
      if (counted === undefined) throw new Error(`age ${age} was not counted`);
      return counted;
    });
  }

  #reachedBy(agesMinutes: readonly number[]): readonly number[] {
    const key = agesMinutes.join();
    const known = this.#reached.get(key) ?? reachedByPart(this.#run, this.#agesOf(agesMinutes));
    this.#reached.set(key, known);
    return known;
  }
}

/** A size that holds each of these. */
export function sizeThatHolds(sizes: readonly DatasetSize[]): DatasetSize {
  const most = (of: (size: DatasetSize) => number): number => Math.max(0, ...sizes.map(of));
  return {
    rows: most(({ rows }) => rows),
    groups: most(({ groups }) => groups),
    fitRows: most(({ fitRows }) => fitRows),
    fitGroups: most(({ fitGroups }) => fitGroups),
    largestPart: most(({ largestPart }) => largestPart),
    nMarket: most(({ nMarket }) => nMarket),
    nState: most(({ nState }) => nState),
  };
}

/** Feature rows of each side and split that have a row of any of the ages. */
function reachedByPart({ features }: RunFacts, ages: readonly AgeRows[]): number[] {
  const { rowCount, splits } = features;
  const counts = new Array<number>(PARTS).fill(0);
  const bytes = Math.ceil((SIDES.length * rowCount) / 8);
  for (let at = 0; at < bytes; at += 1) {
    let byte = 0;
    for (const { reached } of ages) byte |= reached[at]!;
    for (; byte !== 0; byte &= byte - 1) {
      const bit = 8 * at + 31 - Math.clz32(byte & -byte);
      const side = bit < rowCount ? 0 : 1;
      counts[side * ALL_SPLITS.length + splits[bit - side * rowCount]!]! += 1;
    }
  }
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
