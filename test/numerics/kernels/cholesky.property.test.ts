import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertClose } from '../../support/closeness.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { float64In, normalVector, testWorkspace } from '../../support/shared-matrix.ts';

/** Matrices here have condition numbers below 1e4, sizes below 40. */
const ROUNDING = 1e-10;

/** A = B·Bᵀ + I, symmetric and positive definite. */
function positiveDefinite(random: Random, n: number): number[][] {
  const b = Array.from({ length: n }, () => normalVector(random, n));
  return b.map((row, i) => b.map((other, j) => row.reduce((sum, v, k) => sum + v * other[k]!, i === j ? 1 : 0)));
}

/** Lower triangle in rows of `ld`; NaN above it, which no kernel may read. */
function lowerTriangle(a: readonly (readonly number[])[], ld: number): number[] {
  const packed = new Array<number>(a.length * ld).fill(Number.NaN);
  a.forEach((row, i) => {
    for (let j = 0; j <= i; j += 1) packed[i * ld + j] = row[j]!;
  });
  return packed;
}

describe('Cholesky kernels', () => {
  test('the factor times its transpose is the matrix, of any size and row length', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const n = random.integer(1, 39);
      const ld = ((n + 3) & ~3) + random.pick([0, 4]);
      const a = positiveDefinite(random, n);
      const l = float64In(workspace, lowerTriangle(a, ld));
      assert.equal(workspace.kernels.run.choleskyFactor(l.byteOffset, n, ld, 0), 0);
      for (let i = 0; i < n; i += 1) {
        assert.ok(l[i * ld + i]! > 0);
        for (let j = 0; j <= i; j += 1) {
          let product = 0;
          for (let k = 0; k <= j; k += 1) product += l[i * ld + k]! * l[j * ld + k]!;
          assertClose(product, a[i]![j]!, ROUNDING, `(${i}, ${j})`, n);
        }
      }
    });
  });

  test('solving gives back the vector that the matrix was multiplied with', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const n = random.integer(1, 39);
      const ld = (n + 3) & ~3;
      const a = positiveDefinite(random, n);
      const x = normalVector(random, n);
      const l = float64In(workspace, lowerTriangle(a, ld));
      const b = float64In(
        workspace,
        a.map((row) => row.reduce((sum, v, j) => sum + v * x[j]!, 0)),
      );
      workspace.kernels.run.choleskyFactor(l.byteOffset, n, ld, 0);
      workspace.kernels.run.choleskySolve(l.byteOffset, n, ld, b.byteOffset);
      for (let i = 0; i < n; i += 1) assertClose(b[i]!, x[i]!, ROUNDING, `x[${i}]`);
    });
  });

  test('a matrix that is not positive definite is refused by the first row that shows it', () => {
    const workspace = testWorkspace(1);
    const rowRefused = (a: number[][], floor: number) => {
      const l = float64In(workspace, lowerTriangle(a, 4));
      return workspace.kernels.run.choleskyFactor(l.byteOffset, a.length, 4, floor);
    };
    const equalRows = [
      [4, 4, 0],
      [4, 4, 0],
      [0, 0, 1],
    ];
    assert.equal(rowRefused(equalRows, 0), 2);
    const halfExplained = [
      [1, 0, 0],
      [0, 1e9, 0],
      [1, 0, 2],
    ];
    assert.equal(rowRefused(halfExplained, 0.4), 0);
    assert.equal(rowRefused(halfExplained, 0.5), 3, 'a pivot has to lie above its share of its own entry');
    assert.equal(
      rowRefused(
        [
          [1, 0],
          [0, Number.NaN],
        ],
        0,
      ),
      2,
      'NaN is no pivot',
    );
  });

  test('a symmetric matrix of which the lower triangle is kept multiplies a vector', () => {
    forEachSeed(30, (random) => {
      const workspace = testWorkspace(1);
      const n = random.integer(1, 40);
      const ld = n + random.integer(0, 5);
      const a = float64In(workspace, normalVector(random, ld * n));
      const v = float64In(workspace, normalVector(random, n));
      const out = workspace.arena.float64(n).fill(7);
      workspace.kernels.run.symmetricProduct(a.byteOffset, ld, n, v.byteOffset, out.byteOffset);
      const entry = (i: number, j: number): number => a[Math.max(i, j) * ld + Math.min(i, j)]!;
      for (let i = 0; i < n; i += 1) {
        assertClose(
          out[i]!,
          v.reduce((sum, value, j) => sum + entry(i, j) * value, 0),
          1e-13,
          `entry ${i}`,
          n,
        );
      }
    });
  });
});
