import { z } from 'zod';
import { REGRESSOR_KINDS } from '../experiment/configuration.ts';
import { type Bounds, type NumericParameterName, PARAMETERS } from '../experiment/parameters.ts';

// What each parameter of a configuration may be. A message is a rule: the value received is added behind it.

/** A year. A larger age is a mistake of units, such as seconds for minutes. */
const MAX_AGE_MINUTES = 525_600;

const AGE_RULE = `expected a whole number of minutes from 1 to ${MAX_AGE_MINUTES}`;

export const ageMinutes = z.int(AGE_RULE).min(1, AGE_RULE).max(MAX_AGE_MINUTES, AGE_RULE);

export const regressorKind = z.enum(REGRESSOR_KINDS, `expected ${REGRESSOR_KINDS.join(' or ')}`);

/** The rule of a parameter that is a number. */
export function ruleOf(name: NumericParameterName): z.ZodNumber {
  const { whole, min, max }: Bounds = PARAMETERS[name].bounds;
  const rule = whole ? wholeNumberFrom(min) : numberFrom(min);
  return max === null ? rule : rule.max(max, `expected a number ≤ ${max}`);
}

export function numberFrom(min: number): z.ZodNumber {
  const rule = `expected a number ≥ ${min}`;
  return z.number(rule).min(min, rule);
}

export function numberWithin(min: number, max: number): z.ZodNumber {
  const rule = `expected a number from ${min} to ${max}`;
  return z.number(rule).min(min, rule).max(max, rule);
}

export function wholeNumberFrom(min: number): z.ZodNumber {
  const rule = `expected a whole number ≥ ${min}`;
  return z.int(rule).min(min, rule);
}

export function wholeNumberWithin(min: number, max: number): z.ZodNumber {
  const rule = `expected a whole number from ${min} to ${max}`;
  return z.int(rule).min(min, rule).max(max, rule);
}
