import { UserError } from '../../src/user-error.ts';

/**
 * What may become of a hostile input. Everything else that is thrown is wrong. `panicked`: refused, too, by a
 * WebAssembly reader that has stopped in the middle. The program has one chance with it; this process may go on when it
 * still reads what is sound.
 */
export type Outcome = 'accepted' | 'refused' | 'panicked';

/** The program took an input and made something of it that cannot be. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/**
 * Runs a reader on a hostile input.
 *
 * @param named what a refusal has to name: the file, the column, the option
 * @throws WrongResult when the refusal is not one short line that names the thing
 * @throws whatever the reader threw, when it is no UserError: a bug
 */
export async function outcomeOf(named: RegExp, read: () => Promise<void>, mostLines = 1): Promise<Outcome> {
  try {
    await read();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = error.message.split(/[\r\n\u2028\u2029]/);
    const shown = JSON.stringify(error.message.slice(0, 200));
    if (lines.length > mostLines) throw new WrongResult(`a refusal of ${lines.length} lines: ${shown}`);
    if (!lines.every((line) => named.test(line))) throw new WrongResult(`a refusal that does not name it: ${shown}`);
    if (error.message.length > LONGEST * lines.length) {
      throw new WrongResult(`a refusal of ${error.message.length} characters: ${shown}`);
    }
    return error.cause instanceof WebAssembly.RuntimeError ? 'panicked' : 'refused';
  }
}

/** A path, a rule, a value that is cut short, a remedy. */
const LONGEST = 1200;

/** Throws unless every number within, at any depth, is finite. */
export function checkFinite(value: unknown, where: string): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new WrongResult(`${where} is ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) checkFinite(item, `${where}.${key}`);
  }
}

export function check(isRight: boolean, what: string): void {
  if (!isRight) throw new WrongResult(what);
}
