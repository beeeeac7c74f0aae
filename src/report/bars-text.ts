import type { MissingColumns } from '../baseline/from-bars/missing-columns.ts';
import type { ReadingAccount } from '../baseline/from-bars/reading-account.ts';
import type { SourceAccount } from '../baseline/from-bars/source-account.ts';
import { countOf, countText } from '../counts.ts';
import { printable } from './printable.ts';
import { wrap } from './text-table.ts';

const TEXT_WIDTH = 100;
const LABEL_WIDTH = 12;
const BAD_ROWS_SHOWN = 10;
const FEATURES_SHOWN = 4;
const STRAYS_SHOWN = 5;

/** One symbol's files, what they were read as, and what was left out: a line or more for each fact. */
export function sourceLines(source: SourceAccount & { readonly missing: readonly MissingColumns[] }): string[] {
  const { readings, missing, badRows, strays } = source;
  return [
    `${printable(source.symbol)}: ${countOf(source.bars, 'bar')}, ${minuteText(source.firstBar)} to ${minuteText(source.lastBar)} UTC`,
    ...labelled('files', filesText(source)),
    ...readings.flatMap((reading) => readingLines(reading, readings.length > 1)),
    ...labelled('missing', missing.map(missingText).join('; ')),
    ...labelled('minutes', minutesText(source)),
    ...labelled('left out', leftOutText(source)),
    ...badRows.slice(0, BAD_ROWS_SHOWN).flatMap(({ row, problem }) => labelled('', printable(`${row}: ${problem}`))),
    ...(badRows.length > BAD_ROWS_SHOWN
      ? labelled('', `and ${badRows.length - BAD_ROWS_SHOWN} more (--json lists them)`)
      : []),
    ...labelled('no bars', straysText(strays)),
  ];
}

function straysText(strays: SourceAccount['strays']): string {
  const shown = strays.slice(0, STRAYS_SHOWN).map(({ file }) => printable(file));
  const rest = strays.length > STRAYS_SHOWN ? ` and ${strays.length - STRAYS_SHOWN} more (--json lists them)` : '';
  return strays.length === 0 ? '' : `${shown.join(', ')}${rest}: left out`;
}

/** `2024-06-16 00:01` of an ISO time. */
export function minuteText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** A label and its text, which goes on below itself; nothing where there is no text. */
export function labelled(label: string, text: string): string[] {
  if (text === '') return [];
  const lines = wrap(text, TEXT_WIDTH - LABEL_WIDTH);
  return lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH - 2)}${line}`);
}

function filesText({ files }: SourceAccount): string {
  const [first] = files;
  if (first === undefined) return '';
  const { path, sha256 } = first;
  const one = `${printable(path)} (sha256 ${sha256.slice(0, 12)}…)`;
  return files.length === 1 ? one : `${countOf(files.length, 'file')}: ${one} to ${printable(files.at(-1)!.path)}`;
}

function readingLines(reading: ReadingAccount, isOneOfSeveral: boolean): string[] {
  const { time, columns } = reading;
  const told = { names: 'told by its names', rows: 'told by its rows', options: 'told by --columns' }[reading.toldBy];
  const what = [
    reading.format.join(' › '),
    reading.header ? 'with a header' : 'without a header',
    ...(reading.dialect === null ? [] : [reading.dialect]),
    told,
    ...(isOneOfSeveral ? [`${countOf(reading.tables, 'file')}, first ${printable(reading.firstTable)}`] : []),
  ];
  const zone = time.assumedZone === null ? '' : `; without an offset, taken as ${time.assumedZone}`;
  const step = time.stepSeconds === 60 ? 'minutes' : `bars of ${time.stepSeconds} s`;
  return [
    ...labelled('read as', what.join(', ')),
    ...labelled('time', `${printable(time.column)}: ${time.form}, when ${step} ${time.is}${zone}`),
    ...labelled(
      'columns',
      Object.entries(columns)
        .map(([role, column]) => (role === column ? role : `${role} = ${printable(column)}`))
        .join(', '),
    ),
    ...labelled('not used', reading.unused.map(printable).join(', ')),
    ...reading.notes.flatMap((note) => labelled('note', printable(note))),
  ];
}

function missingText({ what, constantFeatures, effect }: MissingColumns): string {
  if (constantFeatures.length === 0) return `${what}: ${effect}`;
  const shown = constantFeatures.slice(0, FEATURES_SHOWN).join(', ');
  const rest = constantFeatures.length > FEATURES_SHOWN ? ` and ${constantFeatures.length - FEATURES_SHOWN} more` : '';
  return `${what}: ${shown}${rest} ${effect}`;
}

function minutesText({ missingMinutes, gaps, zeroVolumeBars, barsWithoutUsableBook }: SourceAccount): string {
  return [
    missingMinutes === 0 ? 'none missing' : `${countText(missingMinutes)} missing in ${countOf(gaps, 'gap')}`,
    ...(zeroVolumeBars > 0 ? [`${countText(zeroVolumeBars)} without volume`] : []),
    ...(barsWithoutUsableBook > 0 ? [`${countText(barsWithoutUsableBook)} without a usable book`] : []),
  ].join(', ');
}

function leftOutText(source: SourceAccount): string {
  const facts: [count: number, noun: string, which: string][] = [
    [source.emptyRows, 'row', 'without prices'],
    [source.droppedRepeats, 'repeated row', ''],
    [source.droppedBadRows, 'row', 'that break a rule'],
    [source.unfinishedBars, 'bar', 'not over yet'],
    [source.partialMinutes, 'minute', 'not whole'],
    [source.droppedOutsideRange, 'bar', 'outside the range asked for'],
  ];
  return facts
    .filter(([count]) => count > 0)
    .map(([count, noun, which]) => `${countOf(count, noun)} ${which}`.trimEnd())
    .join(', ');
}
