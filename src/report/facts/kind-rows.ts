import type { Configuration, RegressorKind } from '../../experiment/configuration.ts';
import type { ReportTable } from './report-table.ts';

/** A configuration of a table with its places on the axes. */
export type TableRow = {
  readonly configuration: Configuration;
  /** Row of the judged ones; null where there is no verdict. */
  readonly row: number | null;
  /** By the axis' name. */
  readonly places: ReadonlyMap<string, number>;
};

/** All configurations of one kind of regressor: judged ones by rank, then failed and pending ones. */
export function rowsOfKind({ judged, failed, pending, axes }: ReportTable, kind: RegressorKind): TableRow[] {
  const rows: TableRow[] = [];
  const add = (configuration: Configuration, row: number | null): void => {
    if (configuration.regressor.kind !== kind) return;
    rows.push({ configuration, row, places: new Map(axes.map(({ name, placeOf }) => [name, placeOf(configuration)])) });
  };
  judged.forEach(({ configuration }, row) => {
    add(configuration, row);
  });
  for (const { configuration } of failed) add(configuration, null);
  for (const configuration of pending) add(configuration, null);
  return rows;
}
