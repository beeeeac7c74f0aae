import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { calibrationBins } from '../../../src/numerics/metrics/calibration.ts';
import { sortedOrder } from '../../../src/numerics/metrics/sorted-order.ts';
import { assertAllClose } from '../../support/closeness.ts';
import { forEachSeed } from '../../support/random.ts';
import { testWorkspace } from '../../support/shared-matrix.ts';

type Golden = {
  readonly madeBy: string;
  readonly cases: readonly {
    readonly name: string;
    readonly probabilities: readonly number[];
    readonly labels: readonly number[];
    readonly rows: readonly number[];
    readonly meanPredicted: readonly number[];
    readonly sharePositive: readonly number[];
  }[];
};

const { madeBy, cases }: Golden = JSON.parse(readFileSync(new URL('calibration.golden.json', import.meta.url), 'utf8'));
const workspace = testWorkspace(1);

function binsOf(probabilities: readonly number[], labels: readonly number[], weights: readonly number[] | null = null) {
  const scores = Float64Array.from(probabilities);
  const rows = {
    scores,
    labels: Uint8Array.from(labels),
    weights: weights === null ? null : Int32Array.from(weights),
    cells: null,
    nCells: 1,
  };
  return calibrationBins(rows, sortedOrder(workspace, scores));
}

describe(`a calibration curve by deciles is that of ${madeBy}`, () => {
  for (const { name, probabilities, labels, rows, meanPredicted, sharePositive } of cases) {
    test(name, () => {
      const bins = binsOf(probabilities, labels);
      assert.deepEqual(
        bins.map((bin) => bin.rows),
        rows,
      );
      const predicted = bins.map((bin) => bin.meanPredicted);
      assertAllClose(Float64Array.from(predicted), meanPredicted, 1e-14, 'mean predicted');
      const shares = bins.map((bin) => bin.positives / bin.rows);
      assertAllClose(Float64Array.from(shares), sharePositive, 1e-15, 'share positive');
    });
  }
});

describe('a calibration curve', () => {
  test('takes a row of weight w as w rows', () => {
    forEachSeed(40, (random) => {
      const n = random.integer(1, 60);
      const nValues = random.pick([3, 1000]);
      const probabilities = Array.from({ length: n }, () => random.integer(0, nValues) / nValues);
      const labels = probabilities.map(() => random.integer(0, 1));
      const weights = probabilities.map(() => random.integer(1, 4));
      const repeat = (values: readonly number[]) =>
        values.flatMap((value, i) => new Array<number>(weights[i]!).fill(value));
      const weighted = binsOf(probabilities, labels, weights);
      const repeated = binsOf(repeat(probabilities), repeat(labels));
      assert.deepEqual(
        weighted.map(({ rows, positives }) => [rows, positives]),
        repeated.map(({ rows, positives }) => [rows, positives]),
      );
      const means = (bins: typeof weighted) => Float64Array.from(bins, ({ meanPredicted }) => meanPredicted);
      assertAllClose(means(weighted), [...means(repeated)], 1e-14, 'mean predicted');
      assert.ok(weighted.length <= Math.min(10, new Set(probabilities).size));
    });
  });

  test('of no rows has no bins', () => {
    assert.deepEqual(binsOf([], []), []);
  });
});
