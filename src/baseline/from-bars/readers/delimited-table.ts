import { UserError } from '../../../user-error.ts';
import { type ColumnBuilder, columnBuilder } from './column-builder.ts';
import { type DelimitedLayout, delimitedLayout, SPACES } from './delimited-layout.ts';
import type { ReadingOptions } from './reading-options.ts';
import type { SourceTable } from './source-table.ts';

const SAMPLE_BYTES = 256 * 1024;
const [LF, CR, QUOTE, HASH, BLANK, TAB] = [0x0a, 0x0d, 0x22, 0x23, 0x20, 0x09];
const MOST_BROKEN_KEPT = 1000;

/**
 * A text of separated fields, one row a line. Its cells go from the bytes straight to the columns: no string is made of
 * a plain number.
 *
 * @param bytes UTF-8 without a byte order mark
 * @throws UserError naming file, line and what is wrong
 */
export function delimitedTable(name: string, bytes: Buffer, options: ReadingOptions): SourceTable {
  const sample = bytes.toString('latin1', 0, SAMPLE_BYTES);
  const layout = delimitedLayout(name, sample, bytes.length <= SAMPLE_BYTES, options);
  const builders = layout.kinds.map((kind) => columnBuilder(kind, layout.style));
  const { lines, rowCount, brokenRows } = readRows(name, bytes, layout, builders);
  const mark =
    layout.separator === TAB ? 'tabs' : layout.separator === SPACES ? 'blanks' : String.fromCharCode(layout.separator);
  const comma = layout.style.decimal === 0x2c ? ', decimal comma' : '';
  return {
    name,
    format: [layout.separator === 0x2c ? `CSV${comma}` : `text separated by ${mark}${comma}`],
    columns: builders.map((builder, i) => builder.finish(layout.header?.[i] ?? '')),
    rowCount,
    hasHeader: layout.header !== null,
    rowName: (row) => `line ${lines[row]}`,
    brokenRows,
  };
}

function readRows(
  name: string,
  bytes: Buffer,
  { separator, rowsFrom, firstLine, endsEmpty, headerLine }: DelimitedLayout,
  builders: readonly ColumnBuilder[],
): { lines: Uint32Array; rowCount: number; brokenRows: Map<number, string> } {
  const width = builders.length;
  const brokenRows = new Map<number, string>();
  const isSpaced = separator === SPACES;
  let lines = new Uint32Array(4096);
  let row = 0;
  let line = firstLine;
  let at = rowsFrom;
  const length = bytes.length;
  while (at < length) {
    const lineAt = at;
    while (at < length && (bytes[at] === BLANK || (bytes[at] === TAB && separator !== TAB))) at += 1;
    if (at === length) break;
    if (
      bytes[at] === LF ||
      bytes[at] === CR ||
      bytes[at] === HASH ||
      (headerLine !== null && isLine(bytes, lineAt, headerLine))
    ) {
      while (at < length && bytes[at] !== LF && bytes[at] !== CR) at += 1;
      at = afterLineEnd(bytes, at);
      line += 1;
      continue;
    }
    if (!isSpaced) at = lineAt;
    if (row === lines.length) {
      const more = new Uint32Array(lines.length * 2);
      more.set(lines);
      lines = more;
    }
    lines[row] = line;
    let field = 0;
    for (;;) {
      while (at < length && bytes[at] === BLANK) at += 1;
      let start = at;
      if (bytes[at] === QUOTE) {
        const quoted = quotedField(bytes, at + 1);
        if (quoted === null)
          throw new UserError(`${name}: line ${line}: a quote begins here and does not end. Write the file again`);
        for (let i = start; i < quoted.next; i += 1) if (bytes[i] === LF) line += 1;
        if (field < width) builders[field]!.pushText(quoted.text);
        at = quoted.next;
        while (at < length && bytes[at] !== separator && bytes[at] !== LF && bytes[at] !== CR) at += 1;
      } else {
        let byte = -1;
        while (
          at < length &&
          (byte = bytes[at]!) !== separator &&
          byte !== LF &&
          byte !== CR &&
          !(isSpaced && byte === TAB)
        ) {
          at += 1;
        }
        let end = at;
        while (end > start && (bytes[end - 1] === BLANK || bytes[end - 1] === TAB)) end -= 1;
        if (field < width) {
          while (start < end && bytes[start] === TAB) start += 1;
          builders[field]!.pushBytes(bytes, start, end);
        } else if (end > start && !brokenRows.has(row) && brokenRows.size < MOST_BROKEN_KEPT) {
          brokenRows.set(row, `expected ${width} fields, got more`);
        }
      }
      field += 1;
      if (at >= length || bytes[at] === LF || bytes[at] === CR) break;
      at += 1;
      if (isSpaced) {
        while (at < length && (bytes[at] === BLANK || bytes[at] === TAB)) at += 1;
        if (at >= length || bytes[at] === LF || bytes[at] === CR) break;
      }
    }
    if (field < width) {
      if (field < width - 1 || !endsEmpty) brokenRows.set(row, `expected ${width} fields, got ${field}`);
      for (; field < width; field += 1) builders[field]!.pushMissing();
    }
    at = afterLineEnd(bytes, at);
    line += 1;
    row += 1;
  }
  return { lines, rowCount: row, brokenRows };
}

/** Whether the line that begins here is another, but for blanks at its end. */
function isLine(bytes: Buffer, from: number, line: Buffer): boolean {
  if (bytes[from] !== line[0]) return false;
  let end = from + line.length;
  if (bytes.compare(line, 0, line.length, from, Math.min(end, bytes.length)) !== 0) return false;
  while (bytes[end] === BLANK || bytes[end] === TAB) end += 1;
  return end >= bytes.length || bytes[end] === LF || bytes[end] === CR;
}

function afterLineEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
  return at + 1;
}

/** A field in quotes, from behind the first: its text, and what comes behind the last; null where they do not end. */
function quotedField(bytes: Buffer, from: number): { text: string; next: number } | null {
  let text = '';
  let at = from;
  for (;;) {
    const close = bytes.indexOf(QUOTE, at);
    if (close < 0) return null;
    text += bytes.toString('utf8', at, close);
    if (bytes[close + 1] !== QUOTE) return { text: text.trim(), next: close + 1 };
    text += '"';
    at = close + 2;
  }
}
