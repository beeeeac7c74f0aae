import { shortName } from '../../short-name.ts';
import type { SourceTable } from '../readers/source-table.ts';

/** A column as people know it: its name, or its place counted from 1. */
export function columnLabel(table: SourceTable, column: number): string {
  const name = table.columns[column]!.name;
  return table.hasHeader && name !== '' ? shortName(name) : `column ${column + 1}`;
}

export function columnsLabel(table: SourceTable, columns: readonly number[]): string {
  return columns.map((column) => columnLabel(table, column)).join(' and ');
}

/** The same as an option takes it: `--columns open=NAME`; by number where another has its name, or a shell would read it otherwise. */
export function columnHandle(table: SourceTable, column: number): string {
  const { name } = table.columns[column]!;
  const isUnique = table.columns.filter((other) => other.name.toLowerCase() === name.toLowerCase()).length === 1;
  return table.hasHeader && /^[\w.:-]+$/.test(name) && isUnique ? shortName(name) : String(column + 1);
}
