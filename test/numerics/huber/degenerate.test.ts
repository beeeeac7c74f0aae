import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertClose } from '../../support/closeness.ts';
import { huberGradient, huberObjective, predict } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random, randomFrom } from '../../support/random.ts';
import { type CertifiedFit, type HuberRequest, type PlainData, Regressions } from '../../support/regression.ts';
import { normalRows } from '../../support/shared-matrix.ts';

/** Share of n·ε, the largest that a gradient of n terms can be, below which a gradient counts as zero. */
const ZERO_GRADIENT = 2.1e-9;

/**
 * A defined, certified answer: converged, finite, and its gradient zero by plain loops over the data.
 *
 * @param columnRounding what float32 rounding of the columns may leave, a share of √n·ε
 */
function assertCertified(data: PlainData, request: HuberRequest, what: string, columnRounding = 0): CertifiedFit {
  const fit = new Regressions(data).huber(request);
  const { kktResidual, kktTolerance } = fit.certificate;
  assert.equal(fit.status, 'converged', `${what}: max |gradient| ${kktResidual} > ${kktTolerance}`);
  assert.ok(fit.coef.every(Number.isFinite) && Number.isFinite(fit.scale) && fit.scale > 0, what);
  const gradient = huberGradient(data, fit.coef, fit.scale, request.alpha, request.epsilon);
  // Near sigma's bound a residual's rounding, some ulps of a target, is divided by a tiny sigma.
  const rounding = Math.max(...data.y.map(Math.abs)) / (fit.scale * 2 ** 48);
  const n = data.y.length;
  const bound = n * (request.epsilon * ZERO_GRADIENT + rounding) + columnRounding * Math.sqrt(n) * request.epsilon;
  const largest = Math.max(
    ...gradient.coef.map(Math.abs),
    fit.scaleAtBound ? -gradient.scale : Math.abs(gradient.scale),
  );
  assert.ok(largest <= bound, `${what}: gradient ${largest} by plain loops, more than ${bound}`);
  return fit;
}

function linearTargets(rows: readonly (readonly number[])[], noise: () => number): number[] {
  return rows.map((row) =>
    Math.fround(row.reduce((sum, value, j) => sum + (j % 2 === 0 ? value : -2 * value), 1) + noise()),
  );
}

describe('a Huber fit without a penalty', () => {
  for (const [what, extra] of [
    ['a column of zeros', () => 0],
    ['a column of ones', () => 1],
    ['a column of rounding noise', () => 1e-17],
    ['a column twice', (row: readonly number[]) => row[0]!],
    ['a column and its negative', (row: readonly number[]) => -row[0]!],
    ['a column and its double', (row: readonly number[]) => 2 * row[0]!],
  ] as const) {
    test(`is certified with ${what}, and no worse than without`, () => {
      forEachSeed(10, (random) => {
        const plain = normalRows(random, random.integer(20, 150), 3);
        const y = linearTargets(plain, () => 2 * random.normal());
        const rows = plain.map((row) => [...row, extra(row)]);
        const fit = assertCertified({ rows, y }, { alpha: 0, epsilon: 1.35 }, what);
        const without = new Regressions({ rows: plain, y }).huber({ alpha: 0, epsilon: 1.35 });
        assertClose(fit.certificate.objective, without.certificate.objective, 1e-11, 'objective', 0);
      });
    });
  }

  test('is certified where a column is the sum of two others up to float32 rounding', () => {
    forEachSeed(10, (random) => {
      const plain = normalRows(random, random.integer(30, 300), 2);
      const y = linearTargets(plain, () => 2 * random.normal());
      const rows = plain.map((row) => [...row, Math.fround(row[0]! + row[1]!)]);
      // What tells the columns apart is rounding, and its share of the gradient adds up like a random walk.
      assertCertified({ rows, y }, { alpha: 0, epsilon: 1.35 }, `${y.length} rows`, 5e-7);
    });
  });

  test('is certified with more features than rows', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(1, 12), random.integer(13, 40));
      const y = rows.map(() => Math.fround(5 * random.normal()));
      const fit = assertCertified({ rows, y }, { alpha: 0, epsilon: 1.35 }, `${rows.length} rows`);
      rows.forEach((row, i) => {
        assertClose(predict(row, fit.coef), y[i]!, 1e-6, `row ${i} is fitted exactly`, 5);
      });
    });
  });

  test('is certified with more features than rows and a penalty, where not every row can be met', () => {
    forEachSeed(30, (random) => {
      const rows = normalRows(random, random.integer(2, 12), random.integer(1, 40));
      const y = rows.map(() => Math.fround(5 * random.normal()));
      for (const alpha of [0.001, 1, 100]) {
        assertCertified({ rows, y }, { alpha, epsilon: 1.35 }, `${rows.length} × ${rows[0]!.length}, alpha ${alpha}`);
      }
    });
  });
});

describe('a Huber fit whose scale goes to its bound', () => {
  for (const nSamples of [1, 2, 5, 51, 300]) {
    test(`is certified when the targets are a linear function of the features, ${nSamples} rows`, () => {
      forEachSeed(6, (random) => {
        const rows = normalRows(random, nSamples, random.integer(0, 5)).map((row) =>
          row.map((v) => Math.round(v * 64) / 64),
        );
        const y = linearTargets(rows, () => 0);
        const fit = assertCertified({ rows, y }, { alpha: 0, epsilon: 1.35 }, `${rows[0]?.length} features`);
        assert.ok(fit.scaleAtBound);
      });
    });

    test(`is certified when more than half of the targets are equal, ${nSamples} rows`, () => {
      forEachSeed(6, (random) => {
        const rows = normalRows(random, nSamples, random.integer(0, 3));
        const y = rows.map((_, i) => (i % 5 < 3 ? 7 : Math.fround(10 * random.normal())));
        assertCertified({ rows, y }, { alpha: 0.001, epsilon: 1.35 }, `${rows[0]?.length} features`);
      });
    });

    test(`is certified when all targets are equal, or all zero, ${nSamples} rows`, () => {
      const rows = normalRows(randomFrom(nSamples), nSamples, 2);
      for (const value of [0, 7.25, Math.fround(0.1), -8]) {
        const fit = assertCertified(
          { rows, y: rows.map(() => value) },
          { alpha: 0.001, epsilon: 1.35 },
          `all ${value}`,
        );
        // Two rows are met exactly by many a slope; from five on nothing but the intercept is left.
        if (nSamples >= 5) assertClose(fit.coef[0]!, value, 1e-5, 'intercept', 0);
        assert.ok(fit.scaleAtBound);
      }
    });
  }

  test('is certified down to noise of a billionth of the signal', () => {
    for (const noise of [0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-9]) {
      const random = randomFrom(1);
      const rows = normalRows(random, 300, 5);
      const y = linearTargets(rows, () => noise * random.normal());
      assertCertified({ rows, y }, { alpha: 0.001, epsilon: 1.35 }, `noise ${noise}`);
    }
  });
});

describe('a Huber fit that meets rows exactly', () => {
  /** Nothing near it is better: neither other coefficients, nor another scale above the bound. */
  function assertOptimal(data: PlainData, request: HuberRequest, fit: CertifiedFit, random: Random): void {
    const { alpha, epsilon } = request;
    const best = huberObjective(data, fit.coef, fit.scale, alpha, epsilon);
    assertClose(fit.certificate.objective, best, 1e-9, 'objective by plain loops', 1e-3);
    for (let trial = 0; trial < 60; trial += 1) {
      const length = 10 ** random.integer(-9, 0);
      const moved = fit.coef.map((value) => value + length * random.normal());
      const scale = fit.scale + random.pick([0, 1e-12, 1e-9, 1e-6, 0.01]);
      const there = huberObjective(data, moved, scale, alpha, epsilon);
      assert.ok(there >= best * (1 - 1e-10) - 1e-12, `a step of ${length} improves ${best} to ${there}`);
    }
  }

  test('with fewer rows than coefficients is the optimum, whatever the penalty', () => {
    let atBound = 0;
    forEachSeed(30, (random) => {
      const rows = normalRows(random, random.integer(4, 20), random.integer(21, 40));
      const y = rows.map(() => Math.fround(5 * random.normal()));
      for (const alpha of [1e-4, 0.01, 1]) {
        const request = { alpha, epsilon: random.pick([1.1, 1.35]) };
        const fit = assertCertified({ rows, y }, request, `${rows.length} rows, alpha ${alpha}`);
        assertOptimal({ rows, y }, request, fit, random);
        if (fit.scaleAtBound) atBound += 1;
      }
    });
    assert.ok(atBound > 20, `only ${atBound} fits with sigma at its bound`);
  });

  test('of targets that a feature determines meets them all', () => {
    forEachSeed(10, (random) => {
      const rows = normalRows(random, random.integer(30, 200), random.integer(1, 6));
      const y = rows.map((row) => Math.fround(4 * row[0]!));
      const request = { alpha: random.pick([0, 1e-4, 0.1]), epsilon: 1.35 };
      const fit = assertCertified({ rows, y }, request, `${rows.length} rows`);
      assert.ok(fit.scaleAtBound);
      assert.equal(fit.certificate.outliers, 0);
      assertClose(fit.coef[1]!, 4, 1e-9, 'coefficient', 0);
      assertOptimal({ rows, y }, request, fit, random);
    });
  });
});

describe('a Huber fit with epsilon at its least', () => {
  test('is certified close above 1, where nearly every row is an outlier', () => {
    forEachSeed(10, (random) => {
      const rows = normalRows(random, random.integer(30, 200), random.integer(1, 4));
      const y = linearTargets(rows, () => 3 * random.normal());
      for (const epsilon of [1.05, 1.02, 1.01])
        assertCertified({ rows, y }, { alpha: 0.001, epsilon }, `epsilon ${epsilon}`);
    });
  });

  test('of 1 is certified, and lies at the median when there is no feature', () => {
    forEachSeed(20, (random) => {
      const y = Array.from({ length: 2 * random.integer(3, 60) + 1 }, () => Math.fround(5 + 10 * random.normal()));
      const fit = assertCertified({ rows: y.map(() => []), y }, { alpha: 0, epsilon: 1 }, `${y.length} targets`);
      const median = y.toSorted((a, b) => a - b)[(y.length - 1) / 2]!;
      assertClose(fit.coef[0]!, median, 1e-6, 'the intercept is the median', 10);
    });
  });

  test('of 1 is certified with features', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(10, 100), random.integer(1, 4));
      const y = linearTargets(rows, () => 3 * random.normal());
      assertCertified({ rows, y }, { alpha: 0.001, epsilon: 1 }, `${rows.length} × ${rows[0]!.length}`);
    });
  });
});

describe('a Huber fit with nearly as many columns within epsilon·sigma as rows', () => {
  for (const epsilon of [1, 1.01, 1.05]) {
    test(`is certified at epsilon ${epsilon}, with a penalty and without, also where columns repeat each other`, () => {
      forEachSeed(3, (random) => {
        const plain = normalRows(random, 300, 40);
        const repeated = plain.map((row) => [...row, ...row.slice(0, 6).map((value) => Math.fround(2 * value + 1))]);
        for (const rows of [plain, repeated]) {
          // Most targets near a line, a tail that is far from it: what returns over minutes look like.
          const y = linearTargets(rows, () => random.normal() * Math.exp(1.5 * random.normal()));
          for (const alpha of [0, 0.001]) {
            assertCertified({ rows, y }, { alpha, epsilon }, `${rows[0]!.length} columns, alpha ${alpha}`, 4.2e-7);
          }
        }
      });
    });
  }
});

describe('a Huber fit among heavy outliers', () => {
  for (const size of [1e2, 1e3, 1e4, 1e5, 1e6]) {
    test(`is certified with one row in twenty ${size} scales away`, () => {
      forEachSeed(8, (random) => {
        const rows = normalRows(random, random.integer(60, 400), 5);
        const y = linearTargets(rows, () => (random.chance(0.05) ? size : 1) * random.normal());
        const fit = assertCertified({ rows, y }, { alpha: 0.001, epsilon: 1.35 }, `${rows.length} rows`);
        assert.ok(fit.scale < 2, `scale ${fit.scale} is that of the inliers`);
      });
    });
  }
});

describe('a Huber fit under a limit of steps', () => {
  test('never calls itself converged when the data say otherwise, and never exceeds the limit', () => {
    const ends = { converged: 0, open: 0 };
    forEachSeed(30, (random) => {
      const rows = normalRows(random, random.integer(40, 200), random.integer(1, 8));
      const y = linearTargets(rows, () => (random.chance(0.2) ? 30 : 1) * random.normal());
      const data = { rows, y };
      for (const maxIterations of [1, 2, 3, 5]) {
        const request = { alpha: random.pick([0.001, 1]), epsilon: random.pick([1.1, 1.35, 2.5]), maxIterations };
        const fit = new Regressions(data).huber(request);
        assert.ok(fit.iterations <= maxIterations, `${fit.iterations} steps, ${maxIterations} allowed`);
        if (fit.status === 'converged') {
          assertCertified(data, request, 'said to be converged');
          ends.converged += 1;
        } else {
          assert.equal(fit.status, 'max-iterations');
          ends.open += 1;
          // Cut short, but on the way: no worse than where nothing has been fitted.
          const nothing = new Float64Array(fit.coef.length);
          const start = huberObjective(data, nothing, fit.scale, request.alpha, request.epsilon);
          assert.ok(fit.certificate.objective <= start);
        }
      }
    });
    assert.ok(ends.converged > 10 && ends.open > 10, JSON.stringify(ends));
  });

  test('that is large enough changes nothing', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(40, 200), random.integer(1, 8));
      const y = linearTargets(rows, () => random.normal());
      const request = { alpha: random.pick([0.001, 1]), epsilon: random.pick([1.1, 1.35, 2.5]) };
      const free = new Regressions({ rows, y }).huber(request);
      const limited = new Regressions({ rows, y }).huber({ ...request, maxIterations: free.iterations });
      assert.deepEqual(limited, free);
    });
  });
});
