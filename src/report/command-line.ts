import { printable } from './printable.ts';

/** A command line that a shell reads as these words; what a terminal would obey is shown as an escape. */
export function commandLine(program: string, words: readonly string[]): string {
  return [program, ...words.map((word) => shellWord(printable(word)))].join(' ');
}

/** Quoted where a shell would read it otherwise. */
export function shellWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const PLAIN_WORD = /^[\w./:=,@%+-]+$/;
