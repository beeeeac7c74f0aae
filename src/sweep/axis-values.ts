import { powerOfTen } from '../numerics/elementary/power-of-ten.ts';

/** A numeric axis as a definition writes it: its values, or how to make them. */
export type NumericAxis =
  | readonly number[]
  | { readonly logspace: readonly [fromPower: number, toPower: number, count: number] }
  | { readonly linspace: readonly [from: number, to: number, count: number] }
  | { readonly range: readonly [from: number, to: number, step: number] };

/** More values than this on one axis are a typing mistake; it bounds what a definition can make us allocate. */
export const MAX_AXIS_VALUES = 100_000;

/**
 * The values of a numeric axis, ascending, without duplicates, -0 as 0. Values that are made, not written, carry at
 * most 12 significant digits: 1.2, not 1.2000000000000002. So they read as a person expects, and an id made of them
 * depends on no last bit.
 *
 * - a list: its values as written
 * - `logspace: [a, b, count]`: 10^p, p = a … b in `count` even steps, both ends in; whole powers are exact
 * - `linspace: [a, b, count]`: a … b in `count` even steps, both ends in, the ends exact
 * - `range: [a, b, step]`: a, a + step, … up to b, which is in when a whole number of steps reaches it
 *
 * A count of 1 gives the first end. Expects what the schema of `definition.ts` has accepted.
 */
export function axisValues(axis: NumericAxis): number[] {
  return uniqueAscending(valuesInOrder(axis));
}

/** Ascending, without duplicates, -0 as 0. */
export function uniqueAscending(values: readonly number[]): number[] {
  // A Set holds -0 as 0.
  return [...new Set(values)].sort((a, b) => a - b);
}

/** How many values `range: [from, to, step]` has. A hair of tolerance lets 0.1 + 0.1 + 0.1 reach 0.3. */
export function rangeCount(from: number, to: number, step: number): number {
  return Math.floor((to - from) / step + STEP_TOLERANCE) + 1;
}

function valuesInOrder(axis: NumericAxis): readonly number[] {
  if ('logspace' in axis) return evenSteps(...axis.logspace).map(tidyPowerOfTen);
  if ('linspace' in axis) {
    const [from, to] = axis.linspace;
    return evenSteps(...axis.linspace).map((value) => (value === from || value === to ? value : tidy(value)));
  }
  if ('range' in axis) return range(...axis.range);
  return axis;
}

function evenSteps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return from;
    if (i === count - 1) return to;
    // One division of a sum: exact wherever the true value is a whole number, as the powers of a logspace often are.
    return (from * (count - 1 - i) + to * i) / (count - 1);
  });
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: rangeCount(from, to, step) }, (_, i) => {
    if (i === 0) return from;
    const value = tidy(from + i * step);
    return Math.abs(to - value) <= STEP_TOLERANCE * step ? to : value;
  });
}

function tidyPowerOfTen(power: number): number {
  const tidied = tidy(power);
  return Number.isInteger(tidied) ? powerOfTen(tidied) : tidy(powerOfTen(power));
}

function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

const SIGNIFICANT_DIGITS = 12;
const STEP_TOLERANCE = 1e-9;
