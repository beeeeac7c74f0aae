import { z } from 'zod';
import { REGRESSOR_KINDS } from '../experiment/configuration.ts';

// What each parameter of a configuration may be. A message is a rule: the value received is added behind it.

/** A year. A larger age is a mistake of units, such as seconds for minutes. */
const MAX_AGE_MINUTES = 525_600;

const AGE_RULE = `expected a whole number of minutes from 1 to ${MAX_AGE_MINUTES}`;

export const ageMinutes = z.int(AGE_RULE).min(1, AGE_RULE).max(MAX_AGE_MINUTES, AGE_RULE);

export const regressorKind = z.enum(REGRESSOR_KINDS, `expected ${REGRESSOR_KINDS.join(' or ')}`);

export const huberAlpha = penalty();

/** A million scales: no row is an outlier any more, and the square of a much larger one would overflow. */
export const huberEpsilon = numberFrom(1).max(1e6, 'expected a number ≤ 1000000');

export const huberMaxIter = wholeNumberFrom(1);

export const ridgeAlpha = penalty();

export const regressionTargetClipBps = numberFrom(0);

export const maxRowsPerSplit = wholeNumberFrom(0);

/** Beyond 1e100 nothing is left of the coefficients, and squares may overflow. */
function penalty(): z.ZodNumber {
  return numberFrom(0).max(1e100, 'expected a number ≤ 1e+100');
}

export function numberFrom(min: number): z.ZodNumber {
  const rule = `expected a number ≥ ${min}`;
  return z.number(rule).min(min, rule);
}

export function wholeNumberFrom(min: number): z.ZodNumber {
  const rule = `expected a whole number ≥ ${min}`;
  return z.int(rule).min(min, rule);
}

export function wholeNumberWithin(min: number, max: number): z.ZodNumber {
  const rule = `expected a whole number from ${min} to ${max}`;
  return z.int(rule).min(min, rule).max(max, rule);
}
