import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { definitionChange, storedDefinition } from '../../src/sweep/definition-change.ts';
import type { SweepAxes, SweepDefinition } from '../../src/sweep/sweep-definition.ts';
import { UserError } from '../../src/user-error.ts';

const AXES: SweepAxes = {
  agesMinutes: [[3, 5], [10]],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: [0.01, 1],
  ridgeAlpha: { logspace: [0, 2, 3] },
};

function definition(changes: Partial<SweepAxes> = {}, runId = 'btc'): SweepDefinition {
  return { name: 'grid', baseline: { dataRoot: '.', runId }, axes: { ...AXES, ...changes } };
}

describe('a definition beside the one that its sweep has', () => {
  test('is the same however it is spelled, and wherever the data lie', () => {
    const other = definition({ agesMinutes: [[10], [5, 3, 3]], ridgeAlpha: [100, 1, 10], huberEpsilon: [1.35] });
    const moved = { ...other, baseline: { ...other.baseline, dataRoot: '/elsewhere' } };
    assert.deepEqual(definitionChange(definition(), moved), { kind: 'same' });
  });

  test('is an extension when values are added, and says which', () => {
    assert.deepEqual(definitionChange(definition(), definition({ huberAlpha: [10, 0.01, 1, 100] })), {
      kind: 'extension',
      added: ['axes.huberAlpha with 10 and 100'],
    });
    assert.deepEqual(definitionChange(definition({ regressorKind: ['huber'] }), definition()), {
      kind: 'extension',
      added: ['axes.regressorKind with ridge'],
    });
    assert.equal(definitionChange(definition(), definition({ agesMinutes: [[10], [3, 5], [30]] })).kind, 'extension');
  });

  test('is another when a value is gone or the baseline run is another', () => {
    assert.deepEqual(definitionChange(definition(), definition({ huberAlpha: [1, 10] }, 'eth')), {
      kind: 'other',
      differences: ['baseline run eth in place of btc', 'axes.huberAlpha without 0.01'],
    });
    assert.equal(definitionChange(definition(), definition({ regressorKind: ['ridge'] })).kind, 'other');
    // A default is a value like any other.
    assert.equal(definitionChange(definition(), definition({ huberEpsilon: [1.5] })).kind, 'other');
  });

  test('is the same when only an axis changed that multiplies nothing', () => {
    const ridge: Partial<SweepAxes> = { regressorKind: ['ridge'] };
    assert.deepEqual(definitionChange(definition(ridge), definition({ ...ridge, huberAlpha: [7] })), { kind: 'same' });
  });

  test('is read back from what a store holds, or refused by name', () => {
    const written = definition();
    assert.deepEqual(storedDefinition(JSON.parse(JSON.stringify(written)), 'grid'), written);
    assert.throws(
      () => storedDefinition({ name: 'grid' }, 'grid'),
      (error) => error instanceof UserError && /^the stored definition of sweep "grid"/.test(error.message),
    );
  });
});
