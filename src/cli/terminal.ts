import { AsyncLocalStorage } from 'node:async_hooks';
import type { Writable } from 'node:stream';
import { printableLines } from '../report/printable.ts';
import type { Screen } from '../report/text-table.ts';

/** Width when nobody says: a file, a pipe, a terminal that does not know its own. */
const DEFAULT_WIDTH = 100;

/** What stdout can show. `NO_COLOR` and `COLUMNS` are honoured as everywhere. */
export function stdoutScreen(): Screen {
  const columns = Number(terminal().env.COLUMNS);
  const fromEnvironment = Number.isInteger(columns) && columns >= 20 ? columns : undefined;
  const isTerminal = process.stdout.isTTY === true;
  return {
    width: (isTerminal ? process.stdout.columns : undefined) ?? fromEnvironment ?? DEFAULT_WIDTH,
    color: isTerminal && (terminal().env.NO_COLOR ?? '') === '',
  };
}

/** Where results go, and all other words, and what is said of it. */
export type Terminal = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const terminals = new AsyncLocalStorage<Terminal>();

/** Runs `work` with another terminal than the process's own. */
export function withTerminal<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  return terminals.run(terminal, work);
}

function terminal(): Terminal {
  return terminals.getStore() ?? process;
}

export function print(text: string): void {
  terminal().stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints a long text as it is made, as far as it is read: `sweep export | head` makes no more than is asked for. */
export async function printAll(chunks: AsyncIterable<string>): Promise<void> {
  const { stdout } = terminal();
  for await (const chunk of chunks) {
    // What has gone wrong is said where the stream is listened to, in main.ts.
    const error = await new Promise((resolve) => stdout.write(chunk, resolve));
    if (error instanceof Error) return;
  }
}

/** On stderr. What paths and files bring with them is shown, never obeyed by the terminal. */
export function note(text: string): void {
  terminal().stderr.write(`${printableLines(text.trimEnd())}\n`);
}
