import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Candidate, certify } from '../../src/numerics/certify.ts';
import { clipBound, targetSums } from '../../src/numerics/regression-data.ts';
import { RegressionFitter, type RegressionRequest } from '../../src/numerics/regression-fitter.ts';
import { assertAllClose, assertClose } from '../support/closeness.ts';
import { forEachSeed } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { Regressions } from '../support/regression.ts';

describe('fits that are certified from the stops near them', () => {
  test('have the certificate that a pass over all rows gives', () => {
    let near = 0;
    let fits = 0;
    forEachSeed(20, (random) => {
      const plain = randomProblem(random, { ...randomShape(random), nSamples: random.integer(200, 600) });
      const { workspace, data } = new Regressions(plain, 'measured');
      const fitter = new RegressionFitter(workspace, workspace.arena, data);
      const requests = Array.from({ length: 16 }, (): RegressionRequest => {
        const alpha = random.pick([1e-4, 1e-3, 0.03, 0.5, 3]);
        const epsilon = random.pick([1.1, 1.2, 1.35, 1.5, 1.7, 2.4]);
        return { regressor: { kind: 'huber', alpha, epsilon, maxIter: 1000 }, clipBps: random.pick([0, 5]) };
      });
      fitter.fit(requests, (fit, i) => {
        const { regressor } = requests[i]!;
        fits += 1;
        if (fit.certificate.absErrorSum !== null || regressor.kind !== 'huber') return;
        near += 1;
        const clip = clipBound(requests[i]!.clipBps);
        const { yy } = targetSums(workspace, data, clip);
        const { alpha, epsilon } = regressor;
        const scale = fit.scale!;
        const candidate: Candidate = {
          kind: 'huber',
          coef: fit.coef,
          clip,
          yy,
          alpha,
          epsilon,
          scale,
          scaleAtBound: false,
        };
        const [direct] = certify(workspace, data, [candidate]);
        const what = `${i}: ${JSON.stringify(requests[i])}`;
        assertClose(fit.certificate.objective, direct!.objective, 1e-12, what, 0);
        assert.equal(fit.certificate.outliers, direct!.outliers, what);
        assert.equal(fit.certificate.kktTolerance, direct!.kktTolerance, what);
        // Both are sums of n terms of size 1 that cancel.
        assertAllClose(fit.certificate.gradient, direct!.gradient, 1e-12, what, 100 * plain.y.length);
        assertClose(fit.certificate.scaleGradient, direct!.scaleGradient, 1e-12, what, 100 * plain.y.length);
      });
    });
    assert.ok(near > fits / 2 && near < fits, `${near} of ${fits} fits were near`);
  });
});
