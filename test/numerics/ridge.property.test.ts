import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllClose, assertClose, assertSameBits } from '../support/closeness.ts';
import { clipped, predict, ridgeGradient, ridgeObjective } from '../support/plain-objectives.ts';
import { forEachSeed } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { weightedRidge } from '../support/reference-huber.ts';
import { type CertifiedFit, type PlainData, Regressions } from '../support/regression.ts';
import { normalRows } from '../support/shared-matrix.ts';

/** Share of n times a target's root mean square, the size of a gradient of n terms, below which it counts as zero. */
const ZERO_GRADIENT = 2.1e-9;

function rms(y: readonly number[]): number {
  return Math.sqrt(y.reduce((sum, target) => sum + target * target, 0) / y.length);
}

function assertOptimal(data: PlainData, fit: CertifiedFit, alpha: number, what: string, columnRounding = 0): void {
  const { kktResidual, kktTolerance, objective } = fit.certificate;
  assert.equal(fit.status, 'converged', `${what}: max |gradient| ${kktResidual} > ${kktTolerance}`);
  const n = data.y.length;
  const bound = (ZERO_GRADIENT * n + columnRounding * Math.sqrt(n)) * rms(data.y);
  for (const [j, value] of ridgeGradient(data, fit.coef, alpha).entries()) {
    assert.ok(Math.abs(value) <= bound, `${what}: gradient[${j}] = ${value}, more than ${bound}`);
  }
  assertClose(objective, ridgeObjective(data, fit.coef, alpha), 1e-11, `${what}: objective`);
}

function norm(coef: ArrayLike<number>): number {
  return Math.hypot(...Array.from(coef));
}

describe('ridge', () => {
  test('with one feature is the covariance over the variance plus penalty', () => {
    forEachSeed(40, (random) => {
      const { rows, y } = randomProblem(random, { ...randomShape(random), nFeatures: 1 });
      const alpha = random.pick([0, 0.1, 10, 1e4]);
      const n = y.length;
      const meanX = rows.reduce((sum, [x]) => sum + x!, 0) / n;
      const meanY = y.reduce((sum, target) => sum + target, 0) / n;
      const covariance = rows.reduce((sum, [x], i) => sum + (x! - meanX) * (y[i]! - meanY), 0);
      const variance = rows.reduce((sum, [x]) => sum + (x! - meanX) ** 2, 0);
      const slope = covariance / (variance + alpha);
      const { coef } = new Regressions({ rows, y }).ridge(alpha);
      assertClose(coef[1]!, slope, 1e-10, 'slope');
      assertClose(coef[0]!, meanY - slope * meanX, 1e-10, 'intercept');
    });
  });

  test('solves the normal equations, as Gaussian elimination does, and nothing near does better', () => {
    forEachSeed(60, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const alpha = random.pick([0, 1e-3, 1, 50, 1e5]);
      const clipBps = random.pick([0, 3]);
      const fit = new Regressions(plain).ridge(alpha, clipBps);
      const data = clipped(plain, clipBps);
      assertOptimal(data, fit, alpha, `alpha ${alpha}`);
      const weights = data.y.map(() => 1);
      assertAllClose(fit.coef, weightedRidge(data, weights, alpha), 1e-8, 'coef');
      const best = ridgeObjective(data, fit.coef, alpha);
      for (let trial = 0; trial < 10; trial += 1) {
        const length = 10 ** random.integer(-6, 0);
        const moved = fit.coef.map((value) => value + length * random.normal());
        assert.ok(ridgeObjective(data, moved, alpha) >= best * (1 - 1e-13));
      }
    });
  });

  test('does not depend on what was solved before', () => {
    forEachSeed(5, (random) => {
      const data = randomProblem(random, randomShape(random));
      const shared = new Regressions(data);
      for (const alpha of [10, 0, 1e5, 10, 1]) {
        assertSameBits(shared.ridge(alpha).coef, new Regressions(data).ridge(alpha).coef, `alpha ${alpha}`);
      }
    });
  });

  test('keeps the free intercept under any penalty', () => {
    forEachSeed(5, (random) => {
      const data = randomProblem(random, randomShape(random));
      const meanY = data.y.reduce((sum, target) => sum + target, 0) / data.y.length;
      for (const alpha of [1e10, 1e14, 1e18, 1e30, 1e200, 1e300]) {
        const fit = new Regressions(data).ridge(alpha);
        assert.equal(fit.status, 'converged', `alpha ${alpha}`);
        assertClose(fit.coef[0]!, meanY, 1e-6, `intercept at alpha ${alpha}`);
      }
    });
  });
});

describe('ridge without a penalty, where the data leave the answer open', () => {
  test('shares a duplicated column’s coefficient evenly, and a negated one’s with opposite signs', () => {
    for (const sign of [1, -1]) {
      forEachSeed(20, (random) => {
        const plain = normalRows(random, random.integer(10, 100), 2);
        const y = plain.map((row) => Math.fround(3 * row[0]! - row[1]! + random.normal()));
        const alone = new Regressions({ rows: plain, y }).ridge(0);
        const rows = plain.map((row) => [...row, sign * row[0]!]);
        const fit = new Regressions({ rows, y }).ridge(0);
        assertOptimal({ rows, y }, fit, 0, 'duplicated');
        const [c, first, second] = alone.coef;
        assertAllClose(fit.coef, [c!, first! / 2, second!, (sign * first!) / 2], 1e-8, 'coef');
      });
    }
  });

  test('gives a column of zeros no coefficient', () => {
    forEachSeed(10, (random) => {
      const plain = normalRows(random, random.integer(10, 100), 2);
      const y = plain.map((row) => Math.fround(row[0]! + random.normal()));
      const rows = plain.map((row) => [row[0]!, 0, row[1]!]);
      const fit = new Regressions({ rows, y }).ridge(0);
      assertOptimal({ rows, y }, fit, 0, 'zeros');
      assertClose(fit.coef[2]!, 0, 1e-12, 'coefficient of zeros');
    });
  });

  test('with more features than rows meets every row, by coefficients of least norm', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(1, 10), random.integer(11, 40));
      const y = rows.map(() => Math.fround(5 * random.normal()));
      const fit = new Regressions({ rows, y }).ridge(0);
      assertOptimal({ rows, y }, fit, 0, 'wide');
      rows.forEach((row, i) => {
        assertClose(predict(row, fit.coef), y[i]!, 1e-9, `row ${i}`);
      });
      // Any other exact answer differs by a vector that every row (with its leading 1) maps to 0, and is longer.
      for (let trial = 0; trial < 5; trial += 1) {
        const other = orthogonalTo(
          rows.map((row) => [1, ...row]),
          fit.coef.map(() => random.normal()),
        );
        assert.ok(norm(other) > 0.1, 'there is room for another answer');
        assert.ok(norm(fit.coef.map((value, j) => value + other[j]!)) > norm(fit.coef) * (1 - 1e-12));
        assert.ok(norm(fit.coef.map((value, j) => value - other[j]!)) > norm(fit.coef) * (1 - 1e-12));
      }
    });
  });

  test('is certified where a column is a sum of two others up to float32 rounding', () => {
    forEachSeed(20, (random) => {
      const plain = normalRows(random, random.integer(30, 400), 2);
      const y = plain.map((row) => Math.fround(row[0]! - 2 * row[1]! + 3 * random.normal()));
      const rows = plain.map((row) => [...row, Math.fround(row[0]! + row[1]!)]);
      // What tells the columns apart is rounding, and its share of the gradient adds up like a random walk.
      assertOptimal({ rows, y }, new Regressions({ rows, y }).ridge(0), 0, `${y.length} rows`, 5e-7);
    });
  });

  test('of constant targets is that constant, of zero targets zero', () => {
    forEachSeed(5, (random) => {
      const rows = normalRows(random, 30, 3);
      for (const value of [0, 7.25, -8]) {
        const y = rows.map(() => value);
        const fit = new Regressions({ rows, y }).ridge(0);
        assertOptimal({ rows, y }, fit, 0, `all ${value}`);
        assertAllClose(fit.coef, [value, 0, 0, 0], 1e-12, 'coef');
      }
    });
  });
});

/** What is left of v when its part in the span of `rows` is taken out, by Gram and Schmidt, twice for rounding. */
function orthogonalTo(rows: readonly (readonly number[])[], v: ArrayLike<number>): number[] {
  const basis: number[][] = [];
  const rest = (vector: readonly number[]): number[] => {
    let left = [...vector];
    for (let pass = 0; pass < 2; pass += 1) {
      for (const axis of basis) {
        const share = axis.reduce((sum, value, j) => sum + value * left[j]!, 0);
        left = left.map((value, j) => value - share * axis[j]!);
      }
    }
    return left;
  };
  for (const row of rows) {
    const left = rest(row);
    basis.push(left.map((value) => value / norm(left)));
  }
  return rest(Array.from(v));
}
