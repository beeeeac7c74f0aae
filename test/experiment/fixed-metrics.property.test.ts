import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constantsOf, judgeClassifiers, positivesOf } from '../../src/experiment/fixed-metrics.ts';
import { FEATURE_SETS } from '../../src/experiment/results.ts';
import { rocAuc } from '../../src/numerics/metrics/auc.ts';
import { median } from '../../src/numerics/metrics/median.ts';
import type { LinearFit } from '../../src/numerics/objectives/fit-result.ts';
import { probability } from '../../src/numerics/probability.ts';
import { assertAllClose, assertClose } from '../support/closeness.ts';
import { groupedRows, type PlainGroup } from '../support/grouped-rows.ts';
import { predict } from '../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { normalRows, normalVector, testWorkspace } from '../support/shared-matrix.ts';

type PlainRow = {
  day: number;
  label: number;
  edge: number;
  features: { market_only: number[]; market_plus_state: number[] };
};

function randomGroups(random: Random, nDays: number): PlainGroup[] {
  return normalRows(random, random.integer(2, 60), 3).map((market, g) => ({
    market,
    states: normalRows(random, random.integer(1, 5), 2),
    target: random.integer(-40, 40),
    // Both classes are there.
    label: g < 2 ? g : random.integer(0, 1),
    day: random.integer(0, nDays - 1),
  }));
}

function rowsOf(groups: readonly PlainGroup[]): PlainRow[] {
  return groups.flatMap(({ market, states, target, label, day }) =>
    states.map((state) => ({
      day: day!,
      label: label!,
      edge: target,
      features: { market_only: [...market], market_plus_state: [...market, ...state] },
    })),
  );
}

function fitWith(coef: readonly number[]): LinearFit {
  const certificate = { objective: 0, iterations: 0, kktResidual: 0, kktTolerance: 0 };
  return { status: 'converged', coef: Float64Array.from(coef), ...certificate };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('metrics that no regressor moves', () => {
  test('are those of the rows one by one, and sums over their days', () => {
    forEachSeed(40, (random) => {
      const nDays = random.integer(1, 6);
      const groups = randomGroups(random, nDays);
      const plain = rowsOf(groups);
      const workspace = testWorkspace(2);
      const rows = groupedRows(workspace, groups);
      const days = Int32Array.from({ length: nDays }, (_, day) => day);
      const dayRowCounts = days.map((day) => plain.filter((row) => row.day === day).length);
      const coefs = { market_only: normalVector(random, 4), market_plus_state: normalVector(random, 6) };
      const classifiers = {
        market_only: fitWith(coefs.market_only),
        market_plus_state: fitWith(coefs.market_plus_state),
      };
      const constants = { rate: random.uniform(), medianEdge: random.normal() };
      const { metrics: got, daily } = judgeClassifiers(
        workspace,
        rows,
        { days, dayRowCounts, pairCells: days },
        classifiers,
        constants,
        false,
      );

      assert.equal(got.rowCount, plain.length);
      assert.equal(got.positiveRate, mean(plain.map(({ label }) => label)));
      assertClose(got.constantBrier, mean(plain.map(({ label }) => (constants.rate - label) ** 2)), 1e-14, 'constant');
      assertClose(
        got.edgeConstantMae,
        mean(plain.map(({ edge }) => Math.abs(edge - constants.medianEdge))),
        1e-14,
        'mae',
      );
      assert.deepEqual(daily.rows, dayRowCounts);
      const byDay = (value: (row: PlainRow) => number): number[] =>
        [...days].map((day) => plain.reduce((sum, row) => sum + (row.day === day ? value(row) : 0), 0));
      assert.deepEqual(
        [...daily.positives],
        byDay(({ label }) => label),
      );
      assertAllClose(
        daily.constantSquaredErrors,
        byDay(({ label }) => (constants.rate - label) ** 2),
        1e-13,
        'rate',
      );
      const off = byDay(({ edge }) => Math.abs(edge - constants.medianEdge));
      assertAllClose(daily.constantAbsoluteErrors, off, 1e-13, 'median');
      for (const set of FEATURE_SETS) {
        const p = (row: PlainRow): number => probability(predict(row.features[set], coefs[set]));
        assertClose(got.brier[set], mean(plain.map((row) => (p(row) - row.label) ** 2)), 1e-13, 'brier');
        assertAllClose(
          daily.squaredErrors[set],
          byDay((row) => (p(row) - row.label) ** 2),
          1e-12,
          'squares',
        );
        const labels = Uint8Array.from(plain, ({ label }) => label);
        assertClose(got.auc[set]!, rocAuc(workspace, labels, Float64Array.from(plain, p))!, 1e-12, 'auc');
        const pairs = daily.doubledPairs![set];
        assert.ok(pairs.every(Number.isInteger));
        const negatives = byDay(({ label }) => 1 - label);
        // Doubled pairs of one positive day and one negative day are between none and all.
        pairs.forEach((count, k) => {
          assert.ok(count >= 0 && count <= 2 * daily.positives[Math.floor(k / nDays)]! * negatives[k % nDays]!);
        });
      }
    });
  });

  test('pairs are counted by cells of days where there are such, and the AUC is the same by any', () => {
    forEachSeed(10, (random) => {
      const workspace = testWorkspace(2);
      const nDays = 6;
      const groups = randomGroups(random, nDays);
      const rows = groupedRows(workspace, groups);
      const days = Int32Array.from({ length: nDays }, (_, day) => day);
      const judged = (pairCells: Int32Array | null, isFitSplit = false) => {
        const dayRowCounts = days.map((day) => rowsOf(groups).filter((row) => row.day === day).length);
        const classifiers = { market_only: fitWith([0, 1, 0, 2]), market_plus_state: fitWith([0, 1, 0, 0, 1, 1]) };
        const constants = { rate: 0.5, medianEdge: 0 };
        const part = { days, dayRowCounts, pairCells };
        return judgeClassifiers(workspace, rows, part, classifiers, constants, isFitSplit);
      };
      const cells = [0, 0, 1, 2, 2, 2];
      const [byDay, byCell, byNone] = [judged(days), judged(Int32Array.from(cells)), judged(null)];
      const asFit = judged(days, true);
      for (const set of FEATURE_SETS) {
        const folded = new Float64Array(9);
        byDay.daily.doubledPairs![set].forEach((count, at) => {
          folded[cells[Math.floor(at / nDays)]! * 3 + cells[at % nDays]!]! += count;
        });
        assert.deepEqual(byCell.daily.doubledPairs![set], folded);
      }
      assert.deepEqual([byNone.daily.doubledPairs, asFit.daily.doubledPairs], [null, null]);
      for (const { metrics } of [byCell, byNone, asFit]) assert.deepEqual(metrics.auc, byDay.metrics.auc);
    });
  });

  test('calibrations are of the very rows that are judged, and none is made of the fit split', () => {
    forEachSeed(10, (random) => {
      const workspace = testWorkspace(2);
      const groups = randomGroups(random, 2);
      const plain = rowsOf(groups);
      const days = Int32Array.of(0, 1);
      const part = { days, dayRowCounts: days, pairCells: null };
      const coefs = { market_only: normalVector(random, 4), market_plus_state: normalVector(random, 6) };
      const classifiers = {
        market_only: fitWith(coefs.market_only),
        market_plus_state: fitWith(coefs.market_plus_state),
      };
      const judged = (isFitSplit: boolean) =>
        judgeClassifiers(
          workspace,
          groupedRows(workspace, groups),
          part,
          classifiers,
          { rate: 0.5, medianEdge: 0 },
          isFitSplit,
        ).daily.calibration;
      for (const set of FEATURE_SETS) {
        const bins = judged(false)![set];
        const total = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((sum, bin) => sum + of(bin), 0);
        assert.equal(
          total(({ rows }) => rows),
          plain.length,
        );
        assert.equal(
          total(({ positives }) => positives),
          plain.filter(({ label }) => label === 1).length,
        );
        const predicted = mean(plain.map((row) => probability(predict(row.features[set], coefs[set]))));
        assertClose(total(({ rows, meanPredicted }) => rows * meanPredicted) / plain.length, predicted, 1e-13, 'mean');
        bins.forEach((bin, i) => {
          assert.ok(i === 0 || bin.meanPredicted > bins[i - 1]!.meanPredicted);
        });
      }
      assert.equal(judged(true), null);
    });
  });

  test('the constants are the share of positives and the median of the edges, row by row', () => {
    forEachSeed(40, (random) => {
      const groups = randomGroups(random, 2);
      const plain = rowsOf(groups);
      const workspace = testWorkspace(2);
      const rows = groupedRows(workspace, groups);
      assert.equal(positivesOf(rows), plain.filter(({ label }) => label === 1).length);
      const { rate, medianEdge } = constantsOf(workspace, rows);
      assert.equal(rate, mean(plain.map(({ label }) => label)));
      assert.equal(medianEdge, median(Float64Array.from(plain, ({ edge }) => edge)));
    });
  });
});
