import { DAY_MS } from '../../../time-units.ts';
import { describe } from '../../json-file.ts';
import type { DateOrder, ReadingOptions, TimeUnit } from '../readers/reading-options.ts';
import type { NumberColumn, SourceColumn, SourceTable, TimeColumn } from '../readers/source-table.ts';
import { dayMs } from '../readers/time-cell.ts';
import { namedZone } from './named-zone.ts';
import { zonedToUtc } from './time-zone.ts';

/** A column of times in UTC milliseconds, rounded down, and a half more where that was not whole; NaN where a row has none. */
export type Times = {
  readonly ms: Float64Array;
  /** How they are written: `milliseconds since 1970`, `text without an offset`. */
  readonly form: string;
  /** The zone that times without an offset were taken in; null where the file says it all. */
  readonly assumedZone: string | null;
  /** Cells that are no time, by row. */
  readonly unfit: ReadonlyMap<number, string>;
};

/** Why columns cannot be read as times, and what settles it where something does. */
export type NoTimes = { readonly problem: string };

// Years 1980 to 2200: outside of them a time is in another unit. Within them no two units have a number in common.
const EARLIEST_MS = Date.UTC(1980, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

const UNITS: readonly { readonly unit: TimeUnit; readonly name: string; readonly perMs: number }[] = [
  { unit: 's', name: 'seconds', perMs: 1e-3 },
  { unit: 'ms', name: 'milliseconds', perMs: 1 },
  { unit: 'us', name: 'microseconds', perMs: 1e3 },
  { unit: 'ns', name: 'nanoseconds', perMs: 1e6 },
];

/** A column's values as times, by what they can be; `columns` are one, or a date and a time of day. */
export function readTimes(table: SourceTable, columns: readonly number[], options: ReadingOptions): Times | NoTimes {
  const [first, second] = columns.map((i) => table.columns[i]!);
  if (first === undefined) return { problem: 'no column' };
  if (second === undefined) return readColumn(table, first, options);
  const date = dateOf(first, options);
  if ('problem' in date) return date;
  const clock = clockOf(second);
  if ('problem' in clock) return clock;
  const local = date.ms.map((ms, row) => ms + clock.ms[row]!);
  const unfit = new Map([...date.unfit, ...clock.unfit]);
  return inZone(local, `${date.form} and a time of day`, [first, second], options, table, unfit);
}

function readColumn(table: SourceTable, column: SourceColumn, options: ReadingOptions): Times | NoTimes {
  if (column.kind === 'text') return { problem: 'text that is no time' };
  if (column.kind === 'number') return readNumbers(table, column, options);
  if (column.part === 'clock') return { problem: 'a time of day without its date' };
  const date = dateOf(column, options);
  if ('problem' in date) return date;
  if (column.hasOffset) return { ms: date.ms, form: date.form, assumedZone: null, unfit: column.unfit };
  return inZone(date.ms, date.form, [column], options, table, column.unfit);
}

/** A column of dates, with their time of day or not. */
function dateOf(
  column: SourceColumn,
  options: ReadingOptions,
): NoTimes | { ms: Float64Array; form: string; unfit: ReadonlyMap<number, string> } {
  if (column.kind === 'number') {
    const ms = column.values.map((value) => (Number.isNaN(value) ? Number.NaN : compactDay(value)));
    return { ms, form: 'dates as YYYYMMDD', unfit: unfitNumbers(column, ms) };
  }
  if (column.kind !== 'time' || column.part === 'clock') return { problem: 'no dates' };
  if (column.unsettled === null) {
    return {
      ms: column.ms,
      form: `${column.isText ? 'text' : 'timestamps'} ${column.hasOffset ? 'with' : 'without'} an offset`,
      unfit: column.unfit,
    };
  }
  const order = options.dateOrder ?? orderOf(column.unsettled);
  if (order === null) {
    return {
      problem: `dates such as ${sampleDate(column)}, which may be day or month first. Say --date-order day-first or month-first`,
    };
  }
  if (order === 'neither')
    return { problem: 'dates of which some are day first and some month first. Write them as YYYY-MM-DD' };
  const { first, second, year } = column.unsettled;
  const unfit = new Map(column.unfit);
  const ms = column.ms.map((time, row) => {
    if (Number.isNaN(time)) return Number.NaN;
    const [day, month] = order === 'day-first' ? [first[row]!, second[row]!] : [second[row]!, first[row]!];
    const midnight = dayMs(year[row]!, month, day);
    if (midnight !== null) return midnight + time;
    unfit.set(row, `${first[row]}/${second[row]}/${year[row]}`);
    return Number.NaN;
  });
  return {
    ms,
    form: `text, ${order === 'day-first' ? 'day' : 'month'} first${column.hasOffset ? ', with an offset' : ''}`,
    unfit,
  };
}

/** What the numbers themselves decide: a 13th month is a day. */
function orderOf({ first, second }: NonNullable<TimeColumn['unsettled']>): DateOrder | 'neither' | null {
  const isDayFirst = first.some((value) => value > 12);
  const isMonthFirst = second.some((value) => value > 12);
  if (isDayFirst && isMonthFirst) return 'neither';
  if (isDayFirst) return 'day-first';
  return isMonthFirst ? 'month-first' : null;
}

function sampleDate({ unsettled, ms }: TimeColumn): string {
  const row = ms.findIndex((time) => !Number.isNaN(time));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(unsettled!.first[row]!)}/${two(unsettled!.second[row]!)}/${unsettled!.year[row]}`;
}

function clockOf(column: SourceColumn): NoTimes | { ms: Float64Array; unfit: ReadonlyMap<number, string> } {
  if (column.kind === 'time' && column.part === 'clock') return { ms: column.ms, unfit: column.unfit };
  if (column.kind !== 'number') return { problem: 'no times of day' };
  // 930 is 9:30, 93000 is 9:30:00; which of them it is, the largest one tells.
  const hasSeconds = column.values.some((value) => value > 2359);
  const ms = column.values.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const [hour, minute, second] = hasSeconds
      ? [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100]
      : [Math.floor(value / 100), value % 100, 0];
    const isTime = Number.isInteger(value) && hour >= 0 && hour < 24 && minute < 60 && second < 60;
    return isTime ? hour * 3_600_000 + minute * 60_000 + second * 1000 : Number.NaN;
  });
  return { ms, unfit: unfitNumbers(column, ms) };
}

function readNumbers(
  table: SourceTable,
  column: SourceColumn & NumberColumn,
  options: ReadingOptions,
): Times | NoTimes {
  const { values } = column;
  const told = UNITS.find(({ unit }) => unit === options.timeUnit);
  const seen = new Set<string>();
  const ms = new Float64Array(values.length);
  let outside = 0;
  let present = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!;
    ms[row] = Number.NaN;
    if (Number.isNaN(value)) continue;
    present += 1;
    // Binance's archives change from ms to µs at the turn of 2025, and a joined file with them.
    const unit = told ?? UNITS.find(({ perMs }) => value >= EARLIEST_MS * perMs && value < LATEST_MS * perMs);
    if (unit === undefined) outside += 1;
    else {
      ms[row] = toMs(value, column.lastDigits?.[row] ?? 0, unit.perMs);
      if (ms[row]! < EARLIEST_MS || ms[row]! >= LATEST_MS) {
        ms[row] = Number.NaN;
        outside += 1;
      } else seen.add(unit.name);
    }
  }
  if (present === 0) return { problem: 'no times' };
  // A few cells that are no times are refused by their lines.
  if (2 * outside <= present) {
    const form = `${[...seen].join(' and ')} since 1970`;
    return { ms, form, assumedZone: null, unfit: unfitNumbers(column, ms) };
  }
  return readCompact(table, column, options);
}

/**
 * Milliseconds, rounded down, and a half more where something was rounded: so a time that is not quite a whole minute
 * does not look like one.
 *
 * @param lastDigits value mod 1000 where the value is rounded, else 0
 */
function toMs(value: number, lastDigits: number, perMs: number): number {
  if (perMs === 1e6) {
    const ms = wholeMs(Math.round((value - lastDigits) / 1000) / 1000);
    return lastDigits === 0 || !Number.isInteger(ms) ? ms : ms + 0.5;
  }
  // Seconds as a decimal fraction: 1718496059.999 times 1000 may fall short of a whole number.
  if (perMs < 1) return wholeMs(Math.round((value / perMs) * 1000) / 1000);
  return wholeMs(value / perMs);
}

function wholeMs(ms: number): number {
  const whole = Math.floor(ms);
  return ms === whole ? whole : whole + 0.5;
}

/** 20240616, 202406160001, 20240616000100, and days since 1900 as spreadsheets count them. */
function readCompact(
  table: SourceTable,
  column: SourceColumn & NumberColumn,
  options: ReadingOptions,
): Times | NoTimes {
  const forms = [
    { form: 'numbers as YYYYMMDDHHMMSS', toMs: (value: number) => compactTime(value) },
    { form: 'numbers as YYYYMMDDHHMM', toMs: (value: number) => compactTime(value * 100) },
    { form: 'numbers as YYYYMMDD', toMs: compactDay },
    { form: 'days since 1900, as spreadsheets count', toMs: spreadsheetTime },
  ];
  for (const { form, toMs: convert } of forms) {
    let isForm = true;
    const ms = column.values.map((value) => {
      const time = Number.isNaN(value) ? Number.NaN : convert(value);
      if (!Number.isNaN(value) && Number.isNaN(time)) isForm = false;
      return time;
    });
    if (isForm) return inZone(ms, form, [column], options, table, unfitNumbers(column, ms));
  }
  return { problem: 'numbers that are no times from 1980 to 2200 in any unit' };
}

function compactDay(value: number): number {
  if (!Number.isInteger(value) || value < 19_800_101 || value > 22_000_101) return Number.NaN;
  return dayMs(Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100) ?? Number.NaN;
}

function compactTime(value: number): number {
  const midnight = compactDay(Math.floor(value / 1e6));
  const [hour, minute, second] = [Math.floor(value / 1e4) % 100, Math.floor(value / 100) % 100, value % 100];
  const isTime = Number.isInteger(value) && hour < 24 && minute < 60 && second < 60;
  return isTime ? midnight + hour * 3_600_000 + minute * 60_000 + second * 1000 : Number.NaN;
}

const SPREADSHEET_1970 = 25_569;

/** Fifteen digits are ten for the fraction of a day: its second is known, its millisecond is not. */
function spreadsheetTime(value: number): number {
  const ms = (value - SPREADSHEET_1970) * DAY_MS;
  if (ms < EARLIEST_MS || ms >= LATEST_MS) return Number.NaN;
  const seconds = Math.round(ms / 1000);
  return Math.abs(ms - seconds * 1000) < 300 ? seconds * 1000 : Number.NaN;
}

function unfitNumbers(column: NumberColumn, ms: Float64Array): Map<number, string> {
  const unfit = new Map(column.unfit);
  for (let row = 0; row < ms.length && unfit.size < 1000; row += 1) {
    const value = column.values[row]!;
    if (Number.isNaN(ms[row]) && !Number.isNaN(value)) unfit.set(row, String(value));
  }
  return unfit;
}

/** Times of a clock on the wall in UTC. A zone that the file names beside them is never passed over. */
function inZone(
  local: Float64Array,
  form: string,
  columns: readonly SourceColumn[],
  options: ReadingOptions,
  table: SourceTable,
  unfit: ReadonlyMap<number, string>,
): Times | NoTimes {
  const named = columns.map(({ name }) => namedZone(name)).find((one) => one !== null);
  const said = named ?? (table.saysZone === undefined ? null : namedZone(table.saysZone));
  if (said !== null && options.timeZone === undefined) {
    return {
      problem: `times without an offset, of the clock that ${describe(said.words)} names. Say --time-zone ${said.zone ?? 'ZONE'}, or --time-zone UTC where they are UTC`,
    };
  }
  const zone = options.timeZone ?? 'UTC';
  if (zone === 'UTC') return { ms: local, form, assumedZone: 'UTC', unfit };
  const { ms, problem } = zonedToUtc(local, zone);
  if (problem !== null) return { problem: `${table.rowName(problem.row)}: ${problem.text}` };
  return { ms, form, assumedZone: zone, unfit };
}
