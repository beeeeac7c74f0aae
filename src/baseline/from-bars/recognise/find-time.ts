import { countOf, countText } from '../../../counts.ts';
import { DAY_MS, MINUTE_MS } from '../../../time-units.ts';
import { UserError } from '../../../user-error.ts';
import { describe } from '../../json-file.ts';
import type { ReadingOptions, TimeIs } from '../readers/reading-options.ts';
import type { SourceTable } from '../readers/source-table.ts';
import { phaseOf, type Spacing, spacingOf, spanText } from './bar-spacing.ts';
import { columnLabel, columnsLabel } from './labels.ts';
import type { TimeReading } from './reading.ts';
import { rowsInTimeOrder } from './row-groups.ts';
import { readTimes, type Times } from './time-reading.ts';

/** How a file calls its times; `rows` where it does not call them, and the rows alone say what they are. */
export type TimeNaming = 'open time' | 'time' | 'close time' | 'rows';

type Candidate = {
  readonly columns: readonly number[];
  readonly naming: TimeNaming;
  readonly times: Times;
  readonly groups: readonly Int32Array[];
  readonly spacing: Spacing;
  readonly phase: 'whole' | 'end' | 'elsewhere';
};

const EARLIEST_MS = Date.UTC(1980, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/**
 * The times of a table's bars.
 *
 * @param named columns that are called times, and what they are called; without any, every column is looked at
 * @param told columns that the user named; no other is looked at
 * @param symbolRows the rows of each symbol
 * @param dialectIs what the dialect's whole minutes are, where it says so
 * @throws UserError where no column holds times, they do not say which they are, or are not those of 1-minute bars
 */
export function findTime(
  table: SourceTable,
  named: readonly { readonly column: number; readonly naming: TimeNaming }[],
  told: readonly number[] | null,
  symbolRows: readonly (Int32Array | null)[],
  options: ReadingOptions,
  dialectIs: TimeIs | undefined,
): { reading: TimeReading; groups: readonly Int32Array[] } {
  const problems: string[] = [];
  const consider = (columns: readonly number[], naming: TimeNaming): Candidate[] => {
    const times = timesOf(table, columns, options, naming);
    if ('problem' in times) {
      problems.push(`${columnsLabel(table, columns)}: ${times.problem}`);
      return [];
    }
    const groups = symbolRows.map((rows) => rowsInTimeOrder(times.ms, rows)).filter((rows) => rows.length > 0);
    const spacing = spacingOf(times.ms, groups);
    return [
      {
        columns,
        naming,
        times,
        groups,
        spacing,
        phase: phaseOf(times.ms, groups, Math.min(spacing.stepMs, MINUTE_MS)),
      },
    ];
  };
  let candidates: Candidate[];
  if (told !== null) candidates = consider(told, 'time');
  else {
    candidates = columnSets(table, named).flatMap(({ columns, naming }) => consider(columns, naming));
    for (const { column } of named) {
      const cell = firstText(table, column);
      if (cell !== null)
        problems.push(
          `${columnLabel(table, column)}: text that is no time (2024-06-16 00:01:00 is one), such as ${describe(cell)}`,
        );
    }
    if (candidates.length === 0 && !problems.some((problem) => problem.includes('--'))) {
      // Nothing is called a time: a column is one when its rows step as bars do.
      const all = table.columns.map((_, column) => ({ column, naming: 'rows' as const }));
      candidates = columnSets(table, all)
        .flatMap(({ columns, naming }) => consider(columns, naming))
        .filter(stepsAsBars);
      if (candidates.length > 0) problems.length = 0;
    }
  }
  const chosen = earlier(table, best(candidates), candidates);
  if (chosen === null) {
    const settling = problems.find((problem) => problem.includes('--')) ?? problems[0];
    throw new UserError(
      settling !== undefined && (named.length > 0 || told !== null || settling.includes('--'))
        ? `${table.name}: expected times of 1-minute bars, got ${settling}${settling.includes('--') ? '' : '. Say which column has them with --columns time=NAME'}`
        : `${table.name}: column time missing, found ${columnsFound(table)}. Say which it is with --columns time=NAME`,
    );
  }
  const reading = settle(table, chosen, options, dialectIs);
  const end = candidates.find((one) => one !== chosen && isEndOf(one, reading.openMs, chosen.groups));
  return {
    reading: { ...reading, endMs: end?.times.ms ?? null },
    groups: chosen.groups,
  };
}

export function columnsFound(table: SourceTable): string {
  const names = table.columns.map((column, i) => (table.hasHeader ? column.name : columnLabel(table, i)));
  const text = names.join(', ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function firstText(table: SourceTable, i: number): string | null {
  const column = table.columns[i]!;
  return column.kind === 'text' ? (column.texts[0] ?? null) : null;
}

/** Single columns of whole times, and pairs of a date and a time of day. */
function columnSets(
  table: SourceTable,
  named: readonly { readonly column: number; readonly naming: TimeNaming }[],
): { columns: number[]; naming: TimeNaming }[] {
  const kindOf = (i: number): 'whole' | 'date' | 'clock' | null => {
    const column = table.columns[i]!;
    if (column.kind === 'text') return null;
    if (column.kind === 'time') return column.part === 'instant' ? 'whole' : column.part;
    return isCompactDay(column.values) ? 'date' : 'whole';
  };
  const clocks = table.columns.flatMap((_, i) => (kindOf(i) === 'clock' ? [i] : []));
  return named.flatMap(({ column, naming }) => {
    const kind = kindOf(column);
    if (kind !== 'date') return kind === 'whole' ? [{ columns: [column], naming }] : [];
    // A time of day stands behind its date; as a number (930, 93000) it has to be called a time.
    const clock =
      clocks.find((i) => i > column) ??
      named.find((other) => other.column > column && table.columns[other.column]!.kind === 'number')?.column;
    return [{ columns: clock === undefined ? [column] : [column, clock], naming }];
  });
}

function isCompactDay(values: Float64Array): boolean {
  let present = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    present += 1;
    if (!(value >= 19_800_101 && value <= 22_000_101)) return false;
  }
  return present > 0;
}

function timesOf(
  table: SourceTable,
  columns: readonly number[],
  options: ReadingOptions,
  naming: TimeNaming,
): Times | { problem: string } {
  return (naming === 'rows' && timesOfDay(table, columns)) || readTimes(table, columns, options);
}

/** LEAN's files have the milliseconds since midnight; the day is in the file's name. */
function timesOfDay(table: SourceTable, columns: readonly number[]): Times | null {
  const column = table.columns[columns[0]!]!;
  if (table.hasHeader || columns[0] !== 0 || column.kind !== 'number') return null;
  if (!column.values.every((value) => value >= 0 && value < DAY_MS && value % 1000 === 0)) return null;
  const match = /(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)/.exec(table.name.split(/[/›]/).at(-1)!);
  if (match === null) return null;
  const midnight = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return {
    ms: column.values.map((value) => midnight + value),
    form: 'milliseconds of the day that the file’s name has',
    assumedZone: 'UTC',
    unfit: new Map(),
  };
}

function stepsAsBars({ spacing, phase }: Candidate): boolean {
  return phase !== 'elsewhere' && 2 * spacing.commonest > spacing.steps && spacing.stepMs % 1000 === 0;
}

/** Times of the opening before others, and those that say their zone before those that do not. */
function best(candidates: readonly Candidate[]): Candidate | null {
  const rank = ({ naming, phase, times }: Candidate): number =>
    (naming === 'open time' ? 0 : naming === 'close time' || phase === 'end' ? 4 : 2) +
    (times.assumedZone === null ? 0 : 1);
  return candidates.reduce<Candidate | null>(
    (first, one) => (first === null || rank(one) < rank(first) ? one : first),
    null,
  );
}

/**
 * Of two columns of whole minutes that no name tells apart the earlier: the other is when the bar ends.
 *
 * @throws UserError where they are further apart than that, and so tell of different minutes
 */
function earlier(table: SourceTable, chosen: Candidate | null, candidates: readonly Candidate[]): Candidate | null {
  if (chosen === null || chosen.naming === 'open time' || chosen.naming === 'close time') return chosen;
  let first = chosen;
  for (const other of candidates) {
    const isPeer = other.naming === chosen.naming && other.phase === 'whole' && chosen.phase === 'whole';
    if (!isPeer || other === first || other.times.assumedZone !== null || chosen.times.assumedZone !== null) continue;
    const distance = constantDistance(first, other);
    if (distance === 0) continue;
    if (distance === first.spacing.stepMs) first = other;
    else if (distance !== -first.spacing.stepMs) {
      throw new UserError(
        `${table.name}: ${columnsLabel(table, first.columns)} and ${columnsLabel(table, other.columns)} are both times, of different minutes. Say which with --columns time=${first.columns[0]! + 1} or time=${other.columns[0]! + 1}`,
      );
    }
  }
  return first;
}

/** By how much one column's times are later than another's, the same in every row; null where it is not. */
function constantDistance(one: Candidate, other: Candidate): number | null {
  let distance: number | null = null;
  for (const rows of one.groups) {
    for (const row of rows) {
      const between = one.times.ms[row]! - other.times.ms[row]!;
      if (distance !== null && between !== distance) return null;
      distance = between;
    }
  }
  return distance;
}

/** Times that stand within the bar, or at its end. */
function isEndOf({ times }: Candidate, openMs: Float64Array, groups: readonly Int32Array[]): boolean {
  let [within, all] = [0, 0];
  for (const rows of groups) {
    for (const row of rows) {
      const age = times.ms[row]! - openMs[row]!;
      all += 1;
      if (age > 0 && age <= MINUTE_MS) within += 1;
    }
  }
  return all > 0 && within === all;
}

function settle(
  table: SourceTable,
  { columns, naming, times, spacing, phase }: Candidate,
  options: ReadingOptions,
  dialectIs: TimeIs | undefined,
): Omit<TimeReading, 'endMs'> {
  const label = columnsLabel(table, columns);
  const stepMs = barLength(table, spacing, times.unfit, options);
  const byName = naming === 'open time' ? 'open' : naming === 'close time' ? 'close' : null;
  const is = options.timeIs ?? byName ?? (phase === 'end' ? 'close' : (dialectIs ?? 'open'));
  if (is === 'open' && phase === 'end') {
    throw new UserError(
      `${table.name}: ${label}: expected times at which minutes open, got their ends such as ${isoOf(times)}. Say --time-is close`,
    );
  }
  const openMs = new Float64Array(times.ms.length);
  const unfit = new Map(times.unfit);
  for (let row = 0; row < openMs.length; row += 1) {
    const time = times.ms[row]!;
    openMs[row] = openOf(time, stepMs, is);
    if (!Number.isNaN(openMs[row]!) || unfit.has(row) || Number.isNaN(time)) continue;
    if (unfit.size < 1000) unfit.set(row, new Date(time).toISOString());
  }
  return { columns, form: times.form, is, assumedZone: times.assumedZone, stepMs, openMs, unfit };
}

/** NaN for a time that no bar of this length opens or closes at. */
function openOf(time: number, stepMs: number, is: TimeIs): number {
  if (!(time >= EARLIEST_MS && time < LATEST_MS)) return Number.NaN;
  const phase = time % stepMs;
  if (is === 'open') return phase === 0 ? time : Number.NaN;
  if (phase === 0) return time - stepMs;
  return phase >= stepMs - stepMs / 60 ? time - phase : Number.NaN;
}

/** @throws UserError for bars of another length than a minute, unless they are shorter and to be aggregated */
function barLength(
  table: SourceTable,
  { stepMs, steps, commonest }: Spacing,
  unfit: ReadonlyMap<number, string>,
  options: ReadingOptions,
): number {
  // Two bars tell nothing: minutes may be missing.
  if (stepMs === MINUTE_MS || steps < 3) return MINUTE_MS;
  const [cell] = unfit.values();
  const besides = cell === undefined ? '' : `; other times are not written alike, such as ${describe(cell)}`;
  const share = `${countText(commonest)} of ${countOf(steps, 'step')}${besides}`;
  if (stepMs > MINUTE_MS) {
    throw new UserError(
      `${table.name}: expected 1-minute bars, got bars ${spanText(stepMs)} apart (${share}). Give bars of one minute`,
    );
  }
  if (MINUTE_MS % stepMs !== 0 || stepMs < 1000) {
    throw new UserError(
      `${table.name}: expected 1-minute bars, got rows ${spanText(stepMs)} apart (${share}). Are these trades? Make bars of them first`,
    );
  }
  if (options.aggregate !== true) {
    throw new UserError(
      `${table.name}: expected 1-minute bars, got bars ${spanText(stepMs)} apart (${share}). Say --aggregate to make minutes of them`,
    );
  }
  return stepMs;
}

function isoOf({ ms }: Times): string {
  const time = ms.find((value) => !Number.isNaN(value))!;
  return new Date(time).toISOString();
}
