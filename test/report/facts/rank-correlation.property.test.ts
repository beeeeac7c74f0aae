import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankCorrelation } from '../../../src/report/facts/rank-correlation.ts';
import { forEachSeed } from '../../support/random.ts';

/** The rank of each value counted from its definition: values below it, and half of those that equal it. */
function slowRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function slowCorrelation(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(x), mean(y)];
  const product = x.reduce((sum, value, i) => sum + (value - a) * (y[i]! - b), 0);
  const square = (values: readonly number[], m: number) => values.reduce((sum, value) => sum + (value - m) ** 2, 0);
  return product / Math.sqrt(square(x, a) * square(y, b));
}

test('rank correlation is the correlation of ranks, equal values sharing theirs, missing ones left out', () => {
  forEachSeed(50, (random) => {
    const n = random.integer(4, 60);
    const levels = random.pick([5, 1000]);
    const x = Array.from({ length: n }, () => random.integer(1, levels));
    const y = x.map((value) => value + random.integer(1, levels));
    x[0] = 0;
    y[0] = -1;
    const missing = new Set([1 + random.integer(0, n - 2)]);
    const kept = [...x.keys()].filter((i) => !missing.has(i));
    const expected = slowCorrelation(slowRanks(kept.map((i) => x[i]!)), slowRanks(kept.map((i) => y[i]!)));
    const holed = Float64Array.from(y, (value, i) => (missing.has(i) ? Number.NaN : value));
    const found = rankCorrelation(Float64Array.from(x), holed);
    assert.ok(Math.abs(found! - expected) < 1e-12, `${found}, expected ${expected}`);
    const among = rankCorrelation(Float64Array.from(x), Float64Array.from(y), kept);
    assert.equal(among, found);
  });
});

test('nothing is said of two pairs, or where one of both is always the same', () => {
  assert.equal(rankCorrelation(Float64Array.of(1, 2), Float64Array.of(1, 2)), null);
  assert.equal(rankCorrelation(Float64Array.of(1, 2, 3), Float64Array.of(5, 5, 5)), null);
  assert.equal(rankCorrelation(Float64Array.of(1, 2, 3), Float64Array.of(3, 2, 1)), -1);
});
