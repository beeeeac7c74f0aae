import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSameBits } from '../../support/closeness.ts';
import { forEachSeed, type Random, randomFrom } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { type CertifiedFit, type HuberRequest, Regressions } from '../../support/regression.ts';

/** A grid as a sweep has it, with the odd corners: waypoints themselves, limits that bind, clips. */
function randomGrid(random: Random): HuberRequest[] {
  return Array.from({ length: 12 }, () => ({
    alpha: random.pick([0, 0.001, 0.001, 0.1, 20]),
    epsilon: random.pick([1, 1.01, 1.1, 1.35, 1.35 * 1.1, 1.5, 2.2, 4, 9]),
    clipBps: random.pick([0, 0, 4]),
    maxIterations: random.pick([1000, 1000, 3]),
  }));
}

function assertSameFit(got: CertifiedFit, expected: CertifiedFit, what: string): void {
  assert.equal(got.status, expected.status, what);
  assert.equal(got.iterations, expected.iterations, what);
  assertSameBits([got.scale, ...got.coef], [expected.scale, ...expected.coef], what);
  assertSameBits([got.certificate.objective], [expected.certificate.objective], what);
}

describe('a Huber fit depends on its own settings alone', () => {
  test('bit for bit the same on a fresh path, and after any others in any order', () => {
    const seen = new Set<string>();
    forEachSeed(12, (random) => {
      const data = randomProblem(random, randomShape(random));
      const grid = randomGrid(random);
      const alone = grid.map((request) => new Regressions(data).huber(request));
      for (const fit of alone) seen.add(fit.status);
      const shared = new Regressions(data);
      for (const i of [...random.permutation(grid.length), ...random.permutation(grid.length)]) {
        assertSameFit(shared.huber(grid[i]!), alone[i]!, JSON.stringify(grid[i]));
      }
    });
    assert.ok(seen.has('converged') && seen.has('max-iterations'), [...seen].join());
  });

  test('bit for bit the same together with any others, in any order', () => {
    forEachSeed(12, (random) => {
      const data = randomProblem(random, randomShape(random));
      const grid = randomGrid(random);
      const alone = grid.map((request) => new Regressions(data).huber(request));
      const order = random.permutation(grid.length);
      const requests = order.map((i) => {
        const { alpha, epsilon, clipBps = 0, maxIterations = 1000 } = grid[i]!;
        return { regressor: { kind: 'huber', alpha, epsilon, maxIter: maxIterations }, clipBps } as const;
      });
      new Regressions(data).fit(requests).forEach((fit, k) => {
        assertSameFit(fit, alone[order[k]!]!, JSON.stringify(grid[order[k]!]));
      });
    });
  });

  test('also where more stops are wanted than are kept', () => {
    const random = randomFrom(7);
    const data = randomProblem(random, { ...randomShape(random), nSamples: 150 });
    const grid = Array.from({ length: 90 }, (_, i) => ({
      regressor: { kind: 'huber', alpha: random.pick([0.001, 0.3]), epsilon: 1.05 + i / 25, maxIter: 1000 } as const,
      clipBps: random.pick([0, 3, 6]),
    }));
    const order = random.permutation(grid.length);
    new Regressions(data).fit(order.map((i) => grid[i]!)).forEach((fit, k) => {
      if (k % 10 > 0) return;
      const request = grid[order[k]!]!;
      assertSameFit(fit, new Regressions(data).fit([request])[0]!, JSON.stringify(request));
    });
  });
});
