import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Partition } from '../../../src/numerics/huber/partition.ts';
import { targetSums } from '../../../src/numerics/regression-data.ts';
import { assertClose } from '../../support/closeness.ts';
import { clipped, huberObjective, predict } from '../../support/plain-objectives.ts';
import { forEachSeed } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { Regressions } from '../../support/regression.ts';

describe('the partition into inliers and outliers', () => {
  test('after any moves, with and without screening, its sums are those of the rows where they stand now', () => {
    let crossings = 0;
    forEachSeed(25, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const clip = random.pick([Infinity, 4]);
      const { workspace, data } = new Regressions(plain, random.pick(['measured', 'unknown'] as const));
      const { nCoef } = data.columns;
      const partition = new Partition(workspace, workspace.arena, data);
      const targets = targetSums(workspace, data, clip);
      partition.reset(targets);
      // The partition works on targets less their mean.
      const y = clipped(plain, clip === Infinity ? 0 : clip).y.map((target) => target - targets.shift);
      const seen = { rows: plain.rows, y };
      const coef = new Float64Array(nCoef);
      for (let step = 0; step < 12; step += 1) {
        const length = random.pick([0, 0.001, 0.1, 1]);
        for (let j = 0; j < nCoef; j += 1) coef[j]! += length * random.normal();
        const threshold = random.pick([0.5, 2, 4, 30]);
        crossings += partition.move(coef, threshold);
        if (random.chance(0.4)) data.span.expectNear(coef.slice(), threshold);
        const residuals = seen.rows.map((row, i) => seen.y[i]! - predict(row, coef));
        assert.equal(partition.outliers, residuals.filter((r) => Math.abs(r) > threshold).length);
        const columns = seen.rows.map((row, i) => [1, ...row, seen.y[i]!]);
        for (let a = 0; a <= nCoef; a += 1) {
          let signed = 0;
          const gram = new Array<number>(a + 1).fill(0);
          residuals.forEach((r, i) => {
            if (Math.abs(r) > threshold) signed += Math.sign(r) * columns[i]![a]!;
            else for (let b = 0; b <= a; b += 1) gram[b]! += columns[i]![a]! * columns[i]![b]!;
          });
          // Sums of some hundred products, the largest of outliers that came and went.
          assertClose(partition.signed[a]!, signed, 1e-10, `signed ${a}`, 1e3);
          gram.forEach((value, b) => {
            assertClose(partition.gram[a * partition.size + b]!, value, 1e-10, `gram ${a}, ${b}`, 1e5);
          });
        }
        const scale = threshold / 1.35;
        const expected = huberObjective(seen, coef, scale, 0.5, 1.35);
        assertClose(partition.objective(coef, scale, 0.5, 1.35), expected, 1e-9, 'objective', 0);
      }
    });
    assert.ok(crossings > 5000, `only ${crossings} rows changed side`);
  });

  test('tells a certificate at any other point, and stays where it is', () => {
    let elsewhere = 0;
    forEachSeed(25, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const { workspace, data } = new Regressions(plain, random.pick(['measured', 'unknown'] as const));
      const targets = targetSums(workspace, data, Infinity);
      const partition = new Partition(workspace, workspace.arena, data);
      partition.reset(targets);
      const here = Float64Array.from({ length: data.columns.nCoef }, () => random.normal());
      partition.move(here, 2);
      const before = { outliers: partition.outliers, gram: partition.gram.slice(), signed: partition.signed.slice() };
      const y = plain.y.map((target) => target - targets.shift);
      for (const length of [0, 1e-3, 0.1, 2]) {
        const coef = here.map((value) => value + length * random.normal());
        const [scale, epsilon] = [random.pick([0.7, 1.5, 4]), random.pick([1.1, 1.35, 2])];
        const residuals = plain.rows.map((row, i) => y[i]! - predict(row, coef));
        const isOut = residuals.map((r) => Math.abs(r) > epsilon * scale);
        elsewhere += residuals.filter(
          (r, i) => isOut[i] !== Math.abs(y[i]! - predict(plain.rows[i]!, here)) > 2 && r,
        ).length;
        const found = partition.sumsAt(coef, scale, epsilon);
        const sum = (of: (r: number, i: number) => number) => residuals.reduce((total, r, i) => total + of(r, i), 0);
        assert.equal(found.outliers, isOut.filter(Boolean).length);
        assertClose(
          found.squares,
          sum((r, i) => (isOut[i] ? 0 : r * r)),
          1e-10,
          'squares',
          1e3,
        );
        assertClose(
          found.absolutes,
          sum((r, i) => (isOut[i] ? Math.abs(r) : 0)),
          1e-10,
          'absolutes',
          1e3,
        );
        found.products.forEach((product, j) => {
          const column = (i: number) => (j === 0 ? 1 : plain.rows[i]![j - 1]!);
          const expected = sum((r, i) => column(i) * Math.max(-epsilon, Math.min(r / scale, epsilon)));
          assertClose(product, expected, 1e-10, `product ${j}`, 1e3);
        });
      }
      assert.deepEqual({ outliers: partition.outliers, gram: partition.gram, signed: partition.signed }, before);
    });
    assert.ok(elsewhere > 1000, `only ${elsewhere} rows stood elsewhere`);
  });

  test('a copy moves on its own', () => {
    forEachSeed(5, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const { workspace, data } = new Regressions(plain);
      const original = new Partition(workspace, workspace.arena, data);
      const copy = new Partition(workspace, workspace.arena, data);
      original.reset(targetSums(workspace, data, Infinity));
      const coef = new Float64Array(data.columns.nCoef);
      original.move(coef, 1e9);
      const before = { outliers: original.outliers, gram: original.gram.slice(), signed: original.signed.slice() };
      copy.copyFrom(original);
      coef[0] = 1e6;
      assert.ok(copy.move(coef, 1) > 0);
      assert.deepEqual({ outliers: original.outliers, gram: original.gram, signed: original.signed }, before);
      assert.notDeepEqual(copy.gram, original.gram);
    });
  });
});
