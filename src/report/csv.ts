import { printable } from './printable.ts';

export type CsvValue = string | number | boolean | null;

/**
 * One line of CSV (RFC 4180, but with \n): text in quotes where it needs them, an empty field for what is missing.
 *
 * Text that a spreadsheet would take for a formula (it begins with = + - @) gets an apostrophe in front, so that a name
 * from elsewhere cannot run anything on the desk of whoever opens the file; what a terminal would obey, line ends too, is
 * written as an escape. Numbers are left as they are.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

function csvField(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const shown = printable(value);
  const text = /^[=+\-@]/.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
