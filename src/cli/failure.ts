import { CommanderError } from 'commander';
import { UnfitHost } from '../unfit-host.ts';
import { messageOf, UserError } from '../user-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { asCalled } from './program-name.ts';
import { note } from './terminal.ts';

/**
 * Prints what was thrown, wherever it came from, and returns the exit code for it.
 *
 * @param store what says which store the command was about, where it is not the one that commands read by themselves
 */
export function reportFailure(error: unknown, store: readonly string[] = []): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its own message; help and version are not mistakes.
    return error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  }
  if (error instanceof UnfitHost) {
    note(`sweep: ${asCalled(error.message, store)}`);
    return EXIT.unfit;
  }
  const sentence = error instanceof UserError ? error.message : limitOf(error);
  if (sentence !== undefined) {
    note(`sweep: ${asCalled(sentence, store)}`);
    return EXIT.mistake;
  }
  note(`sweep: a bug in this program, please report it:\n${describeBug(error)}`);
  return EXIT.bug;
}

/**
 * What this process may not have, and how it can get it: such an error comes from wherever a limit happens to be reached,
 * in a package or a thread as well as here, and is nobody's bug. By the error's own words, since each place has others.
 */
const LIMITS: readonly (readonly [RegExp, string])[] = [
  [
    /\bERR_ACCESS_DENIED\b/,
    'Node keeps files or threads from this program (--permission). Start it without, or allow them (NODE_OPTIONS)',
  ],
  [
    /\bE[MN]FILE\b|\btoo many open files\b/i,
    'no more files can be opened. Raise the limit on open files (ulimit -n 1024)',
  ],
  [
    /\bERR_WORKER_INIT_FAILED\b|\bEAGAIN\b/,
    'a thread cannot be started. Raise the limits on threads, processes and memory (ulimit -u, ulimit -v; pids.max of a container), or give fewer --threads',
  ],
  [
    /\bENOMEM\b|\bERR_WORKER_OUT_OF_MEMORY\b|out of memory|could not allocate memory|cannot allocate|allocation failed/i,
    'no more memory is given. Close other programs, raise the limit (ulimit -v; memory.max of a container), give fewer --threads, or cap datasets with maxRowsPerSplit',
  ],
];

function limitOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Of an engine's or the system's making: those that have a code, what the engine throws for sizes, and what its loader of
  // modules says in the system's words alone.
  const code = 'code' in error ? String(error.code) : '';
  const isOfSystem = code !== '' || error instanceof RangeError || /: too many open files\b/i.test(error.message);
  const words = isOfSystem ? `${code} ${error.message}` : '';
  const found = LIMITS.find(([pattern]) => pattern.test(words));
  return found === undefined ? limitOf(error.cause) : `${found[1]} (${messageOf(error)})`;
}

function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describeBug(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
