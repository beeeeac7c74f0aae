import { shellWord } from '../shell-word.ts';
import { printable } from './printable.ts';
import type { Screen } from './text-table.ts';

/** A command line that a shell reads as these words; what a terminal would obey is shown as an escape. */
export function commandLine(program: string, words: readonly string[]): string {
  return [program, ...words.map((word) => shellWord(printable(word)))].join(' ');
}

/** A command for whoever reads a screen: the same store, the program as it is called there. */
export function hintedCommand({ program = 'sweep', store = [] }: Partial<Screen>, words: readonly string[]): string {
  return commandLine(program, [...words, ...store]);
}

/** What puts a first sweep into a store that has none. */
export function firstRunCommand({ program = 'sweep', store = [] }: Partial<Screen>): string {
  const [, place = ''] = store;
  return commandLine(program, ['run', 'FILE', ...(/^postgres(ql)?:/.test(place) ? ['--engine', place] : store)]);
}

/**
 * A message as whoever reads it can follow it. What is thrown knows neither how the program was called nor which store was
 * named, and quotes a command as `sweep report`: here it begins as the program does, and those that read a store name it.
 */
export function quotedCommands(message: string, { program = 'sweep', store = [] }: Partial<Screen>): string {
  const sameStore = store.map((word) => ` ${shellWord(printable(word))}`).join('');
  return message
    .replace(QUOTED, (quoted, words: string) => (words.includes(' --db ') ? quoted : `\`sweep ${words}${sameStore}\``))
    .replaceAll('`sweep ', () => `\`${program} `);
}

/** Commands about what is stored. */
const QUOTED =
  /`sweep ((?:report|serve|list|show|trust|compare|reproduce|unseal|history|note|rm|export|doctor)(?: [^`]*)?)`/g;
