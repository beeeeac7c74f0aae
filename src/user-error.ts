/**
 * A mistake that the user can mend: bad input, a missing file, a wrong option. Its message is one line that names the
 * thing, the rule, the value received and the remedy; `cli` prints it without a stack and exits with 2. Everything
 * else that is thrown is a bug of ours and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /** @param message several problems are a line each; line ends within one, which a quoted name may have, are shown as such */
  constructor(message: string | readonly string[], options?: ErrorOptions) {
    super(typeof message === 'string' ? oneLine(message) : message.map(oneLine).join('\n'), options);
  }
}

function oneLine(text: string): string {
  return text.replace(/[\n\r\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What a parser says of a text, on one line: it quotes what it stopped at, line ends and all. */
export function parserWords(thrown: unknown): string {
  return messageOf(thrown)
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
}
