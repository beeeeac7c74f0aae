import { UserError } from '../../../user-error.ts';
import { COMMA, type NumberStyle, PLAIN_NUMBERS, POINT } from './number-cell.ts';
import type { DecimalMark } from './reading-options.ts';
import { parseTimeCell } from './time-cell.ts';

const NUMBER_LIKE = /^[+-]?\d[\d.,'\s\u00a0\u202f]*(?:[eE][+-]?\d+)?$/;

/**
 * How a file writes its numbers: one style for all of its columns.
 *
 * A comma is the decimal mark where a cell can be read in no other way (`0,5`, `66228,25`, `1.234,5`), and separates
 * thousands where a cell cannot be read with a decimal comma (`1,234,567`, `1,234.5`) or another has a decimal point.
 * `66,228` by itself may be either.
 *
 * @param columns the first cells of each column
 * @param told the decimal mark, where the user says it
 * @throws UserError where commas may be either
 */
export function numberStyleOf(name: string, columns: readonly (readonly string[])[], told?: DecimalMark): NumberStyle {
  const cells = columns.flat().filter((cell) => NUMBER_LIKE.test(cell) && parseTimeCell(cell) === null);
  const group = groupMark(cells);
  const withComma = cells.filter((cell) => cell.includes(','));
  if (told === 'point') return { decimal: POINT, group: withComma.length > 0 ? COMMA : group };
  if (told === 'comma') return { decimal: COMMA, group: cells.some((cell) => cell.includes('.')) ? POINT : group };
  if (withComma.length === 0) return group === 0 ? PLAIN_NUMBERS : { decimal: POINT, group };
  const isDecimal = withComma.some(hasDecimalComma);
  const isGroup = cells.some((cell) => /,\d{3},|,\d{3}\.\d/.test(cell) || hasDecimalPoint(cell));
  if (isDecimal && !isGroup)
    return { decimal: COMMA, group: cells.some((cell) => /\d\.\d{3}[.,]/.test(cell)) ? POINT : group };
  if (isGroup && !isDecimal) return { decimal: POINT, group: COMMA };
  throw new UserError(
    `${name}: expected numbers with one decimal mark, got ${JSON.stringify(withComma[0])}, whose comma may stand before decimals or thousands. Say --decimal comma or --decimal point`,
  );
}

/** A comma before anything but three digits, behind a 0 or more than three digits, or behind points. */
function hasDecimalComma(cell: string): boolean {
  if ((cell.match(/,/g) ?? []).length !== 1) return false;
  const match = /^[+-]?([\d.'\s\u00a0\u202f]+),(\d*)/.exec(cell);
  if (match === null) return false;
  const [before, after] = [match[1]!, match[2]!];
  return after.length !== 3 || /^0/.test(before) || /^\d{4,}$/.test(before) || /\D/.test(before);
}

/** A point that separates no thousands. */
function hasDecimalPoint(cell: string): boolean {
  const match = /^[+-]?(\d+)\.(\d+)$/.exec(cell);
  return match !== null && (match[2]!.length !== 3 || match[1]!.length > 3 || match[1]!.startsWith('0'));
}

/** Blanks and apostrophes between groups of three digits; 0 where there are none. */
function groupMark(cells: readonly string[]): number {
  for (const cell of cells) {
    const match = /^[+-]?\d{1,3}(['\s\u00a0\u202f])\d{3}(?:\D|$)/.exec(cell);
    if (match !== null) return match[1]!.charCodeAt(0);
  }
  return 0;
}
