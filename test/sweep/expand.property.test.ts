import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalJson } from '../../src/canonical-json.ts';
import { canonicalConfiguration, configurationId } from '../../src/sweep/configuration-id.ts';
import { parseSweepDefinition } from '../../src/sweep/definition.ts';
import { countConfigurations, expandSweep } from '../../src/sweep/expand.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.ts';
import { randomDefinition, respelled, seededRandom } from './random-definition.ts';

/** Random definitions of at most a thousand configurations, each with its seed. */
const CASES = Array.from({ length: 150 }, (_, seed) => ({
  seed,
  definition: randomDefinition(seededRandom(seed)),
})).filter(({ definition }) => countConfigurations(definition) <= 1000);

function forEachCase(check: (definition: SweepDefinition, seed: number) => void): void {
  for (const { seed, definition } of CASES) {
    try {
      check(definition, seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(definition)}`, { cause: error });
    }
  }
}

describe('for any definition', () => {
  test('the random definitions differ, have both kinds, large and small grids', () => {
    const counts = CASES.map(({ definition }) => countConfigurations(definition));
    assert.ok(CASES.length >= 80, `only ${CASES.length} cases`);
    assert.ok(new Set(counts).size >= 30);
    assert.ok(counts.some((count) => count > 500) && counts.some((count) => count < 20));
    const kinds = CASES.map(({ definition }) => String([...new Set(definition.axes.regressorKind)].sort()));
    assert.deepEqual([...new Set(kinds)].sort(), ['', 'huber', 'huber,ridge', 'ridge']);
  });

  test('the schema accepts what the types allow', () => {
    forEachCase((definition) => {
      const written = JSON.parse(JSON.stringify(definition));
      assert.deepEqual(parseSweepDefinition(JSON.stringify(written), 'json', 'random.json'), written);
    });
  });

  test('the count is the number of configurations, and no two are the same', () => {
    forEachCase((definition) => {
      const texts = expandSweep(definition).map((c) => canonicalJson(canonicalConfiguration(c)));
      assert.equal(texts.length, countConfigurations(definition));
      assert.equal(new Set(texts).size, texts.length);
    });
  });

  test('another name, order or repetition of axes, values and ages gives the same plan', () => {
    forEachCase((definition, seed) => {
      const other = respelled(definition, seededRandom(seed + 1_000_000));
      const plan = planSweep(definition);
      assert.deepEqual(planSweep(other), { ...plan, name: other.name });
    });
  });

  test('a limit takes the first configurations of the whole list', () => {
    forEachCase((definition, seed) => {
      const all = expandSweep(definition);
      const limit = 1 + Math.floor(seededRandom(seed)() * all.length);
      assert.deepEqual(expandSweep(definition, limit), all.slice(0, limit));
    });
  });

  test('the datasets hold every configuration once, in order', () => {
    forEachCase((definition) => {
      const { configurations, datasets } = planSweep(definition);
      assert.deepEqual(
        datasets.flatMap((dataset) => dataset.configurations),
        configurations,
      );
      assert.equal(new Set(datasets.map((dataset) => dataset.key)).size, datasets.length);
      for (const dataset of datasets) {
        for (const { id, configuration } of dataset.configurations) {
          assert.equal(id, configurationId(configuration));
          assert.deepEqual(configuration.agesMinutes, dataset.agesMinutes);
          assert.equal(configuration.maxRowsPerSplit, dataset.maxRowsPerSplit);
        }
      }
    });
  });
});
