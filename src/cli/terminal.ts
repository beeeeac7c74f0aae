import { printableLines } from '../report/printable.ts';
import type { Screen } from '../report/text-table.ts';

/** Width when nobody says: a file, a pipe, a terminal that does not know its own. */
const DEFAULT_WIDTH = 100;

/** What stdout can show. `NO_COLOR` and `COLUMNS` are honoured as everywhere. */
export function stdoutScreen(): Screen {
  const columns = Number(process.env.COLUMNS);
  const fromEnvironment = Number.isInteger(columns) && columns >= 20 ? columns : undefined;
  const isTerminal = process.stdout.isTTY === true;
  return {
    width: (isTerminal ? process.stdout.columns : undefined) ?? fromEnvironment ?? DEFAULT_WIDTH,
    color: isTerminal && (process.env.NO_COLOR ?? '') === '',
  };
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** On stderr. What paths and files bring with them is shown, never obeyed by the terminal. */
export function note(text: string): void {
  process.stderr.write(`${printableLines(text.trimEnd())}\n`);
}
