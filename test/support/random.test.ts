import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forEachSeed, randomFrom } from './random.ts';

const COUNT = 20_000;

function draws<T>(draw: () => T): T[] {
  return Array.from({ length: COUNT }, draw);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the random numbers that other tests stand on', () => {
  test('one seed gives the same numbers again, another seed others', () => {
    const numbers = (seed: number) => {
      const random = randomFrom(seed);
      return Array.from({ length: 20 }, () => random.uniform());
    };
    assert.deepEqual(numbers(7), numbers(7));
    assert.equal(new Set([...numbers(7), ...numbers(8)]).size, 40);
  });

  test('uniform numbers fill [0, 1), normal ones have mean 0 and variance 1', () => {
    const random = randomFrom(1);
    const uniform = draws(random.uniform);
    assert.ok(uniform.every((u) => u >= 0 && u < 1));
    assert.ok(Math.min(...uniform) < 0.001 && Math.max(...uniform) > 0.999);
    const normal = draws(random.normal);
    // Five standard errors of a mean and of a variance over COUNT draws.
    assert.ok(Math.abs(mean(normal)) < 5 / Math.sqrt(COUNT));
    assert.ok(Math.abs(mean(normal.map((z) => z * z)) - 1) < 5 * Math.sqrt(2 / COUNT));
    assert.ok(Math.max(...normal) > 3 && Math.min(...normal) < -3);
  });

  test('integers reach both ends, a chance is met as often as it says', () => {
    const random = randomFrom(2);
    assert.deepEqual([...new Set(draws(() => random.integer(-1, 2)))].sort(), [-1, 0, 1, 2].sort());
    assert.ok(Math.abs(mean(draws(() => (random.chance(0.2) ? 1 : 0))) - 0.2) < 0.02);
  });

  test('a permutation holds every number once, and permutations differ', () => {
    const random = randomFrom(3);
    const first = random.permutation(50);
    assert.deepEqual(
      first.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    assert.notDeepEqual(first, random.permutation(50));
  });

  test('a property that fails for one seed names that seed', () => {
    const fails = () => forEachSeed(5, (_, seed) => assert.notEqual(seed, 4, 'four'));
    assert.throws(fails, { message: 'seed 4: four' });
  });
});
