import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertClose } from '../../support/closeness.ts';
import { clipped, huberGradient, huberObjective } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { FEATURE_KINDS, NOISE_KINDS, randomProblem, randomShape } from '../../support/random-regression.ts';
import { referenceHuber } from '../../support/reference-huber.ts';
import { Regressions } from '../../support/regression.ts';

/** Share of n·ε, the largest that a gradient of n terms can be, below which a gradient counts as zero. */
const ZERO_GRADIENT = 2.1e-9;

function randomRequest(random: Random) {
  return {
    alpha: random.pick([0, 1e-6, 0.001, 0.5, 30, 1000]),
    // Nearer to 1 a line through nFeatures + 1 rows can be worth more than a scale: see the degenerate fits.
    epsilon: random.pick([1.2, 1.35, 1.5, 2, 3.5, 8]),
    clipBps: random.pick([0, 0, 5]),
  };
}

describe('a Huber fit', () => {
  test('the random problems have every kind of feature and noise, inliers and outliers', () => {
    const shapes = new Set<string>();
    const outlierShares: number[] = [];
    forEachSeed(80, (random) => {
      const shape = randomShape(random);
      shapes.add(shape.features).add(shape.noise);
      const data = randomProblem(random, shape);
      const fit = new Regressions(data).huber(randomRequest(random));
      outlierShares.push(fit.certificate.outliers / data.y.length);
    });
    for (const kind of [...FEATURE_KINDS, ...NOISE_KINDS]) assert.ok(shapes.has(kind), kind);
    assert.ok(Math.max(...outlierShares) > 0.5 && Math.min(...outlierShares) === 0);
    assert.ok(new Set(outlierShares).size > 40);
  });

  test('converges on every kind of data', () => {
    forEachSeed(150, (random) => {
      const shape = randomShape(random);
      const request = randomRequest(random);
      const { status, certificate } = new Regressions(randomProblem(random, shape)).huber(request);
      const { kktResidual, kktTolerance } = certificate;
      const where = `${JSON.stringify(shape)} ${JSON.stringify(request)}: max |gradient| ${kktResidual} > ${kktTolerance}`;
      assert.equal(status, 'converged', where);
    });
  });

  test('called converged has no gradient left: by plain loops over the data, in the coefficients and in the scale', () => {
    forEachSeed(60, (random) => {
      const request = randomRequest(random);
      const data = randomProblem(random, randomShape(random));
      const fit = new Regressions(data).huber(request);
      if (fit.status !== 'converged') return;
      const seen = clipped(data, request.clipBps);
      const gradient = huberGradient(seen, fit.coef, fit.scale, request.alpha, request.epsilon);
      const bound = ZERO_GRADIENT * data.y.length * request.epsilon;
      for (const [j, value] of gradient.coef.entries()) {
        assert.ok(Math.abs(value) <= bound, `gradient[${j}] = ${value}, more than ${bound}`);
      }
      assert.ok(!fit.scaleAtBound && Math.abs(gradient.scale) <= bound, `scale gradient ${gradient.scale}`);
      const objective = huberObjective(seen, fit.coef, fit.scale, request.alpha, request.epsilon);
      assertClose(fit.certificate.objective, objective, 1e-12, 'objective');
    });
  });

  test('cannot be improved by moving coefficients and scale in any direction', () => {
    forEachSeed(40, (random) => {
      const request = randomRequest(random);
      const data = randomProblem(random, randomShape(random));
      const fit = new Regressions(data).huber(request);
      if (fit.status !== 'converged') return;
      const seen = clipped(data, request.clipBps);
      const at = (coef: ArrayLike<number>, scale: number) =>
        huberObjective(seen, coef, scale, request.alpha, request.epsilon);
      const best = at(fit.coef, fit.scale);
      for (let trial = 0; trial < 30; trial += 1) {
        const length = 10 ** random.integer(-6, 0);
        const moved = fit.coef.map((value) => value + length * random.normal());
        const scale = fit.scale * Math.exp(length * random.normal());
        // The objective itself is only known to some ulps of the terms that it adds.
        assert.ok(
          at(moved, scale) >= best * (1 - 1e-13),
          `a step of ${length} improves ${best} to ${at(moved, scale)}`,
        );
      }
    });
  });

  test('is the answer of a slow solver that alternates reweighted least squares and bisection', () => {
    forEachSeed(40, (random) => {
      const nFeatures = random.integer(1, 3);
      const shape = { ...randomShape(random), nFeatures, nSamples: random.integer(20, 60) };
      const alpha = random.pick([0.001, 1, 50]);
      const epsilon = random.pick([1.2, 1.35, 2, 4]);
      const data = randomProblem(random, shape);
      const fit = new Regressions(data).huber({ alpha, epsilon });
      assert.equal(fit.status, 'converged', JSON.stringify({ shape, alpha, epsilon }));
      const reference = referenceHuber(data, alpha, epsilon);
      const ours = huberObjective(data, fit.coef, fit.scale, alpha, epsilon);
      const theirs = huberObjective(data, reference.coef, reference.scale, alpha, epsilon);
      assertClose(ours, theirs, 1e-11, `objective of ${JSON.stringify(shape)}, alpha ${alpha}, epsilon ${epsilon}`, 0);
      // The optimum is flat: an objective right to 1e-15 leaves coefficients right to about 1e-7.
      assertClose(fit.scale, reference.scale, 1e-5, 'scale', 0);
      reference.coef.forEach((value, j) => {
        assertClose(fit.coef[j]!, value, 1e-4, `coef ${j}`, reference.scale);
      });
    });
  });

  test('counts as outliers the rows whose residual exceeds epsilon times the scale', () => {
    forEachSeed(20, (random) => {
      const { alpha, epsilon } = randomRequest(random);
      const data = randomProblem(random, randomShape(random));
      const { coef, scale, certificate } = new Regressions(data).huber({ alpha, epsilon });
      const sizes = data.rows.map((row, i) =>
        Math.abs(data.y[i]! - row.reduce((sum, value, j) => sum + value * coef[j + 1]!, coef[0]!)),
      );
      // A row on the threshold itself may count either way.
      const atLeast = sizes.filter((size) => size > epsilon * scale * (1 + 1e-9)).length;
      const atMost = sizes.filter((size) => size > epsilon * scale * (1 - 1e-9)).length;
      assert.ok(certificate.outliers >= atLeast && certificate.outliers <= atMost);
    });
  });
});

describe('a Huber fit among outliers that sit together', () => {
  // Outliers of one sign that share a feature value pull the coefficients as the scale grows: the two have to be solved
  // for together.
  for (const size of [30, 1000, 10_008]) {
    test(`converges when a fifth of the rows lies ${size} scales below the rest`, () => {
      forEachSeed(20, (random) => {
        const nSamples = random.pick([50, 200, 800]);
        const nFeatures = random.pick([1, 3, 10]);
        const rows = Array.from({ length: nSamples }, () =>
          Array.from({ length: nFeatures }, () => Math.fround(random.normal())),
        );
        const cut = rows.map((row) => row[0]!).sort((a, b) => b - a)[nSamples / 5]!;
        const y = rows.map((row) => Math.fround(row[0]! > cut ? -size : random.normal()));
        const fit = new Regressions({ rows, y }).huber({ alpha: 0.001, epsilon: 1.35 });
        const { kktResidual, kktTolerance } = fit.certificate;
        assert.equal(
          fit.status,
          'converged',
          `${nSamples} rows, ${nFeatures} features: max |gradient| ${kktResidual} > ${kktTolerance} after ${fit.iterations} steps`,
        );
      });
    });
  }
});
