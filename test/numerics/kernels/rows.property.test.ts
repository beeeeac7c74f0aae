import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BLOCK_ROWS, scratchLength } from '../../../src/numerics/kernels/load.ts';
import { assertClose, assertSameBits } from '../../support/closeness.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import {
  designMatrix,
  float64In,
  int32In,
  normalRows,
  normalVector,
  plainRows,
  testWorkspace,
} from '../../support/shared-matrix.ts';

/** Float64 sums of up to 64 products of order one, in another order. */
const ROUNDING = 1e-14;

/** Row counts around a block of rows, column counts around a group of four. */
function randomShape(random: Random): { nSamples: number; nFeatures: number } {
  return {
    nSamples: random.pick([1, 2, 3, 5, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1, 3 * BLOCK_ROWS + 7]),
    nFeatures: random.integer(1, 40),
  };
}

describe('row kernels', () => {
  test('rowDots gives each row times the coefficients, for any number of rows and columns', () => {
    forEachSeed(60, (random) => {
      const workspace = testWorkspace(1);
      const { nSamples, nFeatures } = randomShape(random);
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures), 99);
      const dims = (nFeatures + 4) & ~3;
      // Coefficients behind the model's last column are zero: what stands in those columns must not matter.
      const coef = float64In(workspace, [
        ...normalVector(random, nFeatures + 1),
        ...new Array<number>(dims - nFeatures - 1).fill(0),
      ]);
      const out = workspace.arena.float64(nSamples + 1);
      out[nSamples] = 12345;
      const { kernels } = workspace;
      kernels.run.rowDots(matrix.x.byteOffset, matrix.stride, nSamples, dims, kernels.at(coef), kernels.at(out));
      plainRows(matrix, nFeatures + 1).forEach((row, i) => {
        const expected = row.reduce((sum, value, j) => sum + value * coef[j]!, 0);
        const size = row.reduce((sum, value, j) => sum + Math.abs(value * coef[j]!), 0);
        assertClose(out[i]!, expected, ROUNDING, `row ${i}`, size);
      });
      assert.equal(out[nSamples], 12345, 'wrote behind the last row');
    });
  });

  test('rowDotsAt gives the bits of rowDots for any list of rows', () => {
    forEachSeed(40, (random) => {
      const workspace = testWorkspace(1);
      const { kernels } = workspace;
      const { nSamples, nFeatures } = randomShape(random);
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures));
      const dims = (nFeatures + 4) & ~3;
      const coef = float64In(workspace, normalVector(random, dims));
      const all = workspace.arena.float64(nSamples);
      kernels.run.rowDots(matrix.x.byteOffset, matrix.stride, nSamples, dims, coef.byteOffset, all.byteOffset);
      const list = Array.from({ length: random.integer(0, 2 * nSamples) }, () => random.integer(0, nSamples - 1));
      const some = workspace.arena.float64(list.length);
      kernels.run.rowDotsAt(
        matrix.x.byteOffset,
        matrix.stride,
        int32In(workspace, list).byteOffset,
        list.length,
        dims,
        coef.byteOffset,
        some.byteOffset,
      );
      assertSameBits(
        some,
        list.map((row) => all[row]!),
        'rowDotsAt',
      );
    });
  });

  test('leverages are the norms of the rows in the metric of a triangular factor', () => {
    forEachSeed(30, (random) => {
      const workspace = testWorkspace(1);
      const { nSamples, nFeatures } = randomShape(random);
      const nCoef = nFeatures + 1;
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures), 7);
      const dims = (nCoef + 3) & ~3;
      const inverse = Array.from({ length: nCoef }, (_, r) =>
        normalVector(random, nCoef).map((v, c) => (c < r ? 0 : v)),
      );
      const packed = workspace.arena.float64(dims * dims);
      inverse.forEach((row, r) => {
        packed.set(row, r * dims);
      });
      const out = workspace.arena.float32(nSamples);
      workspace.kernels.run.leverages(
        matrix.x.byteOffset,
        matrix.stride,
        nSamples,
        dims,
        packed.byteOffset,
        out.byteOffset,
        workspace.arena.float64(scratchLength(dims, 0)).byteOffset,
      );
      plainRows(matrix, nCoef).forEach((row, i) => {
        let sum = 0;
        for (let c = 0; c < nCoef; c += 1) {
          let product = 0;
          for (let r = 0; r < nCoef; r += 1) product += row[r]! * inverse[r]![c]!;
          sum += product * product;
        }
        assertClose(out[i]!, Math.sqrt(sum), 1e-6, `row ${i}`, 0);
      });
    });
  });

  test('a view on other memory than the shared one is refused', () => {
    const workspace = testWorkspace(1);
    assert.throws(() => workspace.kernels.at(new Float64Array(4)), /not a view on the shared memory/);
    assert.throws(() => workspace.kernels.at(testWorkspace(1).arena.float64(4)), /not a view on the shared memory/);
  });
});
