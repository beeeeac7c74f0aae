import { referenced } from '../codes.ts';
import type { Content } from '../datasets.ts';

/** row of the source → row of the target, for each table that others point to */
export type RowMaps = {
  readonly codes: ReadonlyMap<number, number>;
  readonly data: ReadonlyMap<number, number>;
  readonly selections: ReadonlyMap<number, number>;
  /** the content as the target has it */
  readonly contents: ReadonlyMap<number, Content>;
  readonly configurations: ReadonlyMap<number, number>;
  readonly runs: ReadonlyMap<number, number>;
};

/** The row of the target that a row of the source has become. */
export function rowIn(map: ReadonlyMap<number, number>, row: unknown, what: string): number {
  return referenced(map, Number(row), what);
}
