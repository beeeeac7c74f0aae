import { UserError } from '../user-error.ts';
import { type ColumnPlaces, type Field, fieldNamed, type Outcome } from './fields.ts';

/** One condition of `--where`: a field, a comparison, a value. */
export type Condition = {
  readonly text: string;
  readonly field: Field;
  readonly holds: (outcome: Outcome, at: ColumnPlaces) => boolean;
};

/**
 * Reads `kind=huber`, `alpha>=0.01`, `ages=5,15`, `tune.brier<0.22`. A value that is missing (a ridge configuration's
 * epsilon) meets no condition but `!=`.
 *
 * @throws UserError when it is no condition, or compares what cannot be compared
 */
export function parseCondition(text: string): Condition {
  const match = /^\s*([^\s=!<>]+)\s*(>=|<=|!=|=|>|<)\s*(.+?)\s*$/.exec(text);
  const [, name = '', operator = '', value = ''] = match ?? [];
  if (match === null) {
    throw new UserError(`where ${JSON.stringify(text)}: expected FIELD=VALUE, or != < <= > >=, such as alpha>=0.01`);
  }
  const field = fieldNamed(name);
  const compare = field.type === 'number' ? compareNumber(text, operator, value) : compareText(text, operator, value);
  return { text: `${name}${operator}${value}`, field, holds: (outcome, at) => compare(field.valueOf(outcome, at)) };
}

type Test = (value: number | string | null) => boolean;

function compareNumber(text: string, operator: string, value: string): Test {
  const limit = Number(value);
  if (!Number.isFinite(limit)) throw new UserError(`where ${JSON.stringify(text)}: expected a number, got ${value}`);
  const compare = NUMBER_TESTS[operator]!;
  return (found) => (typeof found === 'number' ? compare(found, limit) : operator === '!=');
}

const NUMBER_TESTS: { readonly [operator: string]: (a: number, b: number) => boolean } = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compareText(text: string, operator: string, value: string): Test {
  if (operator !== '=' && operator !== '!=') {
    throw new UserError(`where ${JSON.stringify(text)}: expected = or !=, for text has no order here`);
  }
  // `ages=[5, 15]`, as a definition writes it, is `ages=5,15`.
  const wanted = value.replace(/^\[(.*)\]$/, '$1').replaceAll(/,\s+/g, ',');
  return (found) => (found === wanted) === (operator === '=');
}
