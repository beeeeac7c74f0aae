import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitLogistic, logisticObjective, probability } from '../../src/numerics/logistic.ts';
import type { LinearFit } from '../../src/numerics/objectives/fit-result.ts';
import { buildGram } from '../../src/numerics/rows/gram.ts';
import { modelRows } from '../../src/numerics/rows/model-rows.ts';
import { assertAllClose, assertClose, assertSameBits } from '../support/closeness.ts';
import { groupedRows } from '../support/grouped-rows.ts';
import { logisticGradient, logisticLoss, predict } from '../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { normalRows, testWorkspace } from '../support/shared-matrix.ts';

/** Share of n, the largest that a gradient of n terms of unit features can be, below which it counts as zero. */
const ZERO_GRADIENT = 2e-11;

type Problem = { rows: number[][]; labels: number[] };

/** Every row a group of its own, half of its features told by row. */
function fit({ rows, labels }: Problem): LinearFit {
  const workspace = testWorkspace(4);
  const nState = Math.floor(rows[0]!.length / 2);
  const cut = rows[0]!.length - nState;
  const groups = rows.map((row, i) => ({
    market: row.slice(0, cut),
    states: [row.slice(cut)],
    target: 0,
    label: labels[i]!,
  }));
  const model = modelRows(groupedRows(workspace, groups), nState > 0);
  return fitLogistic(workspace, model, buildGram(workspace, workspace.arena, model));
}

/** Features of about unit size, labels drawn by the logistic model itself; both classes present. */
function randomProblem(random: Random): Problem {
  const nFeatures = random.integer(1, 12);
  const kind = random.pick(['normal', 'heavy-tailed', 'binary', 'duplicated'] as const);
  const rows = normalRows(random, random.integer(2, 200), nFeatures).map((row) => {
    if (kind === 'heavy-tailed') return row.map((value) => Math.fround(value / (0.05 + random.uniform())));
    if (kind === 'binary') return row.map((value) => (value > 0 ? 1 : 0));
    return kind === 'duplicated' ? row.map(() => row[0]!) : row;
  });
  const weights = Array.from({ length: nFeatures }, () => random.pick([0.1, 1, 5]) * random.normal());
  const offset = random.pick([0, -3]);
  const labels: number[] = rows.map((row) =>
    random.uniform() < probability(predict(row, [offset, ...weights])) ? 1 : 0,
  );
  if (labels.every((label) => label === labels[0])) labels[0] = 1 - labels[0]!;
  return { rows, labels };
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

function assertOptimal(problem: Problem, result: LinearFit): void {
  const { rows, labels } = problem;
  assert.equal(result.status, 'converged', `max |gradient| ${result.kktResidual} > ${result.kktTolerance}`);
  const gradient = logisticGradient(rows, labels, result.coef);
  const largest = Math.max(...gradient.map(Math.abs));
  assert.ok(largest <= ZERO_GRADIENT * Math.max(labels.length, 5), `gradient ${largest} by plain loops`);
  assertClose(result.kktResidual, largest, ZERO_GRADIENT, 'KKT residual', labels.length);
  assertClose(result.objective, logisticLoss(rows, labels, result.coef), 1e-12, 'objective');
}

describe('logistic regression', () => {
  test('the random problems have few and many positives, small and large coefficients', () => {
    const shares: number[] = [];
    const sizes: number[] = [];
    forEachSeed(60, (random) => {
      const problem = randomProblem(random);
      shares.push(problem.labels.reduce((sum, label) => sum + label, 0) / problem.labels.length);
      sizes.push(Math.max(...fit(problem).coef.map(Math.abs)));
    });
    assert.ok(Math.min(...shares) < 0.15 && Math.max(...shares) > 0.7);
    assert.ok(Math.min(...sizes) < 0.5 && Math.max(...sizes) > 2);
  });

  test('has no gradient left, by plain loops over the data', () => {
    forEachSeed(120, (random) => {
      const problem = randomProblem(random);
      assertOptimal(problem, fit(problem));
    });
  });

  test('cannot be improved by moving coefficients in any direction', () => {
    forEachSeed(40, (random) => {
      const { rows, labels } = randomProblem(random);
      const { coef } = fit({ rows, labels });
      const best = logisticLoss(rows, labels, coef);
      for (let trial = 0; trial < 20; trial += 1) {
        const length = 10 ** random.integer(-6, 0);
        const moved = coef.map((value) => value + length * random.normal());
        assert.ok(logisticLoss(rows, labels, moved) >= best * (1 - 1e-14));
      }
    });
  });

  test('the gradient is that of the objective: it agrees with central differences', () => {
    forEachSeed(30, (random) => {
      const { rows, labels } = randomProblem(random);
      const coef = Array.from({ length: rows[0]!.length + 1 }, () => 0.3 * random.normal());
      const objective = (at: readonly number[]): number => {
        const z = Float64Array.from(rows, (row) => predict(row, at));
        const squares = at.slice(1).reduce((sum, value) => sum + value * value, 0);
        return logisticObjective(z, Uint8Array.from(labels), ones(labels.length), 0, 0) + squares / 2;
      };
      const h = 1e-5;
      const differences = coef.map((_, j) => {
        const shifted = (by: number) => coef.map((value, k) => (k === j ? value + by : value));
        return (objective(shifted(h)) - objective(shifted(-h))) / (2 * h);
      });
      // h² of the third derivative, up to |x|³ with heavy tails, and rounding of the objective over h.
      assertAllClose(differences, logisticGradient(rows, labels, coef), 1e-5, 'gradient', labels.length);
    });
  });

  test('the objective along a direction is the objective there, without overflow anywhere', () => {
    forEachSeed(20, (random) => {
      const labels = Uint8Array.from({ length: 30 }, () => random.integer(0, 1));
      const z = Float64Array.from(labels, () => 10 ** random.integer(-3, 3) * random.normal());
      const direction = Float64Array.from(labels, () => random.normal());
      const t = random.uniform();
      const there = z.map((value, i) => value + t * direction[i]!);
      assert.equal(
        logisticObjective(z, labels, ones(30), t, direction),
        logisticObjective(there, labels, ones(30), 0, 0),
      );
    });
    assert.equal(logisticObjective(Float64Array.of(800, -800), Uint8Array.of(0, 1), ones(2), 0, 0), 1600);
    assert.equal(logisticObjective(Float64Array.of(800, -800), Uint8Array.of(1, 0), ones(2), 0, 0), 0);
    assert.equal(logisticObjective(Float64Array.of(0), Uint8Array.of(1), ones(2), 0, 0), Math.LN2);
    assert.deepEqual([probability(-1000), probability(0), probability(1000)], [0, 0.5, 1]);
  });

  test('separable classes have a finite answer: the penalty holds the coefficients', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(4, 200), random.integer(1, 6));
      const cut = rows.map((row) => row[0]!).sort((a, b) => a - b)[1]!;
      const problem = { rows, labels: rows.map((row) => (row[0]! > cut ? 1 : 0)) };
      const result = fit(problem);
      assertOptimal(problem, result);
      assert.ok(result.coef.every((value) => Math.abs(value) < 100));
    });
  });

  test('an only positive among many rows, and more features than rows, are solved too', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(2, 300), random.integer(1, 5));
      const rare = { rows, labels: rows.map((_, i) => (i === 0 ? 1 : 0)) };
      assertOptimal(rare, fit(rare));
      const wide = { rows: normalRows(random, 5, 30), labels: [0, 1, 1, 0, 1] };
      assertOptimal(wide, fit(wide));
    });
  });

  test('without any information gives every row the share of positives', () => {
    const rows = Array.from({ length: 8 }, () => [0, 0]);
    const { coef } = fit({ rows, labels: [1, 0, 0, 0, 1, 0, 0, 0] });
    assertClose(probability(coef[0]!), 0.25, 1e-12, 'share');
    assertSameBits(coef.subarray(1), [0, 0], 'coefficients');
  });

  test('rows twice, with every feature divided by √2, are a fit with the penalty halved', () => {
    // f over doubled rows is 2·Σ + ½‖w‖²; with features x/√2 and coefficients √2·w it is twice Σ + ½‖w‖² in w.
    forEachSeed(20, (random) => {
      const { rows, labels } = randomProblem(random);
      const once = fit({ rows, labels });
      const half = rows.map((row) => row.map((value) => Math.fround(value / Math.SQRT2)));
      const twice = fit({ rows: [...half, ...half], labels: [...labels, ...labels] });
      assertAllClose(
        twice.coef.map((value, j) => (j === 0 ? value : value / Math.SQRT2)),
        once.coef,
        // The features are rounded to float32 after the division.
        1e-5,
        'coef',
      );
    });
  });

  test('labels of one class are refused', () => {
    assert.throws(
      () => fit({ rows: [[1], [2]], labels: [1, 1] }),
      /labels of both classes are needed, got 2 positives in 2 rows/,
    );
    assert.throws(() => fit({ rows: [[1], [2]], labels: [0, 0] }), /got 0 positives in 2 rows/);
  });
});
