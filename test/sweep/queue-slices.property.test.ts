import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countConfigurations } from '../../src/sweep/expand.ts';
import { planSweep, type SweepPlan } from '../../src/sweep/plan.ts';
import { MAX_PAYLOAD_BYTES, type QueueSlice, queueSlices, type SliceRates } from '../../src/sweep/queue-slices.ts';
import { expandSlice, parseSlicePayload, type SlicePurpose } from '../../src/sweep/slice-payload.ts';
import type { SweepAxes, SweepDefinition } from '../../src/sweep/sweep-definition.ts';
import { UserError } from '../../src/user-error.ts';
import { integer, type Random, randomDefinition, seededRandom } from './random-definition.ts';

/** The longest name that a sweep may have, of letters of four bytes. */
const PURPOSE: SlicePurpose = {
  runId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  sweep: '𝒜'.repeat(40),
  dataHash: 'd'.repeat(64),
  judges: 'errors',
  seals: false,
};

/** Long lists of numbers that take most digits, beside the random definitions of a few values. */
function longLists(random: Random): SweepDefinition {
  const long = (min: number) => Array.from({ length: integer(random, 1, 40) }, () => min + random() / 3e5);
  const axes: SweepAxes = {
    agesMinutes: [[3, 5, 10], Array.from({ length: integer(random, 1, 200) }, (_, i) => i + 7)],
    regressorKind: ['huber', 'ridge'],
    huberAlpha: long(0).slice(0, 6),
    huberEpsilon: long(1).slice(0, 6),
    ridgeAlpha: long(0),
    regressionTargetClipBps: long(0),
  };
  return { name: 'long', baseline: { dataRoot: 'data', runId: 'run' }, axes };
}

/** Each costs a unit, preparing a dataset so many. */
function rates(preparationMs: number, configurationMs: number): SliceRates {
  return { preparationMs: () => preparationMs, configurationMs: () => configurationMs };
}

function forEachPlan(check: (plan: SweepPlan, random: Random) => void): void {
  for (let seed = 1; seed <= 80; seed += 1) {
    const random = seededRandom(seed);
    const definition = seed % 4 === 0 ? longLists(random) : randomDefinition(random);
    const count = countConfigurations(definition);
    if (count > 4000) continue;
    // Every third one is cut off somewhere, as by --limit.
    const limit = seed % 3 === 0 ? integer(random, 1, count) : undefined;
    try {
      check(planSweep(definition, { limit }), random);
    } catch (error) {
      throw new Error(`seed ${seed}, limit ${limit}: ${JSON.stringify(definition)}`, { cause: error });
    }
  }
}

/** As a worker has it, after the way through the queue. */
function received({ payload }: QueueSlice) {
  return expandSlice(parseSlicePayload(JSON.parse(JSON.stringify(payload))));
}

function keysOf({ configurations }: Pick<SweepPlan, 'configurations'>): string[] {
  return configurations.map(({ configuration }) => JSON.stringify(configuration));
}

describe('slices of a queue, for any definition', () => {
  test('what is received is the sweep: every configuration once, those that --limit left out never', () => {
    let slicesInAll = 0;
    forEachPlan((plan, random) => {
      const slices = queueSlices(plan.datasets, PURPOSE, rates(0, random() < 0.5 ? 1 : 1e5));
      const expanded = slices.map(received);
      assert.deepEqual(expanded.flatMap(keysOf).sort(), keysOf(plan).sort());
      slices.forEach(({ slice }, i) => {
        assert.equal(expanded[i]!.key, slice.key);
        assert.deepEqual(keysOf(expanded[i]!), keysOf(slice));
      });
      slicesInAll += slices.length;
    });
    assert.ok(slicesInAll > 1000, `only ${slicesInAll} slices`);
  });

  test('each is at most 1 KB of text, however long its axes are', () => {
    let [long, cut] = [0, 0];
    forEachPlan((plan) => {
      const slices = queueSlices(plan.datasets, PURPOSE, rates(1e9, 1));
      const kinds = new Set(plan.configurations.map(({ configuration }) => configuration.regressor.kind)).size;
      if (slices.length > kinds * plan.datasets.length) cut += 1;
      for (const { payload } of slices) {
        const bytes = Buffer.byteLength(JSON.stringify(payload));
        assert.ok(bytes <= MAX_PAYLOAD_BYTES, `${bytes} bytes`);
        if (bytes > 800) long += 1;
      }
    });
    assert.ok(long > 20 && cut > 10, `${long} long ones, ${cut} definitions were cut for that`);
  });

  test('a slice is named by its work, whichever run has published it', () => {
    const { datasets } = planSweep(randomDefinition(seededRandom(3)));
    const hashes = (purpose: Partial<SlicePurpose>) =>
      queueSlices(datasets, { ...PURPOSE, ...purpose }).map(({ payload }) => payload.sliceHash);
    assert.equal(new Set(hashes({})).size, hashes({}).length);
    assert.deepEqual(hashes({ runId: 'another' }), hashes({}));
    for (const other of [{ sweep: 'other' }, { dataHash: 'e' }, { judges: 'all' }, { seals: true }] as const) {
      const named = new Set(hashes({}));
      assert.deepEqual(
        hashes(other).filter((hash) => named.has(hash)),
        [],
        JSON.stringify(other),
      );
    }
  });
});

describe('the size of slices', () => {
  const definition: SweepDefinition = {
    name: 'grid',
    baseline: { dataRoot: 'data', runId: 'run' },
    axes: {
      huberAlpha: { logspace: [-4, 0, 10] },
      huberEpsilon: { linspace: [1.1, 2, 100] },
      regressionTargetClipBps: [0, 10],
    },
  };
  const { datasets } = planSweep(definition);
  const longest = (preparationMs: number, configurationMs: number) => {
    const slices = queueSlices(datasets, PURPOSE, rates(preparationMs, configurationMs));
    return slices.map(({ slice }) => slice.configurations.length * configurationMs);
  };

  test('of a long sweep they take 30 to 90 seconds on a planned host', () => {
    const took = longest(0, 3000);
    assert.ok(took.length > 32);
    for (const ms of took) assert.ok(ms >= 30_000 && ms <= 90_000, `${ms} ms`);
  });

  test('of a short one they are some thirty, so that several machines have something to do to its end', () => {
    const { length } = longest(0, 10);
    assert.ok(length >= 25 && length <= 32, `${length} slices`);
  });

  test('they take at least ten times what the preparation of their dataset takes', () => {
    for (const ms of longest(300, 10)) assert.ok(ms >= 3000, `${ms} ms`);
  });
});

describe('what is no slice', () => {
  const [{ payload }] = queueSlices(planSweep(randomDefinition(seededRandom(3))).datasets, PURPOSE) as [QueueSlice];

  test('one that was changed on its way is refused', () => {
    assert.doesNotThrow(() => parseSlicePayload(payload));
    const other = { ...payload, axes: { ...payload.axes, maxRowsPerSplit: payload.axes.maxRowsPerSplit + 1 } };
    assert.throws(() => parseSlicePayload(other), /not what was published/);
    assert.throws(() => parseSlicePayload({ ...payload, format: 'sweep-slice/2' }), /sweep-slice\/1/);
  });

  test('an ages set that is too long to be sent is refused with what takes it', () => {
    const ages = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
    const { datasets } = planSweep({
      name: 'ages',
      baseline: { dataRoot: 'data', runId: 'run' },
      axes: { agesMinutes: [ages] },
    });
    assert.throws(
      () => queueSlices(datasets, PURPOSE),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.match(
          error.message,
          /^ages set 1,3,5,7,9,11,13,15,1…: too long to be sent .*\(344 characters, at most 200\).* --shard/,
        );
        return true;
      },
    );
  });
});
