import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configurationId } from '../../src/sweep/configuration-id.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import type { SweepAxes, SweepDefinition } from '../../src/sweep/sweep-definition.ts';
import { UserError } from '../../src/user-error.ts';

function grid(axes: SweepAxes): SweepDefinition {
  return { name: 'grid', baseline: { dataRoot: 'data', runId: 'run' }, axes };
}

const THOUSAND = { linspace: [1, 2, 1000] } as const;

describe('the plan of a sweep', () => {
  test('of a small grid is this', () => {
    const definition = grid({
      agesMinutes: [
        [15, 5],
        [5, 3],
      ],
      regressorKind: ['ridge'],
      maxRowsPerSplit: [4000],
    });
    const planned = (agesMinutes: number[]) => {
      const configuration = {
        agesMinutes,
        regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 },
        regressionTargetClipBps: 0,
        maxRowsPerSplit: 4000,
      } as const;
      return { id: configurationId(configuration), configuration };
    };
    const [early, late] = [planned([3, 5]), planned([5, 15])];
    const { axes, ...rest } = planSweep(definition);
    assert.deepEqual(rest, {
      name: 'grid',
      baseline: { dataRoot: 'data', runId: 'run' },
      configurations: [early, late],
      datasets: [
        { key: 'ages=3,5;maxRowsPerSplit=4000', agesMinutes: [3, 5], maxRowsPerSplit: 4000, configurations: [early] },
        { key: 'ages=5,15;maxRowsPerSplit=4000', agesMinutes: [5, 15], maxRowsPerSplit: 4000, configurations: [late] },
      ],
      unusedAxes: [],
      seals: false,
    });
    assert.deepEqual(
      axes.map(({ name, values, kinds }) => ({ name, values, kinds })),
      [
        {
          name: 'agesMinutes',
          values: [
            [3, 5],
            [5, 15],
          ],
          kinds: ['ridge'],
        },
        { name: 'regressorKind', values: ['ridge'], kinds: ['ridge'] },
        { name: 'ridgeAlpha', values: [10], kinds: ['ridge'] },
        { name: 'regressionTargetClipBps', values: [0], kinds: ['ridge'] },
        { name: 'maxRowsPerSplit', values: [4000], kinds: ['ridge'] },
      ],
    );
  });

  test('says which metrics each axis can move', () => {
    const { axes } = planSweep(grid({ regressorKind: ['huber', 'ridge'] }));
    const movers = (metric: string) => axes.filter((axis) => axis.moves.some((m) => m === metric)).map((a) => a.name);
    const everything = ['agesMinutes', 'maxRowsPerSplit'];
    for (const metric of ['row_count', 'continue_auc', 'brier', 'brier_vs_constant_ratio', 'edge_constant_mae']) {
      assert.deepEqual(movers(metric), everything, metric);
    }
    const regressor = ['regressorKind', 'huberAlpha', 'huberEpsilon', 'ridgeAlpha', 'regressionTargetClipBps'];
    for (const metric of ['edge_mae', 'edge_mae_vs_constant_ratio']) {
      assert.deepEqual(movers(metric).sort(), [...everything, ...regressor].sort(), metric);
    }
    assert.match(axes.find((axis) => axis.name === 'huberMaxIter')?.note ?? '', /converges/);
  });

  test('names the axes that are given for a kind that is not asked for', () => {
    assert.deepEqual(planSweep(grid({ ridgeAlpha: [1, 10], huberAlpha: [1] })).unusedAxes, ['ridgeAlpha']);
    const ridge = grid({ regressorKind: ['ridge'], huberMaxIter: [5], huberEpsilon: [2] });
    assert.deepEqual(planSweep(ridge).unusedAxes, ['huberEpsilon', 'huberMaxIter']);
  });

  test('of more than a million configurations is refused with the count and the remedy', () => {
    assert.throws(
      () => planSweep(grid({ huberAlpha: THOUSAND, huberEpsilon: THOUSAND, regressionTargetClipBps: [0, 60] })),
      new UserError(
        'grid: expected at most 1,000,000 configurations, got 2,000,000. ' +
          'Take the first N with --limit N, or give the axes fewer values',
      ),
    );
  });

  test('of a huge grid is made under a limit', () => {
    const huge = grid({ huberAlpha: THOUSAND, huberEpsilon: THOUSAND, regressionTargetClipBps: THOUSAND });
    assert.equal(planSweep(huge, { limit: 5 }).configurations.length, 5);
    assert.throws(() => planSweep(huge, { limit: 11, maxConfigurations: 10 }), /expected at most 10 .* got 11\./);
  });

  test('refuses a limit that is no count', () => {
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      assert.throws(
        () => planSweep(grid({}), { limit }),
        new UserError(`limit: expected a whole number ≥ 1, got ${limit}`),
      );
    }
  });
});
