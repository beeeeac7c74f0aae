import { UserError } from '../../../user-error.ts';
import { describe } from '../../json-file.ts';
import { meaningOf } from '../recognise/column-names.ts';
import { type ColumnKind, kindOfCells } from './column-builder.ts';
import { NoBarsError } from './no-bars-error.ts';
import { isMissing, type NumberStyle } from './number-cell.ts';
import { numberStyleOf } from './number-style.ts';
import type { ReadingOptions } from './reading-options.ts';
import { parseTimeCell } from './time-cell.ts';

/** How a text file is laid out, by its first lines. Every row is then held to it. */
export type DelimitedLayout = {
  /** A character code; SPACES for any run of blanks. */
  readonly separator: number;
  readonly style: NumberStyle;
  readonly header: readonly string[] | null;
  /** The header as it stands in the file, which files that were joined have again in their middle. */
  readonly headerLine: Buffer | null;
  readonly kinds: readonly ColumnKind[];
  /** The last field of every row is empty: a row may do without it. */
  readonly endsEmpty: boolean;
  /** Where the first row begins: byte and line, which counts from 1. */
  readonly rowsFrom: number;
  readonly firstLine: number;
};

export const SPACES = 0x20;
const SEPARATORS = [',', ';', '\t', '|'] as const;
/** Bars have a dozen columns; each column of a file costs memory before a row is read. */
const MOST_COLUMNS = 1000;
const LINES_LOOKED_AT = 400;
/** A row of bars has a time and four prices. */
const LEAST_FIELDS = 5;

type Line = { readonly text: string; readonly number: number; readonly from: number; readonly to: number };

/**
 * Tells separator, header, decimal mark and each column's kind from the first lines.
 *
 * @param sample the file's first bytes as latin1, so that places in it are places in the file
 * @param isWhole whether that is the whole file
 * @throws UserError when no separator gives lines of equally many fields, or the decimal mark does not show
 */
export function delimitedLayout(
  name: string,
  sample: string,
  isWhole: boolean,
  options: ReadingOptions,
): DelimitedLayout {
  const lines = linesOf(sample, isWhole);
  const told = toldSeparator(lines, options);
  const rows = lines.filter(({ text }) => text.trim() !== '' && !text.startsWith('#') && !isSeparatorLine(text));
  const separator = told ?? bestSeparator(rows);
  if (separator === null) {
    throw new NoBarsError(
      `${name}: expected a table of bars, lines of fields between commas, semicolons, tabs or bars, ` +
        `got ${describe(rows[0]?.text ?? '')}. Is this a file of bars? If so, say --separator`,
    );
  }
  const split = rows.map((line) => ({ line, fields: fieldsOf(line.text, separator).map(utf8) }));
  const width = commonest(split.map(({ fields }) => fields.length));
  if (width > MOST_COLUMNS)
    throw new UserError(
      `${name}: expected at most ${MOST_COLUMNS} columns, got ${width}${isWhole ? '' : ' or more'}. Is this a file of bars?`,
    );
  const firstRow = split.findIndex(({ fields }) => fields.length === width && isDataRow(fields));
  if (firstRow < 0) {
    const isHeaderAlone = (split[0]?.fields ?? []).filter((field) => meaningOf(field) !== null).length >= 3;
    const behind = rows[1];
    if (isHeaderAlone) {
      throw new UserError(
        behind === undefined
          ? `${name}: a bar file needs a header and rows, got no row`
          : `${name}: line ${behind.number}: expected a row of a time and four prices at least, got ${describe(Buffer.from(behind.text, 'latin1').toString('utf8'))}. Write its cells as plain numbers and times`,
      );
    }
    throw new NoBarsError(
      `${name}: expected rows of a time and four prices at least, got ${describe(rows[0]?.text ?? '')}. Is this a file of bars? If so, say --separator`,
    );
  }
  const data = split.slice(firstRow).filter(({ fields }) => fields.length === width);
  const names = options.noHeader
    ? null
    : headerOf(
        name,
        lines,
        split[firstRow]!.line,
        data.map(({ fields }) => fields),
        separator,
        width,
      );
  const columns = Array.from({ length: width }, (_, column) => data.map(({ fields }) => fields[column]!));
  const style =
    options.decimal === undefined ? numberStyleOf(name, columns) : numberStyleOf(name, columns, options.decimal);
  const begin = split[firstRow]!.line;
  return {
    separator: separator === ' ' ? SPACES : separator.charCodeAt(0),
    style,
    header: names?.header ?? null,
    headerLine: names === null ? null : Buffer.from(names.line.text.trimEnd(), 'latin1'),
    kinds: columns.map((cells) => kindOfCells(cells, style)),
    endsEmpty: data.every(({ fields }) => fields[width - 1] === ''),
    rowsFrom: begin.from,
    firstLine: begin.number,
  };
}

function linesOf(sample: string, isWhole: boolean): Line[] {
  const lines: Line[] = [];
  const end = /\r\n|\n|\r/g;
  let from = 0;
  while (from < sample.length && lines.length < LINES_LOOKED_AT) {
    end.lastIndex = from;
    const match = end.exec(sample);
    // A last line that goes on behind the sample tells nothing.
    if (match === null && !isWhole && lines.length > 0) break;
    const to = match?.index ?? sample.length;
    lines.push({ text: sample.slice(from, to), number: lines.length + 1, from, to });
    from = match === null ? sample.length : to + match[0].length;
  }
  return lines;
}

/** The separator that an option or the file itself (`sep=;`, as Excel takes it) names. */
function toldSeparator(lines: readonly Line[], options: ReadingOptions): string | null {
  if (options.separator !== undefined) return options.separator;
  const first = lines[0]?.text ?? '';
  return isSeparatorLine(first) ? first.slice(4, 5) : null;
}

function isSeparatorLine(text: string): boolean {
  return /^sep=.$/i.test(text.trimEnd());
}

/** The one whose fields are numbers and times more often than any other's. */
function bestSeparator(rows: readonly Line[]): string | null {
  const scored = [...SEPARATORS, ' '].map((separator) => {
    const split = rows.map(({ text }) => fieldsOf(text, separator).map(utf8));
    const width = commonest(split.map((fields) => fields.length));
    const alike = split.filter((fields) => fields.length === width);
    const clean = alike.reduce((sum, fields) => sum + fields.filter(isClean).length, 0);
    return { separator, width, clean };
  });
  const wide = scored.filter(({ width }) => width >= LEAST_FIELDS);
  // Blanks stand within times, too: they separate only where nothing else does.
  const candidates = wide.some(({ separator, clean }) => separator !== ' ' && clean > 0)
    ? wide.filter(({ separator }) => separator !== ' ')
    : wide.length > 0
      ? wide
      : scored.filter(({ separator, width }) => separator !== ' ' && width > 1);
  return candidates.reduce(
    (best, one) => (one.clean > best.clean ? one : best),
    candidates[0] ?? { separator: null, clean: 0 },
  ).separator;
}

function isClean(field: string): boolean {
  return (
    isMissing(field) ||
    (/\d/.test(field) && /^[$€£¥₿]?\s*[+-]?[\d.,'\s\u00a0]+(?:[eE][+-]?\d+)?$/.test(field)) ||
    parseTimeCell(field) !== null
  );
}

/** A field of the sample as it is meant: the blank between thousands and the signs of most currencies are no ASCII. */
function utf8(field: string): string {
  return /[\x80-\xff]/.test(field) ? Buffer.from(field, 'latin1').toString('utf8') : field;
}

/** Fields of a line; quotes may hold separators, and are doubled within. */
function fieldsOf(line: string, separator: string): string[] {
  if (separator === ' ') return line.trim().split(/[ \t]+/);
  if (!line.includes('"')) return line.split(separator).map((field) => field.trim());
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ') at += 1;
    if (line[at] === '"') {
      let field = '';
      at += 1;
      for (;;) {
        const close = line.indexOf('"', at);
        if (close < 0) {
          field += line.slice(at);
          at = line.length;
          break;
        }
        field += line.slice(at, close);
        at = close + 1;
        if (line[at] !== '"') break;
        field += '"';
        at += 1;
      }
      fields.push(field.trim());
      const next = line.indexOf(separator, at);
      at = next < 0 ? line.length : next;
    } else {
      const next = line.indexOf(separator, at);
      const end = next < 0 ? line.length : next;
      fields.push(line.slice(at, end).trim());
      at = end;
    }
    if (at >= line.length) return fields;
    at += 1;
    if (at === line.length) {
      fields.push('');
      return fields;
    }
  }
}

function commonest(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].reduce(
    (best, one) => (one[1] > best[1] || (one[1] === best[1] && one[0] > best[0]) ? one : best),
    [0, 0],
  )[0];
}

/** At least three numbers or times, and more of them than words. */
function isDataRow(fields: readonly string[]): boolean {
  const told = fields.filter((field) => !isMissing(field));
  const clean = told.filter(isClean).length;
  return clean >= Math.min(3, fields.length) && 2 * clean > told.length;
}

/**
 * The names in the line before the first row. A header may be a comment (`# time,open,…`), and may have another
 * separator than the rows.
 */
function headerOf(
  name: string,
  lines: readonly Line[],
  firstRow: Line,
  rows: readonly (readonly string[])[],
  separator: string,
  width: number,
): { header: string[]; line: Line } | null {
  const line = lines.findLast(
    ({ number, text }) => number < firstRow.number && text.trim() !== '' && !isSeparatorLine(text),
  );
  if (line === undefined) return null;
  const text = Buffer.from(line.text, 'latin1')
    .toString('utf8')
    .replace(/^#+\s*/, '');
  const isComment = line.text.startsWith('#');
  for (const candidate of new Set([separator, ...SEPARATORS])) {
    const names = fieldsOf(text, candidate);
    if (names.filter(isName).length < Math.min(3, width)) continue;
    const fitted = namesFor(names, rows, width);
    if (fitted !== null) return { header: fitted, line };
    if (candidate === separator && !isComment && names.length >= LEAST_FIELDS) {
      throw new UserError(
        `${name}: line ${firstRow.number}: expected ${names.length} fields as in the header, got ${width}. Write the file again, or say --no-header and --columns`,
      );
    }
  }
  return null;
}

function isName(field: string): boolean {
  return !isMissing(field) && !isClean(field);
}

/** Names for `width` columns: as they are, without empty ones at the end, or with the row numbers that R leaves without a name. */
function namesFor(names: readonly string[], rows: readonly (readonly string[])[], width: number): string[] | null {
  if (names.length === width) return [...names];
  if (names.length > width && names.slice(width).every((field) => field === '')) return names.slice(0, width);
  if (names.length === width - 1) {
    if (rows.every((fields) => fields[width - 1] === '')) return [...names, ''];
    const isNumbered = rows.every((fields, i) => Number(fields[0]) - Number(rows[0]![0]) === i);
    if (isNumbered && rows.length > 1) return ['', ...names];
  }
  return null;
}
