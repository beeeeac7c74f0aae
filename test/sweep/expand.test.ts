import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countConfigurations, expandSweep } from '../../src/sweep/expand.ts';
import type { SweepAxes, SweepDefinition } from '../../src/sweep/sweep-definition.ts';

function grid(axes: SweepAxes): SweepDefinition {
  return { name: 'grid', baseline: { dataRoot: 'data', runId: 'run' }, axes };
}

describe('expanding a sweep', () => {
  test("is the product of the axes, and the other kind's axes do not multiply", () => {
    const axes: SweepAxes = {
      huberAlpha: [1, 2],
      huberEpsilon: [1.1, 1.2, 1.3],
      huberMaxIter: [10],
      ridgeAlpha: [1, 5],
    };
    assert.equal(expandSweep(grid({ ...axes, regressorKind: ['huber'] })).length, 6);
    assert.equal(expandSweep(grid({ ...axes, regressorKind: ['ridge'] })).length, 2);
    assert.equal(expandSweep(grid({ ...axes, regressorKind: ['ridge', 'huber'] })).length, 8);
    assert.equal(expandSweep(grid({ ...axes, regressorKind: ['ridge', 'huber'], maxRowsPerSplit: [0, 9] })).length, 16);
  });

  test('goes by ages, cap, clip, kind, epsilon, alpha, whatever the order of the file', () => {
    const configurations = expandSweep(
      grid({
        agesMinutes: [[15, 5], [5], [3, 30]],
        regressorKind: ['ridge', 'huber'],
        huberAlpha: [2, 1],
        huberEpsilon: [1.5, 1.1],
        regressionTargetClipBps: [60, 0],
      }),
    );
    const lines = configurations.map(({ agesMinutes, regressor, regressionTargetClipBps }) => {
      const epsilon = regressor.kind === 'huber' ? ` ${regressor.epsilon}` : '';
      return `${agesMinutes} clip ${regressionTargetClipBps} ${regressor.kind}${epsilon} ${regressor.alpha}`;
    });
    assert.deepEqual(lines.slice(0, 6), [
      '3,30 clip 0 huber 1.1 1',
      '3,30 clip 0 huber 1.1 2',
      '3,30 clip 0 huber 1.5 1',
      '3,30 clip 0 huber 1.5 2',
      '3,30 clip 0 ridge 10',
      '3,30 clip 60 huber 1.1 1',
    ]);
    assert.deepEqual([...new Set(lines.map((line) => line.split(' ')[0]))], ['3,30', '5', '5,15']);
  });

  test('collapses ages sets, values and kinds that are the same', () => {
    const axes: SweepAxes = {
      agesMinutes: [
        [5, 15],
        [15, 5, 5],
      ],
      regressorKind: ['ridge', 'ridge'],
      ridgeAlpha: [1, 1, 10],
      huberEpsilon: [1.1, 1.2],
    };
    assert.deepEqual(
      expandSweep(grid(axes)).map(({ agesMinutes, regressor }) => ({ agesMinutes, alpha: regressor.alpha })),
      [
        { agesMinutes: [5, 15], alpha: 1 },
        { agesMinutes: [5, 15], alpha: 10 },
      ],
    );
  });

  test('counts a grid of 1e12 without making it, and gives its first configurations', () => {
    const thousand = { linspace: [1, 2, 1000] } as const;
    const huge = grid({
      huberAlpha: thousand,
      huberEpsilon: thousand,
      regressionTargetClipBps: thousand,
      maxRowsPerSplit: { range: [1, 1000, 1] },
    });
    assert.equal(countConfigurations(huge), 1e12);
    assert.equal(expandSweep(huge, 3).length, 3);
  });
});
