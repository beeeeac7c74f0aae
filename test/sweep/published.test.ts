import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEFAULTS } from '../../src/experiment/configuration.ts';
import { configurationId } from '../../src/sweep/configuration-id.ts';
import { readSweepDefinition } from '../../src/sweep/definition.ts';
import { sweepDefinitionJsonSchema } from '../../src/sweep/json-schema.ts';
import { planSweep } from '../../src/sweep/plan.ts';

const SWEEPS = fileURLToPath(new URL('../../sweeps/', import.meta.url));

describe('the published files', () => {
  test('the JSON Schema beside the definitions is the one that definitions are checked with', () => {
    const shipped = readFileSync(`${SWEEPS}sweep-definition.schema.json`, 'utf8');
    assert.equal(shipped, sweepDefinitionJsonSchema(), 'stale: run npm run build:schema');
  });

  test('every definition is valid and points editors to the schema', async () => {
    const files = readdirSync(SWEEPS).filter((name) => name.endsWith('.yaml'));
    assert.ok(files.includes('quickstart.yaml'));
    for (const name of files) {
      assert.ok(planSweep(await readSweepDefinition(SWEEPS + name)).configurations.length > 0);
      const firstLine = readFileSync(SWEEPS + name, 'utf8').split('\n')[0];
      assert.equal(firstLine, '# yaml-language-server: $schema=./sweep-definition.schema.json', name);
    }
  });

  test("the quickstart has the 300 configurations its comment promises, the experiment's default among them", async () => {
    const { configurations, datasets, unusedAxes } = planSweep(await readSweepDefinition(`${SWEEPS}quickstart.yaml`));
    assert.equal(configurations.length, 300);
    assert.equal(datasets.length, 4);
    assert.deepEqual(unusedAxes, []);
    const { huberAlpha: alpha, huberEpsilon: epsilon, huberMaxIter: maxIter, ...others } = DEFAULTS;
    const id = configurationId({ ...others, regressor: { kind: 'huber', alpha, epsilon, maxIter } });
    assert.ok(configurations.some((planned) => planned.id === id));
  });
});
