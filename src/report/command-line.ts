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
