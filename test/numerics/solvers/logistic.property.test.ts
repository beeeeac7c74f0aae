import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LinearFit } from '../../../src/numerics/objectives/fit-result.ts';
import { probability } from '../../../src/numerics/probability.ts';
import { buildGram } from '../../../src/numerics/rows/gram.ts';
import { modelRows } from '../../../src/numerics/rows/model-rows.ts';
import { fitLogistic } from '../../../src/numerics/solvers/logistic.ts';
import { assertAllClose, assertClose, assertSameBits } from '../../support/closeness.ts';
import { groupedRows, type PlainGroup, rowsOf } from '../../support/grouped-rows.ts';
import { logisticGradient, logisticLoss, predict } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { normalRows, testWorkspace } from '../../support/shared-matrix.ts';

/** Share of n, the largest that a gradient of n terms of unit features can be, below which it counts as zero. */
const ZERO_GRADIENT = 2e-11;

/** Groups of rows, and the same rows one by one as the model sees them, with their labels. */
type Problem = { groups: PlainGroup[]; withState: boolean; rows: number[][]; labels: number[] };

function problemOf(groups: PlainGroup[], withState: boolean): Problem {
  const rows = withState ? rowsOf(groups).rows : groups.flatMap(({ market, states }) => states.map(() => [...market]));
  return { groups, withState, rows, labels: groups.flatMap(({ label, states }) => states.map(() => label ?? 0)) };
}

/** Rows that have nothing in common: each a group of its own, all its features the market's. */
function ungrouped(rows: readonly (readonly number[])[], labels: readonly number[]): Problem {
  return problemOf(
    rows.map((market, i) => ({ market, states: [[]], target: 0, label: labels[i]! })),
    false,
  );
}

function fit({ groups, withState }: Problem): LinearFit {
  const workspace = testWorkspace(4);
  const rows = groupedRows(workspace, groups);
  // The Gram matrix is always that of all columns: a model on fewer has its leading block.
  const gram = buildGram(workspace, workspace.arena, modelRows(rows, true));
  return fitLogistic(workspace, modelRows(rows, withState), gram);
}

/** Features of about unit size, labels drawn by the logistic model itself; both classes present. */
function randomProblem(random: Random): Problem {
  const [nMarket, nState] = [random.integer(1, 8), random.integer(1, 6)];
  const kind = random.pick(['normal', 'heavy-tailed', 'binary', 'duplicated'] as const);
  const shaped = (row: number[]): number[] => {
    if (kind === 'heavy-tailed') return row.map((value) => Math.fround(value / (0.05 + random.uniform())));
    if (kind === 'binary') return row.map((value) => (value > 0 ? 1 : 0));
    return kind === 'duplicated' ? row.map(() => row[0]!) : row;
  };
  const weights = Array.from({ length: nMarket + nState }, () => random.pick([0.1, 1, 5]) * random.normal());
  const offset = random.pick([0, -3]);
  const largest = random.pick([1, 3, 90]);
  const groups = normalRows(random, random.integer(2, 100), nMarket).map((market): PlainGroup => {
    const states = normalRows(random, random.integer(1, largest), nState).map(shaped);
    const row = [...shaped(market), ...states[0]!];
    const label = random.uniform() < probability(predict(row, [offset, ...weights])) ? 1 : 0;
    return { market: row.slice(0, nMarket), states, target: 0, label };
  });
  if (groups.every(({ label }) => label === groups[0]!.label))
    groups[0] = { ...groups[0]!, label: 1 - groups[0]!.label! };
  return problemOf(groups, random.chance(0.5));
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
      const problem = randomProblem(random);
      const { rows, labels } = problem;
      const { coef } = fit(problem);
      const best = logisticLoss(rows, labels, coef);
      for (let trial = 0; trial < 20; trial += 1) {
        const length = 10 ** random.integer(-6, 0);
        const moved = coef.map((value) => value + length * random.normal());
        assert.ok(logisticLoss(rows, labels, moved) >= best * (1 - 1e-14));
      }
    });
  });

  test('groups of rows and the same rows one by one have the same answer', () => {
    forEachSeed(40, (random) => {
      const problem = randomProblem(random);
      const { coef, objective } = fit(problem);
      const alone = fit(ungrouped(problem.rows, problem.labels));
      assertClose(objective, alone.objective, 1e-12, 'objective');
      assertAllClose(coef, alone.coef, 1e-7, 'coef');
    });
  });

  test('separable classes have a finite answer: the penalty holds the coefficients', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(4, 200), random.integer(1, 6));
      const cut = rows.map((row) => row[0]!).sort((a, b) => a - b)[1]!;
      const problem = ungrouped(
        rows,
        rows.map((row) => (row[0]! > cut ? 1 : 0)),
      );
      const result = fit(problem);
      assertOptimal(problem, result);
      assert.ok(result.coef.every((value) => Math.abs(value) < 100));
    });
  });

  test('an only positive among many rows, and more features than rows, are solved too', () => {
    forEachSeed(20, (random) => {
      const rows = normalRows(random, random.integer(2, 300), random.integer(1, 5));
      const rare = ungrouped(
        rows,
        rows.map((_, i) => (i === 0 ? 1 : 0)),
      );
      assertOptimal(rare, fit(rare));
      const wide = ungrouped(normalRows(random, 5, 30), [0, 1, 1, 0, 1]);
      assertOptimal(wide, fit(wide));
    });
  });

  test('without any information gives every row the share of positives', () => {
    const rows = Array.from({ length: 8 }, () => [0, 0]);
    const { coef } = fit(ungrouped(rows, [1, 0, 0, 0, 1, 0, 0, 0]));
    assertClose(probability(coef[0]!), 0.25, 1e-12, 'share');
    assertSameBits(coef.subarray(1), [0, 0], 'coefficients');
  });

  test('rows twice, with every feature divided by √2, are a fit with the penalty halved', () => {
    // f over doubled rows is 2·Σ + ½‖w‖²; with features x/√2 and coefficients √2·w it is twice Σ + ½‖w‖² in w.
    forEachSeed(20, (random) => {
      const { rows, labels } = randomProblem(random);
      const once = fit(ungrouped(rows, labels));
      const half = rows.map((row) => row.map((value) => Math.fround(value / Math.SQRT2)));
      const twice = fit(ungrouped([...half, ...half], [...labels, ...labels]));
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
      () => fit(ungrouped([[1], [2]], [1, 1])),
      /labels of both classes are needed, got 2 positives in 2 rows/,
    );
    assert.throws(() => fit(ungrouped([[1], [2]], [0, 0])), /got 0 positives in 2 rows/);
  });
});
