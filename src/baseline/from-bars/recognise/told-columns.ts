import { UserError } from '../../../user-error.ts';
import type { ReadingOptions } from '../readers/reading-options.ts';
import type { SourceTable } from '../readers/source-table.ts';
import { columnsFound } from './find-time.ts';
import { BAR_ROLES, type BarRole, REQUIRED_ROLES } from './roles.ts';

/**
 * The columns that the user gave a role, by name or by number from 1; two joined by + for a date and a time of day. Null
 * where no column is to play a role.
 *
 * @throws UserError for a column that the table has not, or has twice
 */
export function toldColumns(table: SourceTable, options: ReadingOptions): Map<BarRole, readonly number[] | null> {
  const told = new Map<BarRole, readonly number[] | null>();
  for (const role of BAR_ROLES) {
    const text = options.columns?.[role];
    if (text === undefined) continue;
    if (text === null) {
      if (REQUIRED_ROLES.some((required) => required === role))
        throw new UserError(`--columns: ${role} is needed, got none`);
      told.set(role, null);
    } else told.set(role, columnsOf(table, role, text));
  }
  return told;
}

function columnsOf(table: SourceTable, role: BarRole, text: string): number[] {
  const whole = columnOf(table, role, text);
  if (whole !== null) return [whole];
  const parts =
    role === 'time' && text.includes('+') ? text.split('+').map((part) => columnOf(table, role, part.trim())) : [null];
  if (parts.length === 2 && parts.every((part) => part !== null)) return parts;
  throw new UserError(
    `${table.name}: --columns ${role}=${text}: expected a column's name or number, found ${columnsFound(table)}`,
  );
}

function columnOf(table: SourceTable, role: BarRole, text: string): number | null {
  const names = table.columns.map(({ name }) => name.trim());
  for (const isSame of [(name: string) => name === text, (name: string) => name.toLowerCase() === text.toLowerCase()]) {
    const found = names.flatMap((name, i) => (table.hasHeader && isSame(name) ? [i] : []));
    if (found.length > 1)
      throw new UserError(
        `${table.name}: --columns ${role}=${text}: expected one such column, got ${found.length}. Give its number`,
      );
    if (found.length === 1) return found[0]!;
  }
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= table.columns.length ? number - 1 : null;
}
