import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllClose, assertClose } from '../../support/closeness.ts';
import { predict } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { type CertifiedFit, type PlainData, Regressions } from '../../support/regression.ts';

/**
 * Two fits of one problem in two guises agree to this share of the scale: solvers stop at a gradient of 1e-11 of its
 * natural size, and a problem's condition turns that into an error of the coefficients.
 */
const AGREEMENT = 1e-7;

function assertSameFit(got: CertifiedFit, coef: ArrayLike<number>, scale: number): void {
  assert.equal(got.status, 'converged');
  assertClose(got.scale, scale, AGREEMENT, 'scale', 0);
  assertAllClose(got.coef, coef, AGREEMENT, 'coef', scale);
}

/** A well-conditioned problem whose targets are multiples of 2⁻⁸, so that shifts and powers of two are exact in float32. */
function exactProblem(random: Random): PlainData {
  const shape = randomShape(random);
  const noise = random.pick(['normal', 'heavy-tailed', 'one-sided'] as const);
  const { rows, y } = randomProblem(random, { ...shape, features: random.pick(['independent', 'binary']), noise });
  return { rows, y: y.map((target) => Math.round(target * 256) / 256) };
}

function randomRequest(random: Random): { alpha: number; epsilon: number } {
  return { alpha: random.pick([0.001, 0.1, 10]), epsilon: random.pick([1.2, 1.35, 1.9, 3]) };
}

describe('a Huber fit follows its data', () => {
  test('targets times s give coefficients and scale times s, with the penalty divided by s', () => {
    forEachSeed(40, (random) => {
      const data = exactProblem(random);
      const { alpha, epsilon } = randomRequest(random);
      const fit = new Regressions(data).huber({ alpha, epsilon });
      for (const s of [-1, 2, 1 / 16, 1024]) {
        const scaled = new Regressions({ rows: data.rows, y: data.y.map((target) => s * target) });
        const got = scaled.huber({ alpha: alpha / Math.abs(s), epsilon });
        assertSameFit(
          got,
          fit.coef.map((value) => s * value),
          Math.abs(s) * fit.scale,
        );
        assertClose(got.certificate.objective, Math.abs(s) * fit.certificate.objective, 1e-12, 'objective', 0);
      }
    });
  });

  test('targets plus a constant give that constant more of the intercept, and nothing else', () => {
    for (const shift of [-3, 40]) {
      forEachSeed(20, (random) => {
        const data = exactProblem(random);
        const request = randomRequest(random);
        const fit = new Regressions(data).huber(request);
        const shifted = new Regressions({ rows: data.rows, y: data.y.map((target) => target + shift) });
        const expected = fit.coef.map((value, j) => (j === 0 ? value + shift : value));
        assertSameFit(shifted.huber(request), expected, fit.scale);
      });
    }
  });

  test('targets far from zero are fitted as well as targets around it', () => {
    for (const shift of [1000, 65_536]) {
      forEachSeed(5, (random) => {
        const { rows, y } = exactProblem(random);
        const request = randomRequest(random);
        const fit = new Regressions({ rows, y: y.map((target) => Math.round(target * 16) / 16 + shift) }).huber(
          request,
        );
        assert.equal(fit.status, 'converged', `targets around ${shift}: KKT residual ${fit.certificate.kktResidual}`);
      });
    }
  });

  test('rows in another order give the same fit', () => {
    forEachSeed(40, (random) => {
      const data = exactProblem(random);
      const request = randomRequest(random);
      const fit = new Regressions(data).huber(request);
      const order = random.permutation(data.y.length);
      const permuted = { rows: order.map((i) => data.rows[i]!), y: order.map((i) => data.y[i]!) };
      assertSameFit(new Regressions(permuted).huber(request), fit.coef, fit.scale);
    });
  });

  test('columns in another order give their coefficients in that order', () => {
    forEachSeed(40, (random) => {
      const data = exactProblem(random);
      const request = randomRequest(random);
      const fit = new Regressions(data).huber(request);
      const order = random.permutation(data.rows[0]!.length);
      const rows = data.rows.map((row) => order.map((j) => row[j]!));
      const expected = [fit.coef[0]!, ...order.map((j) => fit.coef[j + 1]!)];
      assertSameFit(new Regressions({ rows, y: data.y }).huber(request), expected, fit.scale);
    });
  });

  test('every row twice and the penalty twice leave coefficients and scale as they were', () => {
    forEachSeed(40, (random) => {
      const data = exactProblem(random);
      const { alpha, epsilon } = randomRequest(random);
      const fit = new Regressions(data).huber({ alpha, epsilon });
      const twice = { rows: [...data.rows, ...data.rows], y: [...data.y, ...data.y] };
      assertSameFit(new Regressions(twice).huber({ alpha: 2 * alpha, epsilon }), fit.coef, fit.scale);
    });
  });

  test('a column times s has its coefficient divided by s when nothing is penalised', () => {
    forEachSeed(30, (random) => {
      const data = exactProblem(random);
      const { epsilon } = randomRequest(random);
      const fit = new Regressions(data).huber({ alpha: 0, epsilon });
      const s = random.pick([0.25, 8]);
      const rows = data.rows.map((row) => [s * row[0]!, ...row.slice(1)]);
      const expected = fit.coef.map((value, j) => (j === 1 ? value / s : value));
      assertSameFit(new Regressions({ rows, y: data.y }).huber({ alpha: 0, epsilon }), expected, fit.scale);
    });
  });

  test('clipping targets is fitting targets that were clipped before', () => {
    forEachSeed(30, (random) => {
      const data = exactProblem(random);
      const request = randomRequest(random);
      // Not so tight that most targets are equal: those fits have sigma at its bound.
      const clipBps = random.pick([4, 8]);
      const before = { rows: data.rows, y: data.y.map((target) => Math.max(-clipBps, Math.min(clipBps, target))) };
      const fit = new Regressions(data).huber({ ...request, clipBps });
      const expected = new Regressions(before).huber(request);
      assertSameFit(fit, expected.coef, expected.scale);
    });
  });
});

describe('Huber with a huge epsilon', () => {
  test('is ridge with the penalty alpha·sigma, and sigma is the root mean square residual', () => {
    forEachSeed(40, (random) => {
      const data = exactProblem(random);
      const alpha = random.pick([0, 0.001, 1, 40]);
      const epsilon = random.pick([200, 1e4, 1e6]);
      const regressions = new Regressions(data);
      const fit = regressions.huber({ alpha, epsilon });
      assert.equal(fit.certificate.outliers, 0);
      const squares = data.rows.map((row, i) => (data.y[i]! - predict(row, fit.coef)) ** 2);
      const rms = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / data.y.length);
      // −2·Xᵀr/σ + 2·alpha·w = 0 is ridge's condition −2·Xᵀr + 2·(alpha·σ)·w = 0.
      assertSameFit(fit, regressions.ridge(alpha * fit.scale).coef, rms);
    });
  });

  test('of any size ends converged: epsilon is only a bound that no row reaches', () => {
    const { rows, y } = { rows: [[1], [2], [4], [8], [-3]], y: [1, 1.5, 4, 9, -2] };
    const regressions = new Regressions({ rows, y });
    const expected = regressions.huber({ alpha: 0.001, epsilon: 1000 });
    for (const epsilon of [1e9, 1e100, 1e155, 1e300]) {
      const fit = regressions.huber({ alpha: 0.001, epsilon });
      assert.equal(fit.status, 'converged', `epsilon ${epsilon}`);
      assertSameFit(fit, expected.coef, expected.scale);
      assert.ok(
        Number.isFinite(fit.certificate.objective),
        `epsilon ${epsilon}: objective ${fit.certificate.objective}`,
      );
    }
  });
});

describe('Huber with a huge penalty', () => {
  test('keeps the free intercept: coefficients vanish and the rest is a fit of the intercept alone', () => {
    forEachSeed(5, (random) => {
      const { rows, y } = exactProblem(random);
      const intercept = new Regressions({ rows: rows.map(() => []), y }).huber({ alpha: 0, epsilon: 1.35 });
      for (const alpha of [1e9, 1e14, 1e18, 1e30]) {
        const fit = new Regressions({ rows, y }).huber({ alpha, epsilon: 1.35 });
        assert.equal(fit.status, 'converged', `alpha ${alpha}`);
        assertClose(fit.coef[0]!, intercept.coef[0]!, 1e-5, `intercept at alpha ${alpha}`, intercept.scale);
        assertClose(fit.scale, intercept.scale, 1e-5, `scale at alpha ${alpha}`, 0);
      }
    });
  });
});
