import type { Migration } from './migration.ts';

/**
 * The documents of `dataset_days` may count pairs by cells of several days (`pairCells`), and have calibrations. No table
 * changes, and what stands in them is as true as it was; but a program of schema 4 would take a cell for a day, and must not
 * read what is written from here on.
 */
export const cellsOfDays: Migration = { version: 5, up: () => {} };
