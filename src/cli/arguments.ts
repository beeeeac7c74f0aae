import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { ageMinutes } from '../sweep/parameter-rules.ts';
import { show } from '../sweep/problems.ts';

/** A commander parser for a number that has to satisfy a parameter's rule. Text that is no number is not one. */
export function numberBy(rule: z.ZodType<number>): (text: string) => number {
  return (text) => {
    const value = /^\s*$/.test(text) ? Number.NaN : Number(text);
    const result = rule.safeParse(value);
    if (result.success) return result.data;
    throw new InvalidArgumentError(`${result.error.issues[0]?.message ?? 'invalid'}, got ${show(text)}.`);
  };
}

/** A commander parser for an option that may be given again. */
export function collect(text: string, before: readonly string[] = []): string[] {
  if (text === '') throw new InvalidArgumentError('expected a value, got an empty text');
  return [...before, text];
}

/** Ages as the seed takes them: whole minutes separated by commas, in any order, duplicates allowed. */
export function parseAges(text: string): number[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new InvalidArgumentError(`expected ages in minutes such as 3,5,10, got ${show(text)}.`);
  const ages = items.map(numberBy(ageMinutes));
  return [...new Set(ages)].sort((a, b) => a - b);
}
