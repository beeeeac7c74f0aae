import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planSweep } from '../../src/sweep/plan.ts';
import { checkedShard, dealSlices, shardPlan, shardText } from '../../src/sweep/shards.ts';
import { slicesOf } from '../../src/sweep/slices.ts';
import type { SweepAxes } from '../../src/sweep/sweep-definition.ts';

function planOf(axes: SweepAxes, limit?: number) {
  return planSweep({ name: 'grid', baseline: { dataRoot: 'data', runId: 'run' }, axes }, { limit });
}

describe('slices', () => {
  test('are runs of neighbouring epsilons with all their clips and alphas; ridge is one', () => {
    const axes: SweepAxes = {
      agesMinutes: [[3, 5]],
      regressorKind: ['huber', 'ridge'],
      huberEpsilon: { linspace: [1.1, 2, 10] },
      huberAlpha: { logspace: [-4, 0, 5] },
      ridgeAlpha: [1, 10],
      regressionTargetClipBps: [0, 60],
    };
    const { datasets } = planOf(axes);
    const [first, second, ...others] = slicesOf(datasets, 0);
    assert.deepEqual(first!.axes, {
      agesMinutes: [[3, 5]],
      maxRowsPerSplit: [0],
      regressorKind: ['huber'],
      regressionTargetClipBps: [0, 60],
      huberAlpha: [1e-4, 1e-3, 1e-2, 0.1, 1],
      huberEpsilon: [1.1],
      huberMaxIter: [1000],
    });
    assert.deepEqual(second!.axes.huberEpsilon, [1.2]);
    assert.equal(others.length, 9);
    assert.deepEqual(others.at(-1)!.axes, {
      agesMinutes: [[3, 5]],
      maxRowsPerSplit: [0],
      regressorKind: ['ridge'],
      regressionTargetClipBps: [0, 60],
      ridgeAlpha: [1, 10],
    });
  });

  test('of one epsilon and many alphas are runs of alphas', () => {
    const { datasets } = planOf({ huberAlpha: { logspace: [-4, 4, 100] }, regressionTargetClipBps: [0, 60] });
    const slices = slicesOf(datasets, 0);
    assert.ok(slices.length > 5, `${slices.length} slices`);
    for (const { axes } of slices) assert.deepEqual(axes.regressionTargetClipBps, [0, 60]);
  });

  test('of a sweep that is limited have what is left of their grids', () => {
    const { datasets } = planOf({ huberEpsilon: [1.1, 1.2, 1.3], huberAlpha: [1, 10, 100] }, 5);
    const configurations = slicesOf(datasets, 0).flatMap((slice) => slice.configurations);
    assert.equal(configurations.length, 5);
  });
});

describe('shards', () => {
  const axes: SweepAxes = {
    agesMinutes: [[30], [3, 5, 10], [5, 15]],
    huberEpsilon: { linspace: [1.1, 2, 10] },
    huberAlpha: { logspace: [-4, 4, 30] },
  };

  test('of one are the sweep itself', () => {
    const plan = planOf(axes);
    const { datasets, shard } = shardPlan(plan, { number: 1, count: 1 });
    assert.deepEqual(datasets, plan.datasets);
    assert.equal(shardText(shard), '1/1');
  });

  test('begin with the longest dataset, and keep those that are whole together', () => {
    const dealt = dealSlices(planOf(axes).datasets, 3).map((slices) => [
      ...new Set(slices.map(({ agesMinutes }) => agesMinutes.join())),
    ]);
    assert.deepEqual(dealt, [['3,5,10'], ['3,5,10', '5,15'], ['5,15', '30']]);
  });

  test('know the sweep that they are of', () => {
    const plan = planOf(axes);
    const part = shardPlan(plan, { number: 2, count: 3 });
    assert.deepEqual(part.sweepConfigurations, plan.configurations);
    assert.ok(part.configurations.length < plan.configurations.length);
    assert.deepEqual(part.axes, plan.axes);
  });

  test('beyond what there is to deal are empty', () => {
    const plan = planOf({ huberAlpha: [1, 10] });
    const parts = [1, 2, 3].map((number) => shardPlan(plan, { number, count: 3 }).configurations.length);
    assert.deepEqual(parts, [2, 0, 0]);
  });

  test('that are not there are refused', () => {
    for (const [number, count, message] of [
      [0, 3, 'shard: expected a whole number from 1 to 3, got 0'],
      [4, 3, 'shard: expected a whole number from 1 to 3, got 4'],
      [1, 0, 'shards: expected a whole number from 1 to 4096, got 0'],
      [1, 5000, 'shards: expected a whole number from 1 to 4096, got 5000'],
    ] as const) {
      assert.throws(() => checkedShard({ number, count }), { name: 'UserError', message });
    }
  });
});
