import { describe, test } from 'node:test';
import { BLOCK_ROWS, scratchLength } from '../../../src/numerics/kernels/load.ts';
import { assertClose, assertSameBits } from '../../support/closeness.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import {
  designMatrix,
  float32In,
  float64In,
  int32In,
  normalRows,
  normalVector,
  plainRows,
  testWorkspace,
} from '../../support/shared-matrix.ts';

/** Float64 sums over at most 250 rows of products of order one, in another order. */
const ROUNDING = 1e-12;

function randomShape(random: Random): { nSamples: number; nFeatures: number } {
  return {
    nSamples: random.pick([1, 3, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 7 * BLOCK_ROWS + 13]),
    nFeatures: random.integer(1, 30),
  };
}

/** Σᵢ weightᵢ·aᵢ·bᵢᵀ, one term after the other. */
function weightedProducts(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  weights: readonly number[],
): number[][] {
  const out = a[0]!.map(() => b[0]!.map(() => 0));
  a.forEach((row, i) => {
    row.forEach((value, r) => {
      b[i]!.forEach((other, c) => {
        out[r]![c]! += weights[i]! * value * other;
      });
    });
  });
  return out;
}

describe('Gram kernels', () => {
  test('gramAll adds the weighted sum of xᵢ·xᵢᵀ to the lower triangle', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const { nSamples, nFeatures } = randomShape(random);
      const nCoef = nFeatures + 1;
      const dims = (nCoef + 3) & ~3;
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures));
      const weighted = random.chance(0.5);
      const weights = weighted ? normalVector(random, nSamples) : new Array<number>(nSamples).fill(1);
      const before = normalVector(random, dims * dims);
      const g = float64In(workspace, before);
      workspace.kernels.run.gramAll(
        matrix.x.byteOffset,
        matrix.stride,
        nSamples,
        dims,
        weighted ? float64In(workspace, weights).byteOffset : 0,
        g.byteOffset,
        workspace.arena.float64(scratchLength(dims, 0)).byteOffset,
      );
      const rows = plainRows(matrix, nCoef);
      const expected = weightedProducts(rows, rows, weights);
      for (let i = 0; i < nCoef; i += 1) {
        for (let j = 0; j <= i; j += 1) {
          assertClose(g[i * dims + j]!, before[i * dims + j]! + expected[i]![j]!, ROUNDING, `(${i}, ${j})`, nSamples);
        }
      }
    });
  });

  test('gramRows adds the listed rows of [X, y] and their signed sum, and a row added and taken out leaves nothing', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const { nSamples, nFeatures } = randomShape(random);
      const nCoef = nFeatures + 1;
      const size = (nCoef + 4) & ~3;
      // Other numbers behind the model's columns: the features of a larger feature set.
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures), 5);
      const y = Array.from({ length: nSamples }, () => Math.fround(3 * random.normal()));
      const clip = random.pick([Infinity, 2]);
      const shift = random.pick([0, 0.7]);
      const index = random.permutation(nSamples).slice(0, random.integer(1, nSamples));
      const weights = index.map(() => random.pick([-1, 0, 1]));
      const signs = index.map(() => random.pick([-2, -1, 0, 1, 2]));
      const g = workspace.arena.float64(size * size);
      const u = workspace.arena.float64(size);
      const run = (w: readonly number[], s: readonly number[]) =>
        workspace.kernels.run.gramRows(
          matrix.x.byteOffset,
          matrix.stride,
          size,
          nCoef,
          float32In(workspace, y).byteOffset,
          clip,
          shift,
          int32In(workspace, index).byteOffset,
          index.length,
          float64In(workspace, w).byteOffset,
          float64In(workspace, s).byteOffset,
          g.byteOffset,
          u.byteOffset,
          workspace.arena.float64(scratchLength(size, 0)).byteOffset,
        );
      run(weights, signs);
      const plain = plainRows(matrix, nCoef);
      const listed = index.map((row) => [...plain[row]!, Math.max(-clip, Math.min(clip, y[row]!)) - shift]);
      const expected = weightedProducts(listed, listed, weights);
      for (let i = 0; i <= nCoef; i += 1) {
        const signed = listed.reduce((sum, row, l) => sum + signs[l]! * row[i]!, 0);
        assertClose(u[i]!, signed, ROUNDING, `u[${i}]`, nSamples);
        for (let j = 0; j <= i; j += 1) {
          assertClose(g[i * size + j]!, expected[i]![j]!, ROUNDING, `(${i}, ${j})`, nSamples);
        }
      }
      run(
        weights.map((weight) => -weight),
        signs.map((sign) => -sign),
      );
      for (const value of [...g, ...u]) assertClose(value, 0, ROUNDING, 'after taking the rows out again', nSamples);
    });
  });

  test('transposedProduct and transposedVector are Xᵀ·v, and a column of v has the same bits in any company', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const { kernels, arena } = workspace;
      const { nSamples, nFeatures } = randomShape(random);
      const nCoef = nFeatures + 1;
      const dims = (nCoef + 3) & ~3;
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures));
      const x = matrix.x.byteOffset;
      const plain = plainRows(matrix, nCoef);
      const columns = Array.from({ length: 16 }, () => normalVector(random, nSamples));
      const product = (k: number, chosen: readonly number[]): number[][] => {
        const v = arena.float64(nSamples * k);
        chosen.forEach((column, c) => {
          for (let i = 0; i < nSamples; i += 1) v[i * k + c] = columns[column]![i]!;
        });
        const out = arena.float64(dims * k);
        const scratch = arena.float64(scratchLength(dims, k));
        kernels.run.transposedProduct(
          x,
          matrix.stride,
          nSamples,
          dims,
          v.byteOffset,
          k,
          out.byteOffset,
          scratch.byteOffset,
        );
        return chosen.map((_, c) => Array.from({ length: nCoef }, (_value, j) => out[j * k + c]!));
      };
      const together = product(
        16,
        Array.from({ length: 16 }, (_, c) => c),
      );
      const [alone] = product(4, [11]);
      assertSameBits(alone!, together[11]!, 'alone and among sixteen');
      assertSameBits(product(8, [3, 11])[1]!, together[11]!, 'in a pair and among sixteen');
      const out = arena.float64(dims);
      const v = float64In(workspace, columns[11]!);
      kernels.run.transposedVector(x, matrix.stride, nSamples, dims, v.byteOffset, out.byteOffset);
      for (let j = 0; j < nCoef; j += 1) {
        const expected = plain.reduce((sum, row, i) => sum + row[j]! * columns[11]![i]!, 0);
        assertClose(together[11]![j]!, expected, ROUNDING, `product, column ${j}`, nSamples);
        assertClose(out[j]!, expected, ROUNDING, `vector, column ${j}`, nSamples);
      }
    });
  });
});
