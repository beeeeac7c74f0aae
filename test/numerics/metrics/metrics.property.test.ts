import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rocAuc } from '../../../src/numerics/metrics/auc.ts';
import { brierScore, constantBrierScore } from '../../../src/numerics/metrics/brier.ts';
import { constantMeanAbsoluteError } from '../../../src/numerics/metrics/mean-absolute-error.ts';
import { median } from '../../../src/numerics/metrics/median.ts';
import { assertClose } from '../../support/closeness.ts';
import { forEachSeed } from '../../support/random.ts';

/** Every (positive, negative) pair looked at: 1 when ordered rightly, ½ when tied. */
function aucByPairs(labels: readonly number[], scores: readonly number[]): number {
  let points = 0;
  let pairs = 0;
  labels.forEach((label, i) => {
    if (label !== 1) return;
    labels.forEach((other, j) => {
      if (other !== 0) return;
      pairs += 1;
      if (scores[i]! > scores[j]!) points += 1;
      else if (scores[i]! === scores[j]!) points += 0.5;
    });
  });
  return points / pairs;
}

describe('AUC', () => {
  test('is the share of pairs in the right order, ties counted as half', () => {
    let tied = 0;
    forEachSeed(100, (random) => {
      const n = random.integer(2, 60);
      const nScores = random.pick([1, 2, 5, 1000]);
      const labels = [0, 1, ...Array.from({ length: n - 2 }, () => random.integer(0, 1))];
      const scores = labels.map(() => random.integer(-nScores, nScores) / 7);
      tied += n - new Set(scores).size;
      const got = rocAuc(Uint8Array.from(labels), Float64Array.from(scores));
      assertClose(got ?? Number.NaN, aucByPairs(labels, scores), 1e-14, `${n} rows`);
    });
    assert.ok(tied > 500, `only ${tied} ties`);
  });

  test('is 1 for perfect order, 0 for the reverse, ½ where all scores are equal, and 0 ties with −0', () => {
    const labels = Uint8Array.of(0, 0, 1, 1);
    assert.equal(rocAuc(labels, Float64Array.of(1, 2, 3, 4)), 1);
    assert.equal(rocAuc(labels, Float64Array.of(4, 3, 2, 1)), 0);
    assert.equal(rocAuc(labels, Float64Array.of(5, 5, 5, 5)), 0.5);
    assert.equal(rocAuc(labels, Float64Array.of(0, -0, 0, -0)), 0.5);
  });

  test('does not exist where all labels are of one class, or there are none', () => {
    assert.equal(rocAuc(Uint8Array.of(1, 1), Float64Array.of(0.1, 0.9)), null);
    assert.equal(rocAuc(Uint8Array.of(0, 0), Float64Array.of(0.1, 0.9)), null);
    assert.equal(rocAuc(new Uint8Array(0), new Float64Array(0)), null);
  });

  test('is the same whatever the order of the rows, and leaves its input as it was', () => {
    forEachSeed(20, (random) => {
      const n = random.integer(4, 40);
      const labels = [0, 1, ...Array.from({ length: n - 2 }, () => random.integer(0, 1))];
      const scores = Float64Array.from(labels, () => random.integer(0, 6));
      const before = scores.slice();
      const auc = rocAuc(Uint8Array.from(labels), scores);
      assert.deepEqual(scores, before);
      const order = random.permutation(n);
      const shuffled = rocAuc(
        Uint8Array.from(order, (i) => labels[i]!),
        Float64Array.from(order, (i) => scores[i]!),
      );
      assert.equal(shuffled, auc);
    });
  });
});

describe('Brier score, median and mean absolute error', () => {
  test('the Brier score is the mean squared distance of probability and label', () => {
    assertClose(
      brierScore(Uint8Array.of(1, 0, 1), Float64Array.of(0.9, 0.2, 0.5)),
      (0.01 + 0.04 + 0.25) / 3,
      1e-15,
      '',
    );
    forEachSeed(20, (random) => {
      const labels = Uint8Array.from({ length: random.integer(1, 50) }, () => random.integer(0, 1));
      const p = random.uniform();
      const repeated = new Float64Array(labels.length).fill(p);
      assert.equal(constantBrierScore(labels, p), brierScore(labels, repeated));
    });
  });

  test('the median has as many values below as above it', () => {
    assert.equal(median(Float64Array.of(3)), 3);
    assert.equal(median(Float64Array.of(10, -10, 3)), 3);
    assert.equal(median(Float32Array.of(4, 1, 3, 2)), 2.5);
    assert.equal(median(Float32Array.of(0.1, 0.2)), (Math.fround(0.1) + Math.fround(0.2)) / 2);
    assert.throws(() => median(new Float64Array(0)), /no values/);
    forEachSeed(30, (random) => {
      const values = Float64Array.from({ length: random.integer(1, 41) }, () => random.integer(-9, 9));
      const before = values.slice();
      const m = median(values);
      assert.deepEqual(values, before);
      const below = values.filter((value) => value < m).length;
      const above = values.filter((value) => value > m).length;
      assert.ok(below <= values.length / 2 && above <= values.length / 2, `${m} of ${values}`);
    });
  });

  test('the median is the constant of least mean absolute error', () => {
    forEachSeed(20, (random) => {
      const values = Float32Array.from({ length: random.integer(1, 30) }, () => random.normal());
      const best = constantMeanAbsoluteError(values, median(values));
      assertClose(best, values.reduce((sum, v) => sum + Math.abs(v - median(values)), 0) / values.length, 1e-14, 'sum');
      for (const shift of [-1, -0.01, 0.01, 1]) {
        assert.ok(constantMeanAbsoluteError(values, median(values) + shift) >= best - 1e-15);
      }
    });
  });
});
