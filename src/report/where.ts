import { countOf } from '../counts.ts';
import type { MetricValue } from '../store/metric-columns.ts';
import type { StoredTest } from '../store/ranked-outcomes.ts';
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
  /** The same where the entries are in a store: by all the different values that they have. */
  readonly amongValues: (values: ReadonlySet<MetricValue>) => BoundValues;
  /**
   * The same where there are too many different values to be listed: what a value has to be, by itself.
   *
   * @param has whether there is one that is exactly the number of the condition
   */
  readonly beyond: (has: boolean) => StoredTest;
} & (
  | {
      /** What a number is held against. */
      readonly number: number;
      readonly wanted: null;
    }
  | {
      readonly number: null;
      /** What a text is held against. */
      readonly wanted: string;
    }
);

export type BoundCondition = {
  readonly holds: (entry: Entry) => boolean;
  /** Where it holds for none of the entries: which values there are, in one line. */
  readonly unmet: string | null;
};

export type BoundValues = {
  /** Those for which it holds. */
  readonly met: ReadonlySet<MetricValue>;
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
  const amongValues = (values: ReadonlySet<MetricValue>) => boundTo(values, text, field, test);
  return {
    text,
    field,
    amongValues,
    among: (entries, at) => {
      const { met, unmet } = amongValues(new Set(entries.map((entry) => field.read(entry, at))));
      return { holds: (entry) => met.has(field.read(entry, at)), unmet };
    },
    beyond:
      field.type === 'number'
        ? (has) => numberBeyond(operator, Number(value), has, shownAlone(field))
        : () => textBeyond(field, operator, wantedText(value)),
    ...(field.type === 'number'
      ? { number: Number(value), wanted: null }
      : { number: null, wanted: wantedText(value) }),
  };
}

type Test = (
  values: ReadonlySet<MetricValue>,
  textOf: (value: MetricValue) => string,
) => (value: MetricValue) => boolean;

function boundTo(values: ReadonlySet<MetricValue>, text: string, field: Field, test: Test): BoundValues {
  const textOf = field.textOf([...values]);
  const met = new Set([...values].filter(test(values, textOf)));
  const isUnmet = met.size === 0 && values.size > 0;
  return { met, unmet: isUnmet ? `${text} matches nothing: ${valuesText(field, values, textOf)}` : null };
}

/** What `boundTo` says of a condition that some of very many numbers were held against, and none has met. */
export function unmetNumbers(
  { text, field }: Condition,
  { least, greatest }: { readonly least: number; readonly greatest: number },
): string {
  const textOf = shownAlone(field);
  return `${text} matches nothing: ${field.name} is from ${textOf(least)} to ${textOf(greatest)}`;
}

/**
 * The same of one that some of very many texts were held against.
 *
 * @param most how many there are more than
 * @param beside those next to what was wanted
 */
export function unmetTexts({ text, field }: Condition, most: number, beside: readonly string[]): string {
  const next = beside.map(field.textOf(beside));
  const named =
    next.length === 0 ? '' : `, next to it ${next.join(next.some((one) => one.includes(',')) ? '; ' : ', ')}`;
  return `${text} matches nothing: ${field.name} has more than ${countOf(most, 'value')}${named}`;
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

/** How a number is shown whatever others there are; of very many values of a parameter every digit tells two apart. */
function shownAlone(field: Field): (value: MetricValue) => string {
  return field.stored.of === 'parameter' ? String : field.textOf([]);
}

/** As `numberTest` has it. What is shown as a number lies around it: the ends of that are searched. */
function numberBeyond(
  operator: string,
  limit: number,
  has: boolean,
  textOf: (value: MetricValue) => string,
): StoredTest {
  const isShownAs = (value: number) => Number(textOf(value)) === limit;
  // Where numbers begin to be shown in another way, one may be shown otherwise and its neighbour as it: margins at 5e-5.
  const shown = has ? undefined : [limit, limit * (1 - 2 ** -52), limit * (1 + 2 ** -52)].find(isShownAs);
  const from = shown === undefined ? limit : lastTowards(-Infinity, shown, isShownAs);
  const to = shown === undefined ? limit : lastTowards(Infinity, shown, isShownAs);
  const tests: { readonly [operator: string]: StoredTest } = {
    '=': { kind: 'between', from, to },
    '!=': { kind: 'not', test: { kind: 'between', from, to } },
    '<': { kind: 'below', limit },
    '<=': { kind: 'between', from: -Number.MAX_VALUE, to },
    '>': { kind: 'above', limit },
    '>=': { kind: 'between', from, to: Number.MAX_VALUE },
  };
  return tests[operator]!;
}

/** The number furthest from a start for which something holds that holds from there on in one piece. */
function lastTowards(end: number, start: number, holds: (value: number) => boolean): number {
  let step = Math.max(Math.abs(start) * 2 ** -53, Number.MIN_VALUE);
  const sign = end > 0 ? 1 : -1;
  while (Number.isFinite(start + sign * step) && holds(start + sign * step)) step *= 2;
  let [inside, outside] = [start, start + sign * Math.min(step, Number.MAX_VALUE / 2)];
  for (;;) {
    const middle = inside + (outside - inside) / 2;
    if (middle === inside || middle === outside) return inside;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
}

/** `ages=[5, 15]`, as a definition writes it, is `ages=5,15`. */
function wantedText(value: string): string {
  return value.replace(/^\[(.*)\]$/, '$1').replaceAll(/,\s+/g, ',');
}

function textBeyond(field: Field, operator: string, wanted: string): StoredTest {
  const tests: Readonly<Record<Field['foundBy'], StoredTest>> = {
    whole: { kind: 'among', values: [wanted] },
    beginning: { kind: 'beginning', text: wanted },
    member: { kind: 'member', text: wanted, between: MEMBERS },
  };
  const test = tests[field.foundBy];
  return operator === '=' ? test : { kind: 'not', test };
}

function textTest(given: string, field: Field, operator: string, value: string): Test {
  if (operator !== '=' && operator !== '!=') {
    throw new UserError(`where ${JSON.stringify(given)}: expected = or !=, for text has no order here`);
  }
  const wanted = wantedText(value);
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
