import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAllClose, assertClose } from '../../support/closeness.ts';
import { clipped, huberObjective } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { groupsOf, type PlainData, Regressions } from '../../support/regression.ts';

/** Rows that repeat their first features and their target, with other last features, as positions of several ages do. */
function groupedData(random: Random): { data: PlainData; nState: number } {
  const { rows, y } = randomProblem(random, randomShape(random));
  const nState = random.integer(0, rows[0]!.length);
  const nMarket = rows[0]!.length - nState;
  const counts = rows.map(() => random.integer(1, 4));
  return {
    nState,
    data: {
      rows: rows.flatMap((row, i) =>
        Array.from({ length: counts[i]! }, (_, k) =>
          row.map((value, j) => (j < nMarket || k === 0 ? value : Math.fround(value + random.normal()))),
        ),
      ),
      y: y.flatMap((target, i) => new Array<number>(counts[i]!).fill(target)),
    },
  };
}

/** The same rows in an order in which no two neighbours share anything, so that each is a group of its own. */
function apart({ rows, y }: PlainData): PlainData {
  const order = [...rows.keys()].sort((a, b) => (a % 7) - (b % 7) || a - b);
  return { rows: order.map((i) => rows[i]!), y: order.map((i) => y[i]!) };
}

describe('fits on groups', () => {
  test('are those on the rows one by one: status, objective, scale, outliers, losses', () => {
    let grouped = 0;
    let rows = 0;
    forEachSeed(40, (random) => {
      const { data, nState } = groupedData(random);
      const single = apart(data);
      grouped += groupsOf(data, nState).length;
      rows += groupsOf(single, nState).length;
      const together = new Regressions(data, nState);
      const oneByOne = new Regressions(single, nState);
      for (const clipBps of [0, 4]) {
        const alpha = random.pick([0.001, 0.3, 20]);
        const epsilon = random.pick([1.2, 1.35, 1.9]);
        const a = together.huber({ alpha, epsilon, clipBps });
        const b = oneByOne.huber({ alpha, epsilon, clipBps });
        assert.equal(a.status, 'converged');
        assert.equal(b.status, 'converged');
        assertClose(a.certificate.objective, b.certificate.objective, 1e-12, 'objective', 0);
        assertClose(a.scale, b.scale, 1e-7, 'scale', 0);
        assertAllClose(a.coef, b.coef, 1e-6, 'coef', a.scale);
        assertClose(a.certificate.absErrorSum, b.certificate.absErrorSum, 1e-7, 'losses', 0);
        const plain = huberObjective(clipped(data, clipBps), a.coef, a.scale, alpha, epsilon);
        assertClose(a.certificate.objective, plain, 1e-12, 'objective by plain loops', 0);
        const ridge = together.ridge(alpha, clipBps);
        assertAllClose(ridge.coef, oneByOne.ridge(alpha, clipBps).coef, 1e-9, 'ridge', 1);
      }
    });
    assert.ok(grouped < 0.6 * rows, `${grouped} groups, ${rows} rows`);
  });
});
