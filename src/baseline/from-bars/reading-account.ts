import type { SourceTable } from './readers/source-table.ts';
import { columnLabel, columnsLabel } from './recognise/labels.ts';
import type { Reading } from './recognise/reading.ts';
import { rolesOf } from './recognise/recognise.ts';

/** What was understood of a table, in words: for summaries and `--json`. */
export type ReadingAccount = {
  /** zip, CSV */
  format: string[];
  dialect: string | null;
  header: boolean;
  toldBy: 'names' | 'rows' | 'options';
  time: { column: string; form: string; is: 'open' | 'close'; assumedZone: string | null; stepSeconds: number };
  /** Role by role, the column that plays it. */
  columns: { [role: string]: string };
  unused: string[];
  notes: string[];
  /** How many tables (files, or members of archives) were read so, and the first of them. */
  tables: number;
  firstTable: string;
};

export function describeReading(table: SourceTable, reading: Reading): ReadingAccount {
  const { time } = reading;
  return {
    format: [...table.format],
    dialect: reading.dialect,
    header: table.hasHeader,
    toldBy: reading.toldBy,
    time: {
      column: columnsLabel(table, time.columns),
      form: time.form,
      is: time.is,
      assumedZone: time.assumedZone,
      stepSeconds: time.stepMs / 1000,
    },
    columns: Object.fromEntries(rolesOf(reading).map((role) => [role, columnLabel(table, reading.columns[role]!)])),
    unused: reading.unused.map((column) => columnLabel(table, column)),
    notes: [...reading.notes],
    tables: 1,
    firstTable: table.name,
  };
}
