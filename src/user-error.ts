/**
 * A mistake that the user can mend: bad input, a missing file, a wrong option. Its message is one line that names the
 * thing, the rule, the value received and the remedy; `cli` prints it without a stack and exits with 2. Everything
 * else that is thrown is a bug of ours and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
