import { MINUTE_MS } from '../../time-units.ts';
import { describe } from '../json-file.ts';
import { aggregated } from './aggregate-bars.ts';
import type { BadRows } from './bad-rows.ts';
import type { BarColumn, BarPart } from './bar-columns.ts';
import { rowChecker } from './check-row.ts';
import type { ReadingOptions } from './readers/reading-options.ts';
import type { NumberColumn, SourceTable } from './readers/source-table.ts';
import type { Reading } from './recognise/reading.ts';
import { requireNumbers } from './recognise/recognise.ts';
import { PRICE_ROLES, VALUE_ROLES } from './recognise/roles.ts';
import { readTimes } from './recognise/time-reading.ts';

/** What is no bar, and so is left out without being wrong. */
export type LeftOut = {
  /** Rows without prices: minutes without a trade. */
  emptyRows: number;
  /** Bars that are not over, as their file says. */
  unfinishedBars: number;
  /** First and last minutes of finer bars that are not whole. */
  partialMinutes: number;
};

/**
 * The bars of a table, or of one symbol's rows of it, as its reading has them. Every row is held to the rules.
 *
 * @param rows one symbol's; null for all
 * @throws UserError naming file, row, rule and value, when more rows break a rule than `bad` allows
 */
export function barPart(
  table: SourceTable,
  reading: Reading,
  rows: Int32Array | null,
  bad: BadRows,
  options: ReadingOptions,
): { part: BarPart; leftOut: LeftOut } {
  const source = sourceColumns(table, reading, options);
  const leftOut: LeftOut = { emptyRows: 0, unfinishedBars: 0, partialMinutes: 0 };
  const kept = goodRows(table, reading, rows, source, bad, leftOut);
  const isWhole = kept.length === table.rowCount;
  const columns = new Map<BarColumn, Float64Array>();
  for (const [name, values] of source) columns.set(name, isWhole ? values : taken(values, kept));
  const rowOf = isWhole ? (row: number) => row : (row: number) => kept[row]!;
  const rowName = (row: number): string => `${table.name}: ${table.rowName(rowOf(row))}`;
  const part = { rowCount: kept.length, columns, rowName };
  if (reading.time.stepMs === MINUTE_MS) return { part, leftOut };
  const minutes = aggregated(part, reading.time.stepMs);
  leftOut.partialMinutes = minutes.partialMinutes;
  return { part: minutes.part, leftOut };
}

/** The table's columns by what they are, not yet checked. */
function sourceColumns(table: SourceTable, reading: Reading, options: ReadingOptions): Map<BarColumn, Float64Array> {
  const source = new Map<BarColumn, Float64Array>([['open_time_ms', reading.time.openMs]]);
  for (const role of VALUE_ROLES) {
    const column = reading.columns[role];
    if (column !== undefined) source.set(role, requireNumbers(table, column).values);
  }
  if (reading.pricesPerUnit !== 1) {
    for (const role of PRICE_ROLES)
      source.set(
        role,
        source.get(role)!.map((price) => price / reading.pricesPerUnit),
      );
  }
  if (reading.contractSize !== null) {
    const { column, quotePerContract } = reading.contractSize;
    source.set(
      'quote_volume',
      requireNumbers(table, column).values.map((contracts) => contracts * quotePerContract),
    );
  }
  const bookTime = reading.columns.book_time;
  if (bookTime !== undefined) {
    const times = readTimes(table, [bookTime], options);
    if (!('problem' in times)) source.set('book_time_ms', times.ms);
  }
  return source;
}

function goodRows(
  table: SourceTable,
  reading: Reading,
  rows: Int32Array | null,
  source: ReadonlyMap<BarColumn, Float64Array>,
  bad: BadRows,
  leftOut: LeftOut,
): Int32Array {
  const { openMs, unfit } = reading.time;
  const check = rowChecker(source);
  const prices = (['open', 'high', 'low', 'close'] as const).map((name) => source.get(name)!);
  const [open, high, low, close] = prices as [Float64Array, Float64Array, Float64Array, Float64Array];
  const unfitCells = numberColumns(table, reading).filter(([, { unfit: cells }]) => cells.size > 0);
  const isUnfinished = unfinishedRows(table, reading);
  const count = rows?.length ?? table.rowCount;
  const kept = new Int32Array(count);
  let keptCount = 0;
  for (let i = 0; i < count; i += 1) {
    const row = rows === null ? i : rows[i]!;
    let problem = table.brokenRows.size > 0 ? (table.brokenRows.get(row) ?? null) : null;
    if (problem === null && unfitCells.length > 0) problem = unfitCell(unfitCells, row);
    if (problem === null) {
      const isEmpty =
        Number.isNaN(open[row]!) && Number.isNaN(high[row]!) && Number.isNaN(low[row]!) && Number.isNaN(close[row]!);
      const hasTime = !Number.isNaN(openMs[row]!);
      if (isEmpty && (hasTime || !unfit.has(row))) {
        leftOut.emptyRows += 1;
        continue;
      }
      problem = hasTime ? check(row) : timeProblem(unfit.get(row));
    }
    if (problem !== null) {
      bad.add(`${table.name}: ${table.rowName(row)}`, problem);
      continue;
    }
    if (isUnfinished(row)) {
      leftOut.unfinishedBars += 1;
      continue;
    }
    kept[keptCount] = row;
    keptCount += 1;
  }
  return kept.subarray(0, keptCount);
}

function timeProblem(cell: string | undefined): string {
  return cell === undefined
    ? 'time must be there, got nothing'
    : `time must be a whole UTC minute from 1980 to 2200, got ${describe(cell)}`;
}

function numberColumns(table: SourceTable, reading: Reading): [string, NumberColumn][] {
  return VALUE_ROLES.flatMap((role): [string, NumberColumn][] => {
    const column = reading.columns[role];
    return column === undefined ? [] : [[role, requireNumbers(table, column)]];
  });
}

function unfitCell(columns: readonly (readonly [string, NumberColumn])[], row: number): string | null {
  for (const [role, { unfit }] of columns) {
    const cell = unfit.get(row);
    if (cell !== undefined) return `${role} must be a number, got ${describe(cell)}`;
  }
  return null;
}

/** By its own column; else by a last bar that ends before its minute does. */
function unfinishedRows(table: SourceTable, reading: Reading): (row: number) => boolean {
  const index = reading.columns.finished;
  const column = index === undefined ? null : table.columns[index]!;
  if (column?.kind === 'number') return (row) => column.values[row] === 0;
  if (column?.kind === 'text') {
    const over = column.texts.map((text) => !/^(?:false|f|no|n|0)$/i.test(text));
    return (row) => column.codes[row]! >= 0 && !over[column.codes[row]!]!;
  }
  const { endMs, openMs, stepMs } = reading.time;
  if (endMs === null) return () => false;
  let last = -1;
  for (let row = 0; row < openMs.length; row += 1) if (last < 0 || openMs[row]! > openMs[last]!) last = row;
  const isShort = last >= 0 && endMs[last]! - openMs[last]! < stepMs - stepMs / 60;
  return isShort ? (row) => openMs[row] === openMs[last] : () => false;
}

function taken(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = values[rows[i]!]!;
  return out;
}
