import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { certify, FITS_PER_PASS } from '../../src/numerics/certificates/certify.ts';
import { dailyAbsErrorSums } from '../../src/numerics/losses/daily-losses.ts';
import { type Candidate, statusOf } from '../../src/numerics/objectives/regression-objectives.ts';
import { assertAllClose, assertClose, assertSameBits } from '../support/closeness.ts';
import {
  clipped,
  clipTo,
  huberGradient,
  huberObjective,
  predict,
  ridgeGradient,
  ridgeObjective,
} from '../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { type PlainData, Regressions } from '../support/regression.ts';
import { normalVector } from '../support/shared-matrix.ts';

function randomCandidate(random: Random, { rows, y }: PlainData): Candidate {
  const clip = random.pick([Infinity, 4]);
  const shared = {
    coef: Float64Array.from(normalVector(random, rows[0]!.length + 1)),
    clip,
    targetSize: Math.sqrt(y.reduce((sum, target) => sum + clipTo(target, clip) ** 2, 0) / y.length),
    alpha: random.pick([0, 0.3, 20]),
  };
  if (random.chance(0.4)) return { kind: 'ridge', ...shared };
  const scale = 0.5 + 2 * random.uniform();
  return { kind: 'huber', epsilon: random.pick([1.1, 1.35, 3]), scale, scaleAtBound: false, pulls: null, ...shared };
}

describe('certificates', () => {
  test('objective, gradients, outliers and losses are those of plain loops over the data', () => {
    forEachSeed(30, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const { workspace, model } = new Regressions(plain);
      const candidates = Array.from({ length: random.integer(1, FITS_PER_PASS) }, () => randomCandidate(random, plain));
      certify(workspace, model, candidates).forEach((certificate, c) => {
        const fit = candidates[c]!;
        const seen = clipped(plain, fit.clip);
        const size = plain.y.length * 100;
        const absErrors = plain.rows.map((row, i) => Math.abs(plain.y[i]! - clipTo(predict(row, fit.coef), fit.clip)));
        const absErrorSum = absErrors.reduce((sum, error) => sum + error, 0);
        assertClose(certificate.absErrorSum, absErrorSum, 1e-12, 'absErrorSum', 0);
        if (fit.kind === 'ridge') {
          assertClose(certificate.objective, ridgeObjective(seen, fit.coef, fit.alpha), 1e-12, 'objective', 0);
          const gradient = ridgeGradient(seen, fit.coef, fit.alpha);
          assertAllClose(certificate.gradient, gradient, 1e-12, 'gradient', size);
          assertClose(certificate.kktResidual, Math.max(...gradient.map(Math.abs)), 1e-12, 'residual', size);
        } else {
          const { scale, alpha, epsilon } = fit;
          assertClose(
            certificate.objective,
            huberObjective(seen, fit.coef, scale, alpha, epsilon),
            1e-12,
            'objective',
            0,
          );
          const gradient = huberGradient(seen, fit.coef, scale, alpha, epsilon);
          assertAllClose(certificate.gradient, gradient.coef, 1e-12, 'gradient', size);
          assertClose(certificate.scaleGradient, gradient.scale, 1e-12, 'scale gradient', size);
          const largest = Math.max(...gradient.coef.map(Math.abs), Math.abs(gradient.scale));
          assertClose(certificate.kktResidual, largest, 1e-12, 'residual', size);
        }
      });
    });
  });

  test('a candidate’s certificate has the same bits alone and in company', () => {
    forEachSeed(10, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const { workspace, model } = new Regressions(plain);
      const candidates = Array.from({ length: FITS_PER_PASS }, () => randomCandidate(random, plain));
      const together = certify(workspace, model, candidates);
      for (const c of [0, 7, 15]) assert.deepEqual(certify(workspace, model, [candidates[c]!]), [together[c]]);
    });
  });

  test('with sigma at its bound a row that is met may pull with up to epsilon, any other pulls with all of it', () => {
    const certificateFor = (y: readonly number[], pulls: readonly number[]) => {
      const { workspace, model } = new Regressions({ rows: [[0], [0], [0], [0]], y }, 1);
      assert.equal(model.nEntries, 4);
      const fit = { kind: 'huber', coef: new Float64Array(2), clip: Infinity, targetSize: 1, alpha: 0 } as const;
      const scale = 10 * Number.EPSILON;
      return certify(workspace, model, [
        { ...fit, epsilon: 1.5, scale, scaleAtBound: true, pulls: Float64Array.from(pulls) },
      ])[0]!;
    };
    // All met: pulls within ±1.5 that balance, and n − Σz² = 3 says that sigma belongs at its bound.
    assert.equal(certificateFor([0, 0, 0, 0], [0.5, -0.5, 0.5, -0.5]).kktResidual, 0);
    assert.equal(certificateFor([0, 0, 0, 0], [0.5, -0.5, 0.5, -0.5]).scaleGradient, 3);
    assert.equal(certificateFor([0, 0, 0, 0], [0.5, -0.5, 0.5, 0]).kktResidual, 1, 'they do not balance');
    assert.equal(certificateFor([0, 0, 0, 0], [1.75, -1.75, 0, 0]).kktResidual, 2.125, 'n − Σz² is below 0');
    assert.equal(certificateFor([0, 0, 0, 0], [1.75, -0.75, -0.5, -0.5]).kktResidual, 4 * 0.25, 'one pulls too hard');
    // Two lie above and below.
    assert.equal(certificateFor([7, -7, 0, 0], [1.5, -1.5, 0, 0]).kktResidual, 0.5);
    assert.equal(certificateFor([7, -7, 0, 0], [1.5, -1.5, 0, 0]).outliers, 2);
    assert.equal(
      certificateFor([7, 0, 0, 0], [1, -0.5, -0.5, 0]).kktResidual,
      2,
      'one that is not met pulls too little',
    );
    assert.ok(Number.isNaN(certificateFor([0, 0, 0, 0], [Number.NaN, 0, 0, 0]).kktResidual));
  });

  test('a number that is not one never passes for a small residual', () => {
    const { workspace, model } = new Regressions({ rows: [[1], [2]], y: [1, 2] });
    for (const bad of [Number.NaN, Infinity]) {
      const candidates: Candidate[] = [
        { kind: 'ridge', coef: Float64Array.of(0, bad), clip: Infinity, targetSize: 5, alpha: 0 },
        {
          kind: 'huber',
          coef: Float64Array.of(bad, 0),
          clip: Infinity,
          targetSize: 5,
          alpha: 0,
          epsilon: 1.35,
          scale: 1,
          scaleAtBound: false,
          pulls: null,
        },
        {
          kind: 'huber',
          coef: Float64Array.of(0, 0),
          clip: Infinity,
          targetSize: 5,
          alpha: 0,
          epsilon: 1.35,
          scale: bad,
          scaleAtBound: false,
          pulls: null,
        },
      ];
      for (const certificate of certify(workspace, model, candidates)) {
        assert.equal(statusOf(certificate, 'converged'), 'stalled');
      }
    }
  });

  test('the data judge a fit, not the solver: a solver’s word only names why it stopped', () => {
    const certificate = (kktResidual: number) => ({
      objective: 0,
      kktResidual,
      kktTolerance: 1,
      gradient: new Float64Array(0),
      scaleGradient: 0,
      outliers: 0,
      absErrorSum: 0,
    });
    assert.equal(statusOf(certificate(0.5), 'max-iterations'), 'converged');
    assert.equal(statusOf(certificate(0.5), 'stalled'), 'converged');
    assert.equal(statusOf(certificate(2), 'converged'), 'stalled');
    assert.equal(statusOf(certificate(2), 'max-iterations'), 'max-iterations');
    assert.equal(statusOf(certificate(Number.NaN), 'converged'), 'stalled');
  });

  test('none, or more than fit into a pass, are refused', () => {
    const plain = { rows: [[1], [2]], y: [1, 2] };
    const { workspace, model } = new Regressions(plain);
    const ridge: Candidate = { kind: 'ridge', coef: new Float64Array(2), clip: Infinity, targetSize: 5, alpha: 0 };
    assert.throws(() => certify(workspace, model, []), /1 to 16 candidates, got 0/);
    assert.throws(() => certify(workspace, model, new Array<Candidate>(17).fill(ridge)), /got 17/);
  });
});

describe('losses by day', () => {
  test('are sums of absolute errors of clipped predictions, the same bits for a model alone and in company', () => {
    forEachSeed(20, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const { workspace, model } = new Regressions(plain);
      const nDays = random.integer(1, 6);
      const days = plain.y.map(() => random.integer(0, nDays - 1));
      // Every row is a group of its own here: its day is the group's.
      assert.equal(model.rows.nGroups, days.length);
      model.rows.day.set(days);
      const predictors = Array.from({ length: random.integer(1, 16) }, () => ({
        coef: Float64Array.from(normalVector(random, model.nCoef)),
        clip: random.pick([Infinity, 3]),
      }));
      const evaluate = (chosen: typeof predictors) => dailyAbsErrorSums(workspace, model, nDays, chosen);
      const together = evaluate(predictors);
      predictors.forEach(({ coef, clip }, c) => {
        const expected = new Array<number>(nDays).fill(0);
        plain.rows.forEach((row, i) => {
          expected[days[i]!]! += Math.abs(plain.y[i]! - clipTo(predict(row, coef), clip));
        });
        assertAllClose(together[c]!, expected, 1e-12, `model ${c}`);
      });
      const c = random.integer(0, predictors.length - 1);
      assertSameBits(evaluate([predictors[c]!])[0]!, together[c]!, `model ${c}`);
    });
  });
});
