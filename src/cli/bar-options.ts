import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { BarSource } from '../baseline/from-bars/bar-sources.ts';
import {
  DATE_ORDERS,
  type DateOrder,
  DECIMAL_MARKS,
  type DecimalMark,
  type ReadingOptions,
  TIME_IS,
  TIME_UNITS,
  type TimeIs,
  type TimeUnit,
} from '../baseline/from-bars/readers/reading-options.ts';
import { BAR_ROLES, type BarRole } from '../baseline/from-bars/recognise/roles.ts';
import { didYouMean } from '../sweep/did-you-mean.ts';
import { wholeNumberFrom } from '../sweep/parameter-rules.ts';
import { show } from '../sweep/problems.ts';
import { numberBy } from './arguments.ts';

/** What commander makes of the options below. */
export type ReadingFlags = {
  columns?: ReadingOptions['columns'];
  timeUnit?: TimeUnit;
  timeIs?: TimeIs;
  timeZone?: string;
  dateOrder?: DateOrder;
  /** `--no-header` */
  header: boolean;
  separator?: string;
  decimal?: DecimalMark;
  aggregate: boolean;
  dropBadRows?: number;
};

/** Options for files that do not say by themselves what they hold. */
export function addReadingOptions(command: Command): Command {
  return command
    .option(
      '--columns <list>',
      `which column is what, by name or number: time=ts,open=2; a date and a time of day as time=Date+Time; trades=none leaves one out. Roles: ${BAR_ROLES.join(', ')}`,
      parseColumns,
    )
    .addOption(new Option('--time-unit <unit>', 'unit of times that are numbers').choices(TIME_UNITS))
    .addOption(
      new Option('--time-is <which>', 'whether times are those at which minutes open or close').choices(TIME_IS),
    )
    .option('--time-zone <zone>', 'zone of times without an offset, such as Europe/Zurich (default: UTC)', parseZone)
    .addOption(new Option('--date-order <order>', 'order in dates such as 05/06/2024').choices(DATE_ORDERS))
    .option('--no-header', 'the first line is a row')
    .option('--separator <character>', 'between fields: one character, or tab', parseSeparator)
    .addOption(new Option('--decimal <mark>', 'decimal mark, where commas may be either').choices(DECIMAL_MARKS))
    .option('--aggregate', 'make 1-minute bars of finer ones', false)
    .option(
      '--drop-bad-rows <n>',
      'leave out at most n rows that break a rule, and list them (default: refuse them)',
      whole,
    );
}

export function readingOptions(flags: ReadingFlags): ReadingOptions {
  const { columns, timeUnit, timeIs, timeZone, dateOrder, separator, decimal, dropBadRows } = flags;
  const { header, aggregate } = flags;
  return {
    columns,
    timeUnit,
    timeIs,
    timeZone,
    dateOrder,
    separator,
    decimal,
    dropBadRows,
    aggregate,
    noHeader: !header,
  };
}

/** The same flags without those of reading: what is left are the command's own. */
export function withoutReadingFlags<T extends ReadingFlags>(flags: T): Omit<T, keyof ReadingFlags> {
  const { columns, timeUnit, timeIs, timeZone, dateOrder, header, separator, decimal, aggregate, dropBadRows, ...own } =
    flags;
  return own;
}

/** SYMBOL=FILE, or a file alone, which then says by a column of its own what its bars are of. */
export function collectSources(text: string, previous: BarSource[] | undefined): BarSource[] {
  const at = text.indexOf('=');
  // `date=2024-06-16/bars.parquet` is a file.
  const isFile = at < 0 || existsSync(text);
  if (text.trim() === '' || at === 0 || (!isFile && at === text.length - 1)) {
    throw new InvalidArgumentError(`expected a symbol and its file such as BTCUSDT=bars.csv.gz, got ${show(text)}.`);
  }
  const source = isFile ? { symbol: null, path: text } : { symbol: text.slice(0, at), path: text.slice(at + 1) };
  return [...(previous ?? []), source];
}

const whole = numberBy(wholeNumberFrom(0));

function parseColumns(text: string, previous: ReadingOptions['columns']): NonNullable<ReadingOptions['columns']> {
  const columns: Partial<Record<BarRole, string | null>> = { ...previous };
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    const [name, column] = [item.slice(0, at).trim(), item.slice(at + 1).trim()];
    const role = BAR_ROLES.find((one) => one === name);
    if (at < 1 || column === '') {
      throw new InvalidArgumentError(`expected ROLE=COLUMN such as time=ts,open=o, got ${show(item)}.`);
    }
    if (role === undefined) {
      const meant = didYouMean(name, BAR_ROLES);
      throw new InvalidArgumentError(
        `expected a role, got ${show(name)}${meant === null ? `; there are ${BAR_ROLES.join(', ')}` : `, did you mean ${meant}?`}`,
      );
    }
    if (columns[role] !== undefined) throw new InvalidArgumentError(`${role} is given twice, keep one.`);
    columns[role] = column === 'none' ? null : column;
  }
  return columns;
}

function parseZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InvalidArgumentError(`expected a time zone such as UTC or Europe/Zurich, got ${show(text)}.`);
  }
}

function parseSeparator(text: string): string {
  const separator = text === 'tab' || text === '\\t' ? '\t' : text;
  if (separator.length === 1 && separator.charCodeAt(0) < 0x80 && !/[\w."'\r\n-]/.test(separator)) return separator;
  throw new InvalidArgumentError(
    `expected one character, or tab, that stands in no number or name, got ${show(text)}.`,
  );
}
