import { parserWords, UserError } from '../user-error.ts';
import { readBytes } from './read-bytes.ts';

/** A JSON file's value, unchecked. @throws UserError naming the file when it is missing or not JSON */
export async function readJson(path: string, name: string): Promise<unknown> {
  const bytes = await readBytes(path, name);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UserError(`${name}: is not UTF-8 text`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const value = parsePythonJson(text);
    if (value !== undefined) return value;
    throw new UserError(`${name}: is not JSON (${parserWords(error)})`, { cause: error });
  }
}

/**
 * What Python's json module writes and JSON does not have: NaN, Infinity and −Infinity as words. They become the numbers
 * that they are, and whoever reads the value says whether it may be one. Undefined where the text is no such JSON either.
 */
function parsePythonJson(text: string): unknown {
  // A text with such a word in it is matched as a whole, and so passed over.
  const words = /"(?:[^"\\]|\\.)*"|-?Infinity\b|\bNaN\b/g;
  const marked = text.replace(words, (found) => (found.startsWith('"') ? found : JSON.stringify(`${MARK}${found}`)));
  if (marked === text) return undefined;
  try {
    return JSON.parse(marked, (_, value: unknown) =>
      typeof value === 'string' && value.startsWith(MARK) ? Number(value.slice(MARK.length)) : value,
    );
  } catch {
    // The first error is said, of the text as it is.
    return undefined;
  }
}

/** No name, path or word of a file begins so. */
const MARK = '\u0000number ';

export function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UserError(`${name}: expected a JSON object, got ${describe(value)}`);
  }
  return { ...value };
}

/** A finite number at `object[key]`, at least `minimum`. */
export function numberAt(object: Record<string, unknown>, key: string, name: string, minimum = -Infinity): number {
  const value = object[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < minimum) {
    const rule = minimum === -Infinity ? 'a finite number' : `a number ≥ ${minimum}`;
    throw new UserError(`${name}: ${key}: expected ${rule}, got ${describe(value)}`);
  }
  return value;
}

/** A short text for a value in an error message, on one line. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(outline(value, DESCRIBED_LEVELS)) ?? String(value);
  // JSON leaves the line breaks beyond ASCII as they are, and the control characters that terminals obey.
  const line = text.slice(0, DESCRIBED_LENGTH + 1).replace(/[\x7f-\x9f\u2028\u2029]/g, ' ');
  return line.length > DESCRIBED_LENGTH ? `${line.slice(0, DESCRIBED_LENGTH - 3)}…` : line;
}

const DESCRIBED_LENGTH = 60;
/** A file may nest deeper than the stack that writes it out again. */
const DESCRIBED_LEVELS = 4;

function outline(value: unknown, levels: number): unknown {
  // JSON would show these as null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.slice(0, DESCRIBED_LENGTH).map((item) => outline(item, levels - 1));
  const entries = Object.entries(value).slice(0, DESCRIBED_LENGTH);
  return Object.fromEntries(entries.map(([key, item]) => [key, outline(item, levels - 1)]));
}
