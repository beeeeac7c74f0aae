import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSameBits } from '../../support/closeness.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { type CertifiedFit, type HuberRequest, Regressions } from '../../support/regression.ts';
import { normalRows } from '../../support/shared-matrix.ts';

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

  test('bit for bit the same with leverages measured and left unknown', () => {
    forEachSeed(15, (random) => {
      const data = randomProblem(random, randomShape(random));
      const measured = new Regressions(data, 'measured');
      const unknown = new Regressions(data, 'unknown');
      for (const request of randomGrid(random)) {
        assertSameFit(measured.huber(request), unknown.huber(request), JSON.stringify(request));
      }
    });
  });

  test('also where columns are collinear, exactly or nearly, so that leverages need a jitter', () => {
    forEachSeed(15, (random) => {
      const nudge = random.pick([0, 1e-7, 1e-6, 1e-5, 1e-4]);
      const rows = normalRows(random, random.integer(30, 300), 3).map((row) => [
        ...row,
        Math.fround(row[0]! + nudge * random.normal()),
        0,
      ]);
      const y = rows.map((row) => Math.fround(row[0]! + (random.chance(0.1) ? 20 : 2) * random.normal()));
      const measured = new Regressions({ rows, y }, 'measured');
      const unknown = new Regressions({ rows, y }, 'unknown');
      for (const request of randomGrid(random)) {
        assertSameFit(measured.huber(request), unknown.huber(request), `${nudge} ${JSON.stringify(request)}`);
      }
    });
  });
});
