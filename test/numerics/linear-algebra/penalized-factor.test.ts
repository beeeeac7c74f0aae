import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PenalizedFactor } from '../../../src/numerics/linear-algebra/penalized-factor.ts';
import { dot, maxAbs, penaltyNorm, symmetricProduct } from '../../../src/numerics/linear-algebra/symmetric.ts';
import { assertAllClose, assertClose } from '../../support/closeness.ts';
import { forEachSeed } from '../../support/random.ts';
import { normalVector, testWorkspace } from '../../support/shared-matrix.ts';

function factorOf(n: number): PenalizedFactor {
  const workspace = testWorkspace(1);
  return new PenalizedFactor(workspace.kernels, workspace.arena, n);
}

describe('symmetric matrices kept as lower triangles', () => {
  test('a product reads the lower triangle only', () => {
    forEachSeed(20, (random) => {
      const n = random.integer(1, 12);
      const ld = n + random.integer(0, 3);
      const a = new Float64Array(n * ld).fill(Number.NaN);
      for (let i = 0; i < n; i += 1) for (let j = 0; j <= i; j += 1) a[i * ld + j] = random.normal();
      const entry = (i: number, j: number) => a[Math.max(i, j) * ld + Math.min(i, j)]!;
      const v = Float64Array.from(normalVector(random, n));
      const out = new Float64Array(n);
      symmetricProduct(a, ld, n, v, out);
      out.forEach((value, i) => {
        const expected = v.reduce((sum, vj, j) => sum + entry(i, j) * vj, 0);
        assertClose(value, expected, 1e-13, `row ${i}`, n);
      });
    });
  });

  test('norms leave out what stands behind n, the penalty also the intercept, and NaN is the largest', () => {
    const a = Float64Array.of(3, -4, 2, 1000);
    assert.equal(maxAbs(a, 3), 4);
    assert.equal(dot(a, a, 3), 29);
    assert.equal(penaltyNorm(a, 3), 20);
    assert.ok(
      Number.isNaN(maxAbs(Float64Array.of(Number.NaN, 1), 2)) || maxAbs(Float64Array.of(Number.NaN, 1), 2) === 1,
    );
    assert.ok(Number.isNaN(maxAbs(Float64Array.of(1, Number.NaN), 2)));
  });
});

describe('the penalized factor', () => {
  test('solves with A + penalty·D, D without the intercept, and leaves A as it is', () => {
    forEachSeed(30, (random) => {
      const n = random.integer(1, 15);
      const ld = (n + 3) & ~3;
      const b = Array.from({ length: n + 3 }, () => normalVector(random, n));
      const a = lowerGram(b, ld);
      const before = a.slice();
      const penalty = random.pick([0, 0.5, 100]);
      const factor = factorOf(n);
      factor.factor(a, ld, n, penalty);
      assert.deepEqual(a, before);
      const x = Float64Array.from(normalVector(random, n));
      const product = penalized(a, ld, n, penalty, x);
      factor.solveInPlace(product);
      assertAllClose(product, x, 1e-8, 'solution');
    });
  });

  test('solves a singular system where it can be solved, by the solution of least norm', () => {
    forEachSeed(30, (random) => {
      const n = random.integer(2, 12);
      const ld = (n + 3) & ~3;
      // Fewer rows than columns: the solution of least norm is a combination of the rows.
      const rows = Array.from({ length: random.integer(1, n - 1) }, () => normalVector(random, n));
      const a = lowerGram(rows, ld);
      const shares = normalVector(random, rows.length);
      const x = Float64Array.from({ length: n }, (_, j) => rows.reduce((sum, row, r) => sum + shares[r]! * row[j]!, 0));
      const product = penalized(a, ld, n, 0, x);
      const factor = factorOf(n);
      factor.factor(a, ld, n, 0);
      factor.solveInPlace(product);
      assertAllClose(product, x, 1e-7, `${rows.length} rows of ${n}`, 10);
    });
  });

  test('says how many directions a singular matrix leaves undetermined, and none where a penalty determines them', () => {
    const factor = factorOf(3);
    const singular = Float64Array.of(4, 0, 0, 0, 0, 100, 0, 0, 0, 100, 100, 0);
    factor.factor(singular, 4, 3, 0);
    assert.equal(factor.undetermined, 1);
    factor.factor(singular, 4, 3, 1e-3);
    assert.equal(factor.undetermined, 0);
    factor.factor(new Float64Array(12), 4, 3, 0);
    assert.equal(factor.undetermined, 3);
  });

  test('a matrix that is not finite is refused', () => {
    for (const bad of [Number.NaN, Infinity]) {
      assert.throws(() => factorOf(1).factor(Float64Array.of(bad, 0, 0, 0), 4, 1, 0), RangeError);
    }
    assert.throws(() => factorOf(2).factor(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0), 4, 2, Infinity), RangeError);
  });

  test('a penalty of any size leaves the free intercept its own information', () => {
    for (const penalty of [1e3, 1e9, 1e15, 1e20, 1e200]) {
      const factor = factorOf(2);
      factor.factor(Float64Array.of(100, 0, 0, 0, 10, 100, 0, 0), 4, 2, penalty);
      const x = Float64Array.of(100 * 7, 10 * 7);
      factor.solveInPlace(x);
      assertClose(x[0]!, 7, 1e-9, `intercept under penalty ${penalty}`);
    }
  });
});

/** Σ rowᵢ·rowᵢᵀ, the lower triangle in rows of `ld`. */
function lowerGram(rows: readonly (readonly number[])[], ld: number): Float64Array {
  const n = rows[0]!.length;
  const a = new Float64Array(n * ld);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) a[i * ld + j] = rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
  }
  return a;
}

/** (A + penalty·D)·x */
function penalized(a: Float64Array, ld: number, n: number, penalty: number, x: Float64Array): Float64Array {
  const product = new Float64Array(n);
  symmetricProduct(a, ld, n, x, product);
  for (let j = 1; j < n; j += 1) product[j]! += penalty * x[j]!;
  return product;
}
