import type { MetricValue } from '../store/metric-columns.ts';
import { UserError } from '../user-error.ts';
import { type ColumnPlaces, type Entry, type Field, fieldNamed, MEMBERS } from './fields.ts';

/** One condition of `--where`: a field, a comparison, a value. */
export type Condition = {
  readonly text: string;
  readonly field: Field;
  /**
   * The condition for one leaderboard. A number equals a value that is it, or, where none is, one that is shown as it:
   * `alpha=0.3162` is 0.316227766017 in a grid that shows it so.
   *
   * @param entries all of them: what is shown depends on what there is
   */
  readonly among: (entries: readonly Entry[], at: ColumnPlaces) => BoundCondition;
};

export type BoundCondition = {
  readonly holds: (entry: Entry) => boolean;
  /** Where it holds for none of the entries: which values there are, in one line. */
  readonly unmet: string | null;
};

/**
 * Reads `kind=huber`, `alpha>=0.01`, `ages=5,15`, `tune.brier<0.22`. A value that is missing (a ridge configuration's
 * epsilon) meets no condition but `!=`.
 *
 * @throws UserError when it is no condition, compares what cannot be compared, or names what can never be
 */
export function parseCondition(given: string): Condition {
  const match = /^\s*([^\s=!<>]+)\s*(>=|<=|!=|=|>|<)\s*(.+?)\s*$/.exec(given);
  const [, name = '', operator = '', value = ''] = match ?? [];
  if (match === null) {
    throw new UserError(`where ${JSON.stringify(given)}: expected FIELD=VALUE, or != < <= > >=, such as alpha>=0.01`);
  }
  const field = fieldNamed(name);
  const text = `${name}${operator}${value}`;
  const test = field.type === 'number' ? numberTest(given, operator, value) : textTest(given, field, operator, value);
  return { text, field, among: (entries, at) => bind(text, field, test, entries, at) };
}

type Test = (
  values: ReadonlySet<MetricValue>,
  textOf: (value: MetricValue) => string,
) => (value: MetricValue) => boolean;

function bind(text: string, field: Field, test: Test, entries: readonly Entry[], at: ColumnPlaces): BoundCondition {
  const values = new Set(entries.map((entry) => field.read(entry, at)));
  const textOf = field.textOf([...values]);
  const holdsFor = test(values, textOf);
  const met = new Set([...values].filter(holdsFor));
  return {
    holds: (entry) => met.has(field.read(entry, at)),
    unmet:
      met.size > 0 || entries.length === 0 ? null : `${text} matches nothing: ${valuesText(field, values, textOf)}`,
  };
}

/** `alpha is 0.0001, 0.001 or 0.3162`; of many numbers the least and the greatest. */
function valuesText(field: Field, values: ReadonlySet<MetricValue>, textOf: (value: MetricValue) => string): string {
  const present = [...values].filter((value) => value !== null);
  if (present.length === 0) return `${field.name} has no value here`;
  const sorted = present.sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : a < b ? -1 : 1));
  const texts = [...new Set(sorted.map(textOf))];
  const separator = texts.some((text) => text.includes(',')) ? '; ' : ', ';
  if (texts.length <= MOST_VALUES) {
    return `${field.name} is ${[texts.slice(0, -1).join(separator), texts.at(-1)].filter((part) => part !== '').join(' or ')}`;
  }
  if (field.type === 'number') return `${field.name} is from ${texts[0]} to ${texts.at(-1)}`;
  return `${field.name} is ${texts.slice(0, MOST_VALUES).join(separator)} or one of ${texts.length - MOST_VALUES} others`;
}

const MOST_VALUES = 12;

function numberTest(given: string, operator: string, value: string): Test {
  const limit = Number(value);
  if (!Number.isFinite(limit)) throw new UserError(`where ${JSON.stringify(given)}: expected a number, got ${value}`);
  return (values, textOf) => {
    const isExact = values.has(limit);
    const equals = (found: number) => found === limit || (!isExact && Number(textOf(found)) === limit);
    const tests: { readonly [operator: string]: (found: number) => boolean } = {
      '=': equals,
      '!=': (found) => !equals(found),
      '<': (found) => found < limit,
      '<=': (found) => found < limit || equals(found),
      '>': (found) => found > limit,
      '>=': (found) => found > limit || equals(found),
    };
    const compare = tests[operator]!;
    return (found) => (typeof found === 'number' ? compare(found) : operator === '!=');
  };
}

function textTest(given: string, field: Field, operator: string, value: string): Test {
  if (operator !== '=' && operator !== '!=') {
    throw new UserError(`where ${JSON.stringify(given)}: expected = or !=, for text has no order here`);
  }
  // `ages=[5, 15]`, as a definition writes it, is `ages=5,15`.
  const wanted = value.replace(/^\[(.*)\]$/, '$1').replaceAll(/,\s+/g, ',');
  const matches = (text: string): boolean => {
    if (field.foundBy === 'member') return text === wanted || text.split(MEMBERS).includes(wanted);
    return field.foundBy === 'beginning' ? text.startsWith(wanted) : text === wanted;
  };
  const equals = (found: string, textOf: (value: MetricValue) => string) => matches(found) || matches(textOf(found));
  const { domain } = field;
  if (domain !== null) {
    const textOf = field.textOf(domain);
    if (!domain.some((text) => equals(text, textOf))) {
      const all = domain.map(textOf).join(', ');
      throw new UserError(`where ${JSON.stringify(given)}: ${field.name} is one of ${all}; got ${value}`);
    }
  }
  return (_, textOf) => (found) => (typeof found === 'string' && equals(found, textOf)) === (operator === '=');
}
