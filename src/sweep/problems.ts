import { z } from 'zod';
import { countOf } from '../counts.ts';
import { UserError } from '../user-error.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * The value, parsed by a schema whose messages are rules (`expected a number ≥ 0`).
 *
 * @param source what the value was read from; every line of the error begins with it
 * @throws UserError with one line for each of the first problems: `source: path: rule, got value`
 */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = [...new Set(result.error.issues.flatMap((issue) => describeIssue(issue, [])))];
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `${source}: ${problem}`);
  if (problems.length > MAX_PROBLEMS)
    lines.push(`${source}: and ${countOf(problems.length - MAX_PROBLEMS, 'more problem')}`);
  throw new UserError(lines);
}

/** A mapping with these keys and no others. `rule` says what is expected where there is no mapping at all. */
export function mapping<S extends z.core.$ZodLooseShape>(rule: string, shape: S) {
  // `$schema` is for editors, not a key to advise.
  const known = Object.keys(shape).filter((key) => !key.startsWith('$'));
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : rule),
  });
}

/** A received value in a message: like JSON, cut short, with nothing in it that could steer a terminal. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = outline(value, MAX_SHOWN_DEPTH);
  const safe = text.replace(/[\p{C}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return safe.length <= MAX_SHOWN_LENGTH ? safe : `${safe.slice(0, MAX_SHOWN_LENGTH)}…`;
}

function describeIssue(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[]): string[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose problems all lie inside the value: the others differ from its root on.
    const meant = issue.errors.find((branch) => branch.length > 0 && branch.every((inner) => inner.path.length > 0));
    if (meant !== undefined) return meant.flatMap((inner) => describeIssue(inner, path));
  }
  const where = path.length === 0 ? '' : `${showPath(path)}: `;
  if (issue.code === 'unrecognized_keys') return issue.message.split('\n').map((line) => `${where}${line}`);
  return [`${where}${issue.message}, got ${show(issue.input)}`];
}

/** `axes.huberAlpha[2]` */
function showPath(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('');
}

/** One line for each key. */
function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const lines = keys.map((key) => {
    const meant = didYouMean(key, known);
    return `unknown key ${show(key)}, ${meant === null ? `expected one of ${known.join(', ')}` : `did you mean ${meant}?`}`;
  });
  return lines.join('\n');
}

// JSON.stringify shows NaN as null, would write out a megabyte to be cut, and throws on a value that holds itself, as a
// YAML alias may.
function outline(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_SHOWN_LENGTH));
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  if (depth === 0) return isList ? '[…]' : '{…}';
  const entries = Object.entries(value).slice(0, MAX_SHOWN_LENGTH);
  const parts = entries.map(([key, item]) => `${isList ? '' : `${key}: `}${outline(item, depth - 1)}`);
  return isList ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
}

const MAX_PROBLEMS = 8;
const MAX_SHOWN_LENGTH = 60;
const MAX_SHOWN_DEPTH = 3;
