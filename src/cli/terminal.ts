import { AsyncLocalStorage } from 'node:async_hooks';
import type { Writable } from 'node:stream';
import { asciiSigns, printableLines } from '../report/printable.ts';
import type { Screen } from '../report/text-table.ts';
import { programName } from './program-name.ts';

/** Width when nobody says: a file, a pipe, a terminal that does not know its own. */
const DEFAULT_WIDTH = 100;

type Environment = Readonly<Record<string, string | undefined>>;

/** What stdout can show. `NO_COLOR`, `COLUMNS`, `TERM=dumb` and the locale are honoured as everywhere. */
export function stdoutScreen(): Screen {
  const { isTTY, columns } = process.stdout;
  return screenOf({ isTerminal: isTTY === true, columns }, terminal().env, programName());
}

/** @param stream its own width, where it is a terminal that knows it */
export function screenOf(
  stream: { readonly isTerminal: boolean; readonly columns: number | undefined },
  env: Environment,
  program: string,
): Screen {
  const columns = Number(env.COLUMNS);
  const fromEnvironment = Number.isInteger(columns) && columns >= 20 ? columns : undefined;
  // A terminal that was never told its size (of a container, of `script`) says 0.
  const own = stream.isTerminal && stream.columns !== 0 ? stream.columns : undefined;
  return {
    width: own ?? fromEnvironment ?? DEFAULT_WIDTH,
    color: stream.isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    ascii: !showsUnicode(env),
    program,
  };
}

/** Whether the locale has more than ASCII. One that says nothing is taken for one that has: most of today's do. */
export function showsUnicode(env: Environment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** Where results go, and all other words, and what is said of it. */
export type Terminal = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Environment;
};

const terminals = new AsyncLocalStorage<Terminal>();

/** Runs `work` with another terminal than the process's own. */
export function withTerminal<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  return terminals.run(terminal, work);
}

function terminal(): Terminal {
  return terminals.getStore() ?? process;
}

/** The environment of who started the program. */
export function environment(): Environment {
  return terminal().env;
}

export function print(text: string): void {
  const shown = text.endsWith('\n') ? text : `${text}\n`;
  terminal().stdout.write(showsUnicode(terminal().env) ? shown : asciiSigns(shown));
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
  const shown = printableLines(text.trimEnd());
  terminal().stderr.write(`${showsUnicode(terminal().env) ? shown : asciiSigns(shown)}\n`);
}
