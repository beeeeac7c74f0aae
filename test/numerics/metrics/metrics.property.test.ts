import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { powerOfTwo } from '../../../src/numerics/elementary/power-of-two.ts';
import { aucOf, countPairs, rocAuc } from '../../../src/numerics/metrics/auc.ts';
import { constantSquaredErrorSum, squaredErrorSums } from '../../../src/numerics/metrics/brier.ts';
import { constantAbsoluteErrorSums } from '../../../src/numerics/metrics/mean-absolute-error.ts';
import { median, weightedMedian } from '../../../src/numerics/metrics/median.ts';
import { sortedOrder } from '../../../src/numerics/metrics/sorted-order.ts';
import { assertAllClose, assertClose } from '../../support/closeness.ts';
import { forEachSeed } from '../../support/random.ts';
import { testWorkspace } from '../../support/shared-matrix.ts';

const workspace = testWorkspace(1);

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
      const got = rocAuc(workspace, Uint8Array.from(labels), Float64Array.from(scores));
      assertClose(got ?? Number.NaN, aucByPairs(labels, scores), 1e-14, `${n} rows`);
    });
    assert.ok(tied > 500, `only ${tied} ties`);
  });

  test('is 1 for perfect order, 0 for the reverse, ½ where all scores are equal, and 0 ties with −0', () => {
    const labels = Uint8Array.of(0, 0, 1, 1);
    assert.equal(rocAuc(workspace, labels, Float64Array.of(1, 2, 3, 4)), 1);
    assert.equal(rocAuc(workspace, labels, Float64Array.of(4, 3, 2, 1)), 0);
    assert.equal(rocAuc(workspace, labels, Float64Array.of(5, 5, 5, 5)), 0.5);
    assert.equal(rocAuc(workspace, labels, Float64Array.of(0, -0, 0, -0)), 0.5);
  });

  test('does not exist where all labels are of one class, or there are none', () => {
    assert.equal(rocAuc(workspace, Uint8Array.of(1, 1), Float64Array.of(0.1, 0.9)), null);
    assert.equal(rocAuc(workspace, Uint8Array.of(0, 0), Float64Array.of(0.1, 0.9)), null);
    assert.equal(rocAuc(workspace, new Uint8Array(0), new Float64Array(0)), null);
  });

  test('is the same whatever the order of the rows, and leaves its input as it was', () => {
    forEachSeed(20, (random) => {
      const n = random.integer(4, 40);
      const labels = [0, 1, ...Array.from({ length: n - 2 }, () => random.integer(0, 1))];
      const scores = Float64Array.from(labels, () => random.integer(0, 6));
      const before = scores.slice();
      const auc = rocAuc(workspace, Uint8Array.from(labels), scores);
      assert.deepEqual(scores, before);
      const order = random.permutation(n);
      const shuffled = rocAuc(
        workspace,
        Uint8Array.from(order, (i) => labels[i]!),
        Float64Array.from(order, (i) => scores[i]!),
      );
      assert.equal(shuffled, auc);
    });
  });
});

describe('pair counts', () => {
  test('are those of every pair looked at, by the cells of the positive and the negative, weights as repeated rows', () => {
    let tied = 0;
    forEachSeed(60, (random) => {
      const n = random.integer(1, 50);
      const nCells = random.integer(1, 6);
      const nScores = random.pick([2, 5, 1000]);
      const labels = Uint8Array.from({ length: n }, () => random.integer(0, 1));
      const scores = Float64Array.from({ length: n }, () => random.integer(-nScores, nScores) / 7);
      const weights = Int32Array.from({ length: n }, () => random.integer(1, 5));
      const cells = Int32Array.from({ length: n }, () => random.integer(0, nCells - 1));
      const expected = new Float64Array(nCells * nCells);
      labels.forEach((label, i) => {
        labels.forEach((other, j) => {
          if (label !== 1 || other !== 0) return;
          const points = scores[i]! > scores[j]! ? 2 : scores[i] === scores[j] ? 1 : 0;
          tied += points === 1 ? 1 : 0;
          expected[cells[i]! * nCells + cells[j]!]! += points * weights[i]! * weights[j]!;
        });
      });
      const counts = countPairs({ scores, labels, weights, cells, nCells }, sortedOrder(workspace, scores));
      assert.deepEqual(counts.doubled, expected);
      const rowsOfClass = (wanted: number, cell: number): number =>
        weights.reduce((sum, weight, i) => sum + (labels[i] === wanted && cells[i] === cell ? weight : 0), 0);
      counts.positives.forEach((count, cell) => {
        assert.equal(count, rowsOfClass(1, cell));
      });
      counts.negatives.forEach((count, cell) => {
        assert.equal(count, rowsOfClass(0, cell));
      });
      const repeat = <T extends ArrayLike<number>>(values: T) =>
        Array.from(values).flatMap((value, i) => new Array<number>(weights[i]!).fill(value));
      assert.equal(
        aucOf(counts),
        rocAuc(workspace, Uint8Array.from(repeat(labels)), Float64Array.from(repeat(scores))),
      );
    });
    assert.ok(tied > 500, `only ${tied} ties`);
  });

  test('arrays that do not belong together are refused', () => {
    const labels = Uint8Array.of(0, 1);
    assert.throws(() => rocAuc(workspace, labels, Float64Array.of(1)), /2 labels, 1 scores/);
  });
});

describe('sorting by bits', () => {
  test('orders any numbers as comparing them does, and leaves equal ones in their order', () => {
    forEachSeed(60, (random) => {
      const n = random.integer(0, 300);
      const draw = random.pick([
        () => random.integer(-3, 3),
        () => random.normal(),
        () => random.uniform(),
        () => random.normal() * powerOfTwo(random.integer(-1000, 1000)),
        () => random.pick([0, -0, 5e-324, -5e-324, Infinity, -Infinity, Number.MAX_VALUE, 1, 1 + Number.EPSILON]),
      ]);
      const values = Float64Array.from({ length: n }, draw);
      const expected = Array.from({ length: n }, (_, i) => i).sort((a, b) => {
        if (values[a] === values[b]) return a - b;
        return values[a]! < values[b]! ? -1 : 1;
      });
      assert.deepEqual([...sortedOrder(workspace, values)], expected);
    });
  });
});

describe('Brier score, median and mean absolute error', () => {
  test('squared errors are those of probability and label, by cell; over the rows they are the Brier score', () => {
    const three = { scores: Float64Array.of(0.9, 0.2, 0.5), labels: Uint8Array.of(1, 0, 1), weights: null };
    assertAllClose(squaredErrorSums({ ...three, cells: null, nCells: 1 }), [0.01 + 0.04 + 0.25], 1e-15, 'all');
    const byCell = { weights: Int32Array.of(1, 2, 3), cells: Int32Array.of(1, 0, 1), nCells: 2 };
    assertAllClose(squaredErrorSums({ ...three, ...byCell }), [2 * 0.04, 0.01 + 3 * 0.25], 1e-15, 'by cell');
    forEachSeed(20, (random) => {
      const labels = Uint8Array.from({ length: random.integer(1, 50) }, () => random.integer(0, 1));
      const p = random.uniform();
      const scores = new Float64Array(labels.length).fill(p);
      const positives = labels.reduce((sum, label) => sum + label, 0);
      const [sum] = squaredErrorSums({ scores, labels, weights: null, cells: null, nCells: 1 });
      assertClose(constantSquaredErrorSum(positives, labels.length - positives, p), sum!, 1e-14, 'constant');
    });
  });

  test('the median of weighted values is that of the values repeated', () => {
    forEachSeed(60, (random) => {
      const values = Float32Array.from({ length: random.integer(1, 30) }, () => random.integer(-9, 9) / 3);
      const weights = Int32Array.from(values, () => random.integer(1, 4));
      const repeated = [...values].flatMap((value, i) => new Array<number>(weights[i]!).fill(value));
      assert.equal(weightedMedian(workspace, values, weights), median(Float32Array.from(repeated)));
    });
    assert.throws(() => weightedMedian(workspace, new Float32Array(0), new Int32Array(0)), /no values/);
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
      const meanAt = (constant: number): number => {
        const weights = new Int32Array(values.length).fill(2);
        const cells = Int32Array.from(values, (_, i) => i % 3);
        const sums = constantAbsoluteErrorSums(values, weights, cells, 3, constant);
        return sums.reduce((total, sum) => total + sum, 0) / 2 / values.length;
      };
      const best = meanAt(median(values));
      assertClose(best, values.reduce((sum, v) => sum + Math.abs(v - median(values)), 0) / values.length, 1e-14, 'sum');
      for (const shift of [-1, -0.01, 0.01, 1]) assert.ok(meanAt(median(values) + shift) >= best - 1e-15);
    });
  });
});
