import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JudgedModel, LossEvaluator } from '../../src/numerics/loss-evaluator.ts';
import { assertAllClose, assertSameBits } from '../support/closeness.ts';
import { clipTo, predict } from '../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { type PlainData, Regressions } from '../support/regression.ts';
import { int32In, normalVector } from '../support/shared-matrix.ts';

/** Models around a reference, from the reference itself to some that share little with it. */
function modelsAround(random: Random, { data }: Regressions, clip: number): JudgedModel[] {
  const reference = Float64Array.from(normalVector(random, data.columns.nCoef));
  return Array.from({ length: 8 }, () => {
    const size = random.pick([0, 1e-9, 1e-3, 0.1, 3]);
    const coef = reference.map((value) => value + size * random.normal());
    return { coef, clip, reference };
  });
}

function plainLosses({ rows, y }: PlainData, days: readonly number[], nDays: number, { coef, clip }: JudgedModel) {
  const out = new Array<number>(nDays).fill(0);
  rows.forEach((row, i) => {
    out[days[i]!]! += Math.abs(y[i]! - clipTo(predict(row, coef), clip));
  });
  return out;
}

describe('losses by day, taken from a reference', () => {
  test('are those of plain loops, near and far, clipped or not', () => {
    forEachSeed(30, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const regressions = new Regressions(plain, random.pick(['measured', 'unknown']));
      const { workspace, data } = regressions;
      const nDays = random.integer(1, 6);
      const days = plain.y.map(() => random.integer(0, nDays - 1));
      const rows = { ...data, dayIndex: int32In(workspace, days), nDays, firstRow: 0 };
      const evaluator = new LossEvaluator(workspace, workspace.arena, rows);
      for (const clip of [Infinity, 3, 0.5]) {
        const models = modelsAround(random, regressions, clip);
        evaluator.dailyAbsErrorSums(models).forEach((losses, c) => {
          assertAllClose(losses, plainLosses(plain, days, nDays, models[c]!), 1e-11, `model ${c}, clip ${clip}`);
        });
      }
    });
  });

  test('have the same bits whether leverages tell which rows to read or not, alone and in company', () => {
    forEachSeed(15, (random) => {
      const plain = randomProblem(random, randomShape(random));
      const measured = new Regressions(plain, 'measured');
      const models = modelsAround(random, measured, random.pick([Infinity, 2]));
      const far: JudgedModel = { ...models[0]!, reference: null };
      const losses = (regressions: Regressions, chosen: readonly JudgedModel[]) => {
        const { workspace, data } = regressions;
        const dayIndex = workspace.arena.int32(plain.y.length);
        const rows = { ...data, dayIndex, nDays: 1, firstRow: 0 };
        return new LossEvaluator(workspace, workspace.arena, rows).dailyAbsErrorSums(chosen);
      };
      const together = losses(measured, [...models, far]);
      const unknown = losses(new Regressions(plain, 'unknown'), models);
      models.forEach((model, c) => {
        assertSameBits(unknown[c]!, together[c]!, `model ${c}`);
        assertSameBits(losses(measured, [model])[0]!, together[c]!, `model ${c} alone`);
      });
      assertSameBits(losses(measured, [far])[0]!, together.at(-1)!, 'a model without a reference');
    });
  });

  test('read few rows where the model is near', () => {
    forEachSeed(5, (random) => {
      const plain = randomProblem(random, { ...randomShape(random), nSamples: 3000 });
      const { workspace, data } = new Regressions(plain, 'measured');
      const coef = Float64Array.from(normalVector(random, data.columns.nCoef));
      const near = coef.map((value) => value + 1e-4 * random.normal());
      const { run } = workspace.kernels;
      let read = 0;
      const counting = Object.assign(Object.create(workspace.kernels), {
        run: {
          ...run,
          correctLosses: (...args: Parameters<typeof run.correctLosses>) => {
            read = args[1];
            run.correctLosses(...args);
          },
        },
      });
      const dayIndex = workspace.arena.int32(plain.y.length);
      const watched = Object.assign(Object.create(workspace), { kernels: counting });
      const rows = { ...data, dayIndex, nDays: 1, firstRow: 0 };
      const evaluator = new LossEvaluator(watched, workspace.arena, rows);
      // What is known of the first model, after which the second one is near, takes a pass over the rows.
      data.span.expectNear(coef, 1);
      evaluator.dailyAbsErrorSums([{ coef, clip: Infinity, reference: coef }]);
      evaluator.dailyAbsErrorSums([{ coef: near, clip: Infinity, reference: coef }]);
      assert.ok(read < plain.y.length / 20, `${read} of ${plain.y.length} rows were read`);
    });
  });
});
