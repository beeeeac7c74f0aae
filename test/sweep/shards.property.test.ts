import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countConfigurations } from '../../src/sweep/expand.ts';
import { planSweep, type SweepPlan } from '../../src/sweep/plan.ts';
import { dealSlices, shardPlan } from '../../src/sweep/shards.ts';
import { judgingCost, preparationCost, type Slice, slicesOf } from '../../src/sweep/slices.ts';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.ts';
import { randomDefinition, respelled, seededRandom } from './random-definition.ts';

/** Random definitions of at most a thousand configurations, each with its seed. */
const CASES = Array.from({ length: 120 }, (_, seed) => ({
  seed,
  definition: randomDefinition(seededRandom(seed)),
})).filter(({ definition }) => countConfigurations(definition) <= 1000);
const COUNTS = [1, 2, 3, 16, 100];

function forEachCase(check: (plan: SweepPlan, definition: SweepDefinition, seed: number) => void): void {
  for (const { seed, definition } of CASES) {
    try {
      check(planSweep(definition), definition, seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(definition)}`, { cause: error });
    }
  }
}

function idsOf(slices: readonly Pick<Slice, 'configurations'>[]): string[] {
  return slices.flatMap(({ configurations }) => configurations.map(({ id }) => id));
}

/** What a shard takes: its slices, and a preparation of each dataset that it has one of. */
function loadOf(slices: readonly Slice[]): number {
  const datasets = new Map(slices.map((slice) => [slice.key, preparationCost(slice)]));
  return [...datasets.values()].reduce((a, b) => a + b, 0) + slices.reduce((sum, { cost }) => sum + cost, 0);
}

describe('for any definition', () => {
  test('slices hold every configuration once, and each is the grid that its axes say', () => {
    let parted = 0;
    forEachCase((plan, definition) => {
      const total = plan.datasets.reduce((sum, dataset) => sum + judgingCost(dataset), 0);
      for (const wanted of [1e-9, total / 7, Infinity]) {
        const slices = slicesOf(plan.datasets, wanted);
        assert.deepEqual(idsOf(slices).sort(), idsOf([plan]).sort());
        for (const slice of slices) {
          const again = planSweep({ ...definition, axes: slice.axes });
          assert.deepEqual(idsOf([again]).sort(), idsOf([slice]).sort());
          assert.deepEqual([again.datasets.length, again.datasets[0]!.key], [1, slice.key]);
        }
        if (slices.length > plan.datasets.length) parted += 1;
      }
    });
    assert.ok(parted > 50, `only ${parted} cases in which a dataset is parted`);
  });

  test('fits at one epsilon stand together, unless one epsilon is too much by itself', () => {
    forEachCase((plan) => {
      for (const slice of slicesOf(plan.datasets, 1)) {
        const whole = plan.datasets.find(({ key }) => key === slice.key)!;
        const own = whole.configurations.filter(({ configuration: { regressor } }) => {
          return (
            regressor.kind === slice.kind &&
            (slice.axes.huberAlpha ?? slice.axes.ridgeAlpha!).toString().split(',').includes(String(regressor.alpha)) &&
            (regressor.kind === 'ridge' ||
              (slice.axes.huberEpsilon ?? []).toString().split(',').includes(String(regressor.epsilon)))
          );
        });
        // All clips and iteration limits of its epsilons and alphas.
        assert.equal(own.length, slice.configurations.length);
      }
    });
  });

  test('shards hold every configuration once, in the order of the sweep, however it is spelled', () => {
    forEachCase((plan, definition, seed) => {
      const spelled = planSweep(respelled(definition, seededRandom(seed + 1)));
      for (const count of COUNTS) {
        const shards = Array.from({ length: count }, (_, i) => shardPlan(plan, { number: i + 1, count }));
        assert.deepEqual(idsOf(shards).sort(), idsOf([plan]).sort());
        for (const [i, shard] of shards.entries()) {
          const own = new Set(idsOf([shard]));
          assert.deepEqual(
            idsOf([shard]),
            idsOf([plan]).filter((id) => own.has(id)),
          );
          assert.deepEqual(idsOf(shard.datasets), idsOf([shard]));
          assert.deepEqual(idsOf([shardPlan(spelled, { number: i + 1, count })]), idsOf([shard]));
        }
      }
    });
  });

  test('no shard takes longer than an even share, one slice and two preparations', () => {
    forEachCase((plan) => {
      const all = loadOf(slicesOf(plan.datasets, Infinity));
      for (const count of COUNTS) {
        const shards = dealSlices(plan.datasets, count);
        const slices = shards.flat();
        const longest = Math.max(...slices.map(({ cost }) => cost));
        const preparation = Math.max(...plan.datasets.map(preparationCost));
        const most = all / count + longest + 2 * preparation;
        for (const shard of shards) assert.ok(loadOf(shard) <= most * (1 + 1e-9), `${loadOf(shard)} > ${most}`);
      }
    });
  });

  test('a dataset is prepared by one shard more for each cut through it, and by no other', () => {
    forEachCase((plan) => {
      for (const count of COUNTS) {
        const shards = dealSlices(plan.datasets, count).filter((shard) => shard.length > 0);
        const preparations = shards.reduce((sum, shard) => sum + new Set(shard.map(({ key }) => key)).size, 0);
        assert.ok(preparations <= plan.datasets.length + shards.length - 1);
      }
    });
  });
});
