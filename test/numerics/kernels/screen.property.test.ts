import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSameBits } from '../../support/closeness.ts';
import { forEachSeed } from '../../support/random.ts';
import {
  designMatrix,
  float32In,
  float64In,
  int32In,
  normalRows,
  normalVector,
  testWorkspace,
} from '../../support/shared-matrix.ts';

describe('screening kernels', () => {
  test('reference residuals are clipped and shifted targets less predictions, rounded to float32 once', () => {
    forEachSeed(20, (random) => {
      const workspace = testWorkspace(1);
      const { run } = workspace.kernels;
      const nSamples = random.integer(1, 70);
      const nFeatures = random.integer(1, 12);
      const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures));
      const dims = (nFeatures + 4) & ~3;
      const coef = float64In(workspace, normalVector(random, dims));
      const y = float32In(workspace, normalVector(random, nSamples));
      const clip = random.pick([Infinity, 0.7]);
      const shift = random.pick([0, 0.3]);
      const predictions = workspace.arena.float64(nSamples);
      run.rowDots(matrix.x.byteOffset, matrix.stride, nSamples, dims, coef.byteOffset, predictions.byteOffset);
      const out = workspace.arena.float32(nSamples);
      const scratch = workspace.arena.float64(nSamples);
      run.referenceResiduals(
        matrix.x.byteOffset,
        matrix.stride,
        nSamples,
        dims,
        coef.byteOffset,
        y.byteOffset,
        clip,
        shift,
        out.byteOffset,
        scratch.byteOffset,
      );
      const expected = Array.from(y, (target, i) =>
        Math.fround(Math.max(-clip, Math.min(clip, target)) - shift - predictions[i]!),
      );
      assertSameBits(out, expected, 'residuals');
    });
  });

  test('every row that may have changed side is listed, ascending, and rows that are far from it are not', () => {
    let skipped = 0;
    forEachSeed(60, (random) => {
      const workspace = testWorkspace(1);
      const nRows = random.integer(1, 90);
      const residual = Array.from({ length: nRows }, () => Math.fround(2 * random.normal()));
      const leverage = Array.from({ length: nRows }, () => Math.fround(random.uniform()));
      const recorded = residual.map((r) =>
        random.chance(0.1) ? random.integer(-1, 1) : Math.abs(r) < 1 ? 0 : Math.sign(r),
      );
      const threshold = 1;
      const distance = random.pick([0, 0.01, 0.3]);
      const slack = 1e-6;
      const side = workspace.arena.int8(nRows + 4);
      side.set(recorded);
      const list = workspace.arena.int32(nRows + 4);
      const count = workspace.kernels.run.screenRows(
        float32In(workspace, [...residual, 0, 0, 0, 0]).byteOffset,
        float32In(workspace, [...leverage, 0, 0, 0, 0]).byteOffset,
        side.byteOffset,
        nRows,
        threshold,
        distance,
        slack,
        list.byteOffset,
        nRows + 4,
      );
      const listed = Array.from(list.subarray(0, count));
      assert.deepEqual(
        listed,
        [...new Set(listed)].sort((a, b) => a - b),
        'ascending, none twice',
      );
      for (let i = 0; i < nRows; i += 1) {
        const reach = leverage[i]! * distance;
        // The sides that the row may be on now: each end of its reach.
        const possible = [residual[i]! - reach, residual[i]! + reach].map((r) =>
          Math.abs(r) <= threshold ? 0 : Math.sign(r),
        );
        const mayDiffer = possible.some((now) => now !== recorded[i]);
        const isFar = !mayDiffer && Math.abs(Math.abs(residual[i]!) - threshold) > reach + 1e-4;
        if (mayDiffer) assert.ok(listed.includes(i), `row ${i} may have changed side and is not listed`);
        // The rows behind the last whole group of four are always listed.
        else if (isFar && i < (nRows & ~3)) {
          assert.ok(!listed.includes(i), `row ${i} cannot have changed side and is listed`);
          skipped += 1;
        }
      }
    });
    assert.ok(skipped > 1000, `only ${skipped} rows could be skipped`);
  });

  test('a list longer than its limit is given up', () => {
    const workspace = testWorkspace(1);
    const nRows = 40;
    const residual = workspace.arena.float32(nRows).fill(1);
    const screen = (limit: number) =>
      workspace.kernels.run.screenRows(
        residual.byteOffset,
        workspace.arena.float32(nRows).byteOffset,
        workspace.arena.int8(nRows).byteOffset,
        nRows,
        1,
        0,
        1e-6,
        workspace.arena.int32(nRows + 4).byteOffset,
        limit,
      );
    assert.equal(screen(39), -1);
    assert.equal(screen(40), 40);
  });

  test('changed rows are put on their side, with what that adds to the sums', () => {
    let changes = 0;
    forEachSeed(30, (random) => {
      const workspace = testWorkspace(1);
      const nRows = random.integer(1, 60);
      const y = normalVector(random, nRows).map(Math.fround);
      const predictions = normalVector(random, nRows).map((value) => 0.3 * value);
      const recorded = y.map(() => random.integer(-1, 1));
      const [clip, shift, threshold] = [random.pick([Infinity, 1]), 0.1 * random.normal(), 0.5];
      const rows = y.map((_, i) => i).filter(() => random.chance(0.7));
      const side = workspace.arena.int8(nRows);
      side.set(recorded);
      const list = int32In(workspace, rows);
      const weights = workspace.arena.float64(nRows);
      const signs = workspace.arena.float64(nRows);
      const changed = workspace.kernels.run.changeSides(
        list.byteOffset,
        rows.length,
        float64In(
          workspace,
          rows.map((row) => predictions[row]!),
        ).byteOffset,
        float32In(workspace, y).byteOffset,
        clip,
        shift,
        threshold,
        side.byteOffset,
        weights.byteOffset,
        signs.byteOffset,
      );
      const sideOf = (row: number): number => {
        const residual = Math.max(-clip, Math.min(y[row]!, clip)) - shift - predictions[row]!;
        return Math.abs(residual) <= threshold ? 0 : Math.sign(residual);
      };
      const expected = rows.filter((row) => sideOf(row) !== recorded[row]);
      changes += expected.length;
      assert.deepEqual(Array.from(list.subarray(0, changed)), expected);
      assert.deepEqual(
        Array.from(side),
        recorded.map((then, row) => (rows.includes(row) ? sideOf(row) : then)),
      );
      expected.forEach((row, k) => {
        assert.equal(weights[k], Number(sideOf(row) === 0) - Number(recorded[row] === 0));
        assert.equal(signs[k], sideOf(row) - recorded[row]!);
      });
    });
    assert.ok(changes > 200, `only ${changes} rows changed`);
  });
});
