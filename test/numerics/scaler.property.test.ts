import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitScaler, standardize } from '../../src/numerics/scaler.ts';
import { assertClose, assertSameBits } from '../support/closeness.ts';
import { groupedRows, plainRows } from '../support/grouped-rows.ts';
import { forEachSeed } from '../support/random.ts';
import { groupsOf } from '../support/regression.ts';
import { testWorkspace } from '../support/shared-matrix.ts';

/** Mean and population standard deviation by two plain passes. */
function twoPass(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Rows in groups: those in a row that agree in all but their last features have one market part. */
function scalerOf(rows: readonly (readonly number[])[]) {
  const workspace = testWorkspace(2);
  const nState = Math.floor(rows[0]!.length / 3);
  const grouped = groupedRows(workspace, groupsOf({ rows, y: rows.map(() => 0) }, nState));
  return { workspace, grouped, scaler: fitScaler(workspace, grouped) };
}

describe('the scaler', () => {
  test('mean and scale are those of two plain passes over the float32 values', () => {
    forEachSeed(40, (random) => {
      const nSamples = random.integer(2, 200);
      const nFeatures = random.integer(1, 20);
      const centres = Array.from({ length: nFeatures }, () => 100 * random.normal());
      const spreads = Array.from({ length: nFeatures }, () => 10 ** random.integer(-3, 3));
      const rows = Array.from({ length: nSamples }, () =>
        centres.map((centre, j) => Math.fround(centre + spreads[j]! * random.normal())),
      ).flatMap((row) => new Array<number[]>(random.integer(1, 3)).fill(row));
      const { scaler } = scalerOf(rows);
      assert.equal(scaler.mean[0], 0);
      assert.equal(scaler.scale[0], 1);
      centres.forEach((_, j) => {
        const { mean, deviation } = twoPass(rows.map((row) => row[j]!));
        assertClose(scaler.mean[j + 1]!, mean, 1e-13, `mean ${j}`, Math.abs(mean) + deviation);
        assertClose(scaler.scale[j + 1]!, deviation, 1e-9, `scale ${j}`, 0);
      });
    });
  });

  test('a standardized value is float32(float32(x − mean) / scale)', () => {
    forEachSeed(30, (random) => {
      const nFeatures = random.integer(1, 20);
      const rows = Array.from({ length: random.integer(2, 70) }, () =>
        Array.from({ length: nFeatures }, () => Math.fround(5 + 3 * random.normal())),
      );
      const { workspace, grouped, scaler } = scalerOf(rows);
      standardize(workspace, grouped, scaler);
      plainRows(grouped).forEach((row, i) => {
        const expected = rows[i]!.map((x, j) =>
          Math.fround(Math.fround(x - scaler.mean[j + 1]!) / scaler.scale[j + 1]!),
        );
        assertSameBits(row, [1, ...expected], `row ${i}`);
      });
    });
  });

  test('a constant column has scale 1, also one that binary numbers cannot hold exactly', () => {
    for (const nSamples of [1, 2, 3, 10, 1000, 4099]) {
      const constants = [0, 1, -3, 0.1, 1 / 3, 9999, 1e-20, -12345.678, 1e20].map(Math.fround);
      const { workspace, grouped, scaler } = scalerOf(Array.from({ length: nSamples }, () => constants));
      assertSameBits(scaler.scale.subarray(0, constants.length + 1), new Array(constants.length + 1).fill(1), 'scales');
      standardize(workspace, grouped, scaler);
      for (const row of plainRows(grouped)) {
        row.slice(1).forEach((value, j) => {
          // What is left is the mean's own rounding.
          assert.ok(Math.abs(value) <= 1e-12 * Math.abs(constants[j]!), `constant ${constants[j]} became ${value}`);
        });
      }
    }
  });

  test('a column that hardly varies keeps its own scale, however large its mean', () => {
    const rows = Array.from({ length: 500 }, (_, i) => [1e4 + (i % 2) * 0.0009765625, i === 3 ? 1e-12 : 0]);
    const { scaler } = scalerOf(rows);
    assertClose(scaler.scale[1]!, 0.0009765625 / 2, 1e-9, 'half the distance of two neighbouring float32 values', 0);
    assertClose(
      scaler.scale[2]!,
      Math.sqrt((1 / 500) * (1 - 1 / 500)) * Math.fround(1e-12),
      1e-9,
      'one small value',
      0,
    );
  });
});
