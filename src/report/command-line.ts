import { shellWord } from '../shell-word.ts';
import { printable } from './printable.ts';

/** A command line that a shell reads as these words; what a terminal would obey is shown as an escape. */
export function commandLine(program: string, words: readonly string[]): string {
  return [program, ...words.map((word) => shellWord(printable(word)))].join(' ');
}
