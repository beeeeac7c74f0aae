import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PredictionSpan } from '../../src/numerics/prediction-span.ts';
import { predict } from '../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { type PlainData, Regressions } from '../support/regression.ts';
import { normalRows } from '../support/shared-matrix.ts';

/** How far the rows' predictions are from the approximate ones, in units of what the span admits; more than 1 is wrong. */
function worstShare(span: PredictionSpan, plain: PlainData, coef: Float64Array, first: number, count: number): number {
  const { address, distance } = span.approximate(coef, first, count);
  const values = new Float32Array(span.rows.matrix.x.buffer, address, count);
  const slopes = Float64Array.from(coef);
  slopes[0] = 0;
  let worst = 0;
  for (let i = 0; i < count; i += 1) {
    const off = Math.abs(values[i]! - predict(plain.rows[first + i]!, slopes));
    const admitted = span.rows.leverage[first + i]! * distance;
    // A row of zeros has no leverage and no prediction.
    worst = Math.max(worst, off === 0 ? 0 : off / admitted);
  }
  return worst;
}

function modelNear(random: Random, coef: Float64Array, size: number): Float64Array {
  return coef.map((value) => value + size * random.normal());
}

describe('approximate predictions', () => {
  test('are off by no more than they say, whatever the span has been told before', () => {
    let models = 0;
    forEachSeed(25, (random) => {
      const plain = randomProblem(random, { ...randomShape(random), nSamples: random.integer(60, 400) });
      const { data } = new Regressions(plain, 'measured');
      const { span } = data;
      const nRows = plain.y.length;
      const size = random.pick([1e-3, 1, 1e4]);
      let centre: Float64Array = Float64Array.from({ length: data.columns.nCoef }, () => size * random.normal());
      for (let step = 0; step < 60; step += 1) {
        if (random.chance(0.1)) {
          centre = modelNear(random, centre, random.pick([0.1, 3]) * size);
          span.expectNear(centre, random.pick([1e-3, 1]) * size);
        }
        const coef = modelNear(random, centre, random.pick([0, 1e-6, 1e-2, 1]) * size);
        const first = random.integer(0, nRows - 1);
        const share = worstShare(span, plain, coef, first, random.integer(1, nRows - first));
        assert.ok(share <= 1, `step ${step}: off by ${share} times what is admitted`);
        span.leftOpen(coef, random.integer(0, Math.ceil(0.1 * nRows)));
        models += 1;
      }
    });
    assert.equal(models, 1500);
  });

  test('are off by no more than they say where columns are collinear', () => {
    forEachSeed(10, (random) => {
      const rows = normalRows(random, 200, 3).map((row) => [
        ...row,
        row[0]!,
        Math.fround(row[1]! + 1e-6 * random.normal()),
      ]);
      const plain = { rows, y: rows.map((row) => Math.fround(row[0]! + random.normal())) };
      const { span } = new Regressions(plain, 'measured').data;
      for (let step = 0; step < 30; step += 1) {
        const coef = Float64Array.from({ length: 6 }, () => random.normal());
        assert.ok(worstShare(span, plain, coef, 0, 200) <= 1, `step ${step}`);
        span.leftOpen(coef, 50);
      }
    });
  });

  test('come close for models near an announced one, once enough rows have been left open', () => {
    forEachSeed(10, (random) => {
      const plain = randomProblem(random, { ...randomShape(random), nSamples: 300 });
      const { data } = new Regressions(plain, 'measured');
      const centre = Float64Array.from({ length: data.columns.nCoef }, () => random.normal());
      const near = modelNear(random, centre, 1e-3);
      data.span.expectNear(centre, 1);
      const before = data.span.approximate(near, 0, 300).distance;
      data.span.leftOpen(near, 300);
      const after = data.span.approximate(near, 0, 300).distance;
      assert.ok(after < 0.02 * before, `${before}, then ${after}`);
    });
  });
});
