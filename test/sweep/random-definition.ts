import type { NumericAxis } from '../../src/sweep/axis-values.ts';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.ts';

export type Random = () => number;

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from `from` to `to`, both in. */
export function integer(random: Random, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** A valid definition: each axis left out, a list (often with duplicates) or a form, of at most 5 values. */
export function randomDefinition(random: Random): SweepDefinition {
  const maybe = <T>(make: () => T): T | undefined => (random() < 0.25 ? undefined : make());
  const lengthy = <T>(make: () => T): T[] => Array.from({ length: integer(random, 1, 5) }, make);
  return {
    name: 'random',
    baseline: { dataRoot: 'data', runId: 'run' },
    axes: {
      agesMinutes: maybe(() => lengthy(() => lengthy(() => integer(random, 1, 4)))),
      regressorKind: maybe(() => lengthy(() => (random() < 0.5 ? 'huber' : 'ridge'))),
      huberAlpha: maybe(() => randomAxis(random, 0)),
      huberEpsilon: maybe(() => randomAxis(random, 1)),
      huberMaxIter: maybe(() => lengthy(() => integer(random, 1, 3) * 100)),
      ridgeAlpha: maybe(() => randomAxis(random, 0)),
      regressionTargetClipBps: maybe(() => randomAxis(random, 0)),
      maxRowsPerSplit: maybe(() => lengthy(() => integer(random, 0, 2) * 1000)),
    },
  };
}

/** The same grid spelled differently: axes, values and ages in another order, some of them twice. */
export function respelled(definition: SweepDefinition, random: Random): SweepDefinition {
  const again = <T>(values: readonly T[]): T[] => shuffled([...values, ...values.filter(() => random() < 0.3)], random);
  const axes = Object.entries(definition.axes).map(([name, axis]) => {
    if (!Array.isArray(axis)) return [name, axis];
    const values: unknown[] = again(axis);
    return [name, values.map((value) => (Array.isArray(value) ? again(value) : value))];
  });
  return { ...definition, name: `${definition.name} again`, axes: Object.fromEntries(shuffled(axes, random)) };
}

function randomAxis(random: Random, min: number): NumericAxis {
  const count = integer(random, 1, 5);
  const from = min + integer(random, 0, 30) / 10;
  switch (integer(random, 0, 3)) {
    case 0:
      return { logspace: [integer(random, 0, 4), integer(random, 0, 4), count] };
    case 1:
      return { linspace: [from, min + random() * 3, count] };
    case 2:
      return { range: [from, from + (count - 1) * 0.1, 0.1] };
    default:
      return Array.from({ length: count }, () => min + integer(random, 0, 3) / 2);
  }
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = integer(random, 0, i);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
