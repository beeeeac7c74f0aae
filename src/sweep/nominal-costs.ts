import type { RegressorKind } from '../experiment/configuration.ts';

/**
 * Nanoseconds a row, of one thread, on the machine of docs/benchmarks.md: building and preparing a dataset; what one
 * configuration more takes on a fine grid, its storing included, which is most of ridge's.
 *
 * Constants, and nothing that a machine has learned: shards are dealt by them, and every machine has to deal alike.
 */
export const NOMINAL_NS_PER_ROW: { readonly dataset: number } & { readonly [kind in RegressorKind]: number } = {
  dataset: 3000,
  huber: 43,
  ridge: 17,
};

/** State rows that an age may have in a split, where only the definition is known: what a cap is held against. */
const NOMINAL_ROWS_PER_AGE_AND_SPLIT = 20_000;

/** Rows of a dataset in those of an age without a cap. It has one row for each position and age. */
export function nominalRows(dataset: {
  readonly agesMinutes: readonly number[];
  readonly maxRowsPerSplit: number;
}): number {
  const { agesMinutes, maxRowsPerSplit } = dataset;
  const cap = maxRowsPerSplit === 0 ? Infinity : maxRowsPerSplit / NOMINAL_ROWS_PER_AGE_AND_SPLIT;
  return Math.min(agesMinutes.length, cap);
}
