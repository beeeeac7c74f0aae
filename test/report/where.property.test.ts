import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldNamed } from '../../src/report/fields.ts';
import { parseCondition } from '../../src/report/where.ts';
import type { MetricValue } from '../../src/store/metric-columns.ts';
import type { StoredTest } from '../../src/store/ranked-outcomes.ts';
import { randomFrom } from '../support/random.ts';

function meets(found: MetricValue, asked: StoredTest): boolean {
  if (asked.kind === 'not') return !meets(found, asked.test);
  if (typeof found !== 'number') return false;
  if (asked.kind === 'between') return asked.from <= found && found <= asked.to;
  if (asked.kind === 'below') return found < asked.limit;
  return asked.kind === 'above' && found > asked.limit;
}

/** A number whose text is near another one's, or begins another way of being shown. */
function edgeOf(shown: number): number[] {
  const around = [0.5, 1, 1.5, 5].flatMap((part) => [1e-2, 1e-4, 1e-5, 1e-6].map((unit) => part * unit));
  return [shown, ...around.flatMap((by) => [shown - by, shown + by])].flatMap((at) =>
    [-2, -1, 0, 1, 2].map((steps) => at * (1 + steps * 2 ** -52)),
  );
}

for (const name of ['tune_mae', 'tune_auc', 'margin', 'tune.brier', 'duration_ms', 'rank', 'gates']) {
  test(`a condition on ${name} says of each number by itself what it says of all that are listed`, () => {
    const seed = name.length;
    const random = randomFrom(seed);
    const field = fieldNamed(name);
    for (const about of [0, 1, -1, 0.00005, -0.00005, 0.9876, 12.5, 3e-7, 123_456.7, 1e300]) {
      const values: MetricValue[] = [null, ...edgeOf(about)];
      const textOf = field.textOf(values);
      for (let i = 0; i < 60; i += 1) {
        const value = random.pick(values) ?? about;
        const limit = random.pick([String(value), String(Number(textOf(value)))]);
        for (const operator of ['=', '!=', '<', '<=', '>', '>=']) {
          const condition = parseCondition(`${name}${operator}${limit}`);
          // Without the number itself, too: then what is shown as it counts.
          for (const all of [values, values.filter((other) => other !== Number(limit))]) {
            const { met } = condition.amongValues(new Set(all));
            const asked = condition.beyond(all.includes(Number(limit)));
            const differing = all.filter((found) => met.has(found) !== meets(found, asked));
            assert.deepEqual(differing, [], `seed ${seed}: ${condition.text}`);
          }
        }
      }
    }
  });
}
