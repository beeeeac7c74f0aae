import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exp } from '../../../src/numerics/elementary/exp.ts';
import { log1p } from '../../../src/numerics/elementary/log.ts';
import { probabilities, probability } from '../../../src/numerics/probability.ts';
import {
  type ModelRows,
  modelRows,
  packCoefficients,
  unpackCoefficients,
} from '../../../src/numerics/rows/model-rows.ts';
import { rowArguments } from '../../../src/numerics/rows/products.ts';
import { PASS_SCRATCH } from '../../../src/numerics/solvers/logistic.ts';
import type { Workspace } from '../../../src/numerics/workspace.ts';
import { assertAllClose, assertClose, assertSameBits } from '../../support/closeness.ts';
import { groupedRows, type PlainGroup } from '../../support/grouped-rows.ts';
import { forEachSeed, type Random, randomFrom } from '../../support/random.ts';
import { normalRows, normalVector, testWorkspace } from '../../support/shared-matrix.ts';

/** Scores from the middle, the tails, and where e^z leaves float64. */
function score(random: Random): number {
  return random.pick([1, 10, 1000]) * random.normal();
}

function pass(workspace: Workspace, model: ModelRows, coef: Float64Array) {
  const { kernels, arena } = workspace;
  const packed = arena.float64(model.packedLength);
  packCoefficients(model, coef, packed);
  const gradient = arena.float64(model.packedLength);
  const curvature = arena.float64(model.nEntries + 1);
  const label = kernels.at(model.rows.label);
  const scratch = kernels.at(arena.float64(PASS_SCRATCH));
  const where = [kernels.at(packed), kernels.at(gradient), kernels.at(curvature), scratch] as const;
  const loss = kernels.run.logisticGroups(...rowArguments(workspace, model), label, ...where);
  return { loss, gradient: unpackCoefficients(model, gradient), curvature: curvature.slice(0, model.nEntries) };
}

describe('kernels: logistic regression', () => {
  test('one row gives log(1 + e^m), σ(m) and σ(m)·σ(−m) to the bits of the same functions in TypeScript', () => {
    const workspace = testWorkspace(8);
    const random = randomFrom(1);
    for (let i = 0; i < 1000; i += 1) {
      const z = score(random);
      const label = random.integer(0, 1);
      const rows = groupedRows(workspace, [{ market: [], states: [[]], target: 0, label }]);
      const { loss, gradient, curvature } = pass(workspace, modelRows(rows, false), Float64Array.of(z));
      const margin = label === 1 ? -z : z;
      const tail = exp(-Math.abs(margin));
      assertSameBits([loss], [Math.max(margin, 0) + log1p(tail)], `loss at ${z}`);
      // The sum that it is added to begins at 0, so that −0 is 0.
      assertSameBits([gradient[0]!], [(label === 1 ? -1 : 1) * probability(margin) + 0], `excess at ${z}`);
      const inverse = 1 / (1 + tail);
      assertSameBits(curvature, [tail * inverse * inverse], `curvature at ${z}`);
    }
  });

  test('probabilities are those of TypeScript, bit for bit, and reach 0 and 1 only where float64 ends', () => {
    const workspace = testWorkspace(4);
    const random = randomFrom(2);
    const z = [0, -0, 40, -40, 800, -800, -745.1, -744, ...Array.from({ length: 20_000 }, () => score(random))];
    const rows = groupedRows(
      workspace,
      z.map((value) => ({ market: [Math.fround(value)], states: [[]], target: 0 })),
    );
    const got = probabilities(workspace, modelRows(rows, false), Float64Array.of(0, 1));
    assertSameBits(
      got,
      z.map((value) => probability(Math.fround(value))),
      'probability',
    );
    assert.deepEqual([...got.slice(0, 6)], [0.5, 0.5, 1, 4.248354255291589e-18, 1, 0]);
    assert.ok(got[7]! > 0);
  });

  test('a pass over groups sums what plain loops over their rows sum, for any sizes of groups', () => {
    forEachSeed(60, (random) => {
      const workspace = testWorkspace(4);
      const [nMarket, nState] = [random.integer(0, 9), random.integer(1, 9)];
      const sizes = random.pick([1, 4, 200]);
      const groups = normalRows(random, random.integer(1, 90), nMarket).map(
        (market): PlainGroup => ({
          market,
          states: normalRows(random, random.integer(1, sizes), nState),
          target: 0,
          label: random.integer(0, 1),
        }),
      );
      const model = modelRows(groupedRows(workspace, groups), random.chance(0.5));
      const coef = Float64Array.from(normalVector(random, model.nCoef));
      const got = pass(workspace, model, coef);
      let loss = 0;
      const gradient = new Float64Array(model.nCoef);
      const curvature: number[] = [];
      for (const { market, states, label } of groups) {
        const entries = states.map((state) => {
          const row = [1, ...market, ...(model.readsState ? state : [])];
          const z = row.reduce((sum, value, j) => sum + value * coef[j]!, 0);
          const p = probability(z);
          loss += Math.max(z, 0) + log1p(exp(-Math.abs(z))) - label! * z;
          row.forEach((value, j) => {
            gradient[j]! += (p - label!) * value;
          });
          return p * (1 - p);
        });
        curvature.push(...(model.readsState ? entries : entries.slice(0, 1)));
      }
      const n = model.nSamples;
      assertClose(got.loss, loss, 1e-12, 'loss', n);
      assertAllClose(got.gradient, gradient, 1e-12, 'gradient', n);
      assertAllClose(got.curvature, curvature, 1e-12, 'curvature');
    });
  });

  test('the gradient is that of the loss: it agrees with central differences', () => {
    forEachSeed(20, (random) => {
      const workspace = testWorkspace(4);
      const groups = normalRows(random, 40, 3).map(
        (market): PlainGroup => ({ market, states: normalRows(random, 2, 2), target: 0, label: random.integer(0, 1) }),
      );
      const model = modelRows(groupedRows(workspace, groups), true);
      const coef = Float64Array.from(normalVector(random, model.nCoef));
      const h = 1e-5;
      const differences = coef.map((_, j) => {
        const shifted = (by: number) =>
          pass(
            workspace,
            model,
            coef.map((value, k) => (k === j ? value + by : value)),
          );
        return (shifted(h).loss - shifted(-h).loss) / (2 * h);
      });
      // h² of the third derivative, and rounding of the loss over h.
      assertAllClose(differences, pass(workspace, model, coef).gradient, 1e-8, 'gradient', model.nSamples);
    });
  });
});
