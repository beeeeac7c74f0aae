import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forEachSeed } from '../../support/random.ts';
import { float32In, float64In, int32In, normalVector, testWorkspace } from '../../support/shared-matrix.ts';

describe('screening kernels', () => {
  test('every row that may have changed side is listed, ascending, and rows that are far from it are not', () => {
    let skipped = 0;
    forEachSeed(60, (random) => {
      const workspace = testWorkspace(1);
      const nRows = random.integer(1, 90);
      const predictions = Array.from({ length: nRows }, () => Math.fround(random.normal()));
      const y = predictions.map((value) => Math.fround(value + 2 * random.normal()));
      const clip = random.pick([Infinity, 2]);
      const offset = random.pick([0, 0.25]);
      const residual = y.map((target, i) => Math.max(-clip, Math.min(target, clip)) - offset - predictions[i]!);
      const leverage = Array.from({ length: nRows }, () => Math.fround(random.uniform()));
      const recorded = residual.map((r) =>
        random.chance(0.1) ? random.integer(-1, 1) : Math.abs(r) < 1 ? 0 : Math.sign(r),
      );
      const threshold = 1;
      const distance = random.pick([0, 0.01, 0.3]);
      const slack = 1e-5;
      const side = workspace.arena.int8(nRows + 4);
      side.set(recorded);
      const list = workspace.arena.int32(nRows + 4);
      const open = workspace.arena.int32(1);
      const count = workspace.kernels.run.screenRows(
        float32In(workspace, [...predictions, 0, 0, 0, 0]).byteOffset,
        float32In(workspace, [...y, 0, 0, 0, 0]).byteOffset,
        clip,
        offset,
        float32In(workspace, [...leverage, 0, 0, 0, 0]).byteOffset,
        side.byteOffset,
        nRows,
        threshold,
        distance,
        slack,
        list.byteOffset,
        open.byteOffset,
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

  test('a row whose prediction is not a number is not known', () => {
    const workspace = testWorkspace(1);
    const [list, open] = [workspace.arena.int32(8), workspace.arena.int32(1)];
    const count = workspace.kernels.run.screenRows(
      float32In(workspace, [0, Number.NaN, 0, 0]).byteOffset,
      float32In(workspace, [0, 0, 0, 9]).byteOffset,
      Infinity,
      0,
      float32In(workspace, [0, 0, 0, 0]).byteOffset,
      workspace.arena.int8(8).byteOffset,
      4,
      1,
      0,
      1e-6,
      list.byteOffset,
      open.byteOffset,
    );
    assert.deepEqual([count, ...list.subarray(0, 2)], [2, 1, 3]);
    assert.equal(open[0], 1, 'the last row is known to have changed side');
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
