/** Quoted where a shell would read it otherwise. */
export function shellWord(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const PLAIN_WORD = /^[\w./:=,@%+-]+$/;
