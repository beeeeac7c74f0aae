import { UserError } from '../../../user-error.ts';

/** A line of bars has some hundred. A line of nothing but commas would take the parser twenty times its size. */
const LONGEST_LINE_BYTES = 2 ** 20;

/** Lines end with \n, or \r alone. @throws UserError for a line that is none of bars */
export function requireLines(name: string, bytes: Buffer): void {
  const ends = [0x0a, 0x0d].map((byte) => ({ byte, at: -1 }));
  let lineFrom = 0;
  for (let line = 1; bytes.length - lineFrom > LONGEST_LINE_BYTES; line += 1) {
    let lineEnd = bytes.length;
    for (const end of ends) {
      // Each byte is searched once, however many lines the other one ends.
      if (end.at < lineFrom) end.at = endOrLength(bytes.indexOf(end.byte, lineFrom), bytes);
      lineEnd = Math.min(lineEnd, end.at);
    }
    if (lineEnd - lineFrom > LONGEST_LINE_BYTES) {
      throw new UserError(
        `${name}: line ${line}: expected at most ${LONGEST_LINE_BYTES} bytes, got ${lineEnd - lineFrom}. Is this a file of bars?`,
      );
    }
    lineFrom = lineEnd + 1;
  }
}

function endOrLength(at: number, bytes: Buffer): number {
  return at < 0 ? bytes.length : at;
}
