import assert from 'node:assert/strict';
import { UserError } from '../../src/user-error.ts';

/** For `assert.throws` and `assert.rejects`: a user's mistake, told in one line that matches. */
export function userError(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof UserError, error instanceof Error ? error.stack : String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'), `more than one line: ${error.message}`);
    return true;
  };
}
