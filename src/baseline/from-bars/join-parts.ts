import { UserError } from '../../user-error.ts';
import { BAR_COLUMNS, type BarColumn, type BarPart } from './bar-columns.ts';

/**
 * The parts of one symbol as one, in the order given.
 *
 * @throws UserError where one part has a column that another has not: its rows would say that nothing was traded
 */
export function joinParts(symbol: string, parts: readonly BarPart[]): BarPart {
  const filled = parts.filter(({ rowCount }) => rowCount > 0);
  const [first] = filled;
  if (first === undefined || filled.length === 1) return first ?? parts[0]!;
  requireAlike(symbol, filled);
  const starts: number[] = [];
  let rowCount = 0;
  for (const part of filled) {
    starts.push(rowCount);
    rowCount += part.rowCount;
  }
  const columns = new Map<BarColumn, Float64Array>();
  for (const name of first.columns.keys()) {
    const joined = new Float64Array(rowCount);
    for (const [i, part] of filled.entries()) joined.set(part.columns.get(name)!, starts[i]!);
    columns.set(name, joined);
  }
  return {
    rowCount,
    columns,
    rowName: (row) => {
      const i = starts.findLastIndex((start) => start <= row);
      return filled[i]!.rowName(row - starts[i]!);
    },
  };
}

function requireAlike(symbol: string, parts: readonly BarPart[]): void {
  const [first] = parts;
  for (const part of parts) {
    for (const name of BAR_COLUMNS) {
      if (part.columns.has(name) === first!.columns.has(name)) continue;
      const [having, lacking] = part.columns.has(name) ? [part, first!] : [first!, part];
      const fileOf = ({ rowName }: BarPart): string => rowName(0).replace(/: [^:]*$/, '');
      const role = name.replace(/_ms$/, '');
      throw new UserError(
        `${symbol}: its files need the same columns: ${fileOf(having)} has ${role}, ${fileOf(lacking)} has not. Give files alike, or say --columns ${role}=none`,
      );
    }
  }
}

/** @throws UserError where two rows of one time differ in a column */
export function requireEqualRows({ columns, rowName }: BarPart, before: number, row: number): void {
  for (const [name, values] of columns) {
    if (Object.is(values[before], values[row])) continue;
    const time = new Date(columns.get('open_time_ms')![row]!).toISOString();
    throw new UserError(
      `${rowName(row)}: one bar a minute, got a second one for ${time} that differs from ${otherRow(rowName(before), rowName(row))} in ${name} ` +
        `(${values[before]}, ${values[row]}). Keep one of them`,
    );
  }
}

/** A row as another's error names it: without the file's name where that is the same. */
function otherRow(other: string, row: string): string {
  const file = row.slice(0, row.lastIndexOf(': ') + 2);
  return other.startsWith(file) ? other.slice(file.length) : other;
}
