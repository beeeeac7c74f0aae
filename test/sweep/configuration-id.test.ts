import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Configuration } from '../../src/experiment/configuration.ts';
import {
  canonicalConfiguration,
  configurationFromCanonical,
  configurationId,
} from '../../src/sweep/configuration-id.ts';
import { UserError } from '../../src/user-error.ts';

const HUBER: Configuration = {
  agesMinutes: [3, 5, 10, 15, 30],
  regressor: { kind: 'huber', alpha: 0.001, epsilon: 1.35, maxIter: 1000 },
  regressionTargetClipBps: 0,
  maxRowsPerSplit: 0,
};
const RIDGE: Configuration = { ...HUBER, regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 } };

describe("a configuration's id", () => {
  // Stores hold these. If this test fails, a change has cut every stored verdict off from its configuration.
  test('is for ever what it was in the first version', () => {
    assert.equal(configurationId(HUBER), '08a32d49c8babecf9fec2170');
    assert.equal(configurationId(RIDGE), 'a89dce25a576da6a02bc564c');
  });

  test('does not depend on the order or repetition of ages, nor on the sign of zero', () => {
    const agesMinutes = [30, 3, 3, 15, 5, 10];
    assert.equal(configurationId({ ...HUBER, agesMinutes, regressionTargetClipBps: -0 }), configurationId(HUBER));
  });

  test('does not depend on the iteration limit of a ridge configuration', () => {
    const other: Configuration = { ...RIDGE, regressor: { kind: 'ridge', alpha: 10, maxIter: 7 } };
    assert.equal(configurationId(other), configurationId(RIDGE));
  });

  test('depends on every parameter that a result depends on', () => {
    const configurations: Configuration[] = [
      HUBER,
      RIDGE,
      { ...HUBER, agesMinutes: [3, 5, 10, 15] },
      { ...HUBER, regressor: { kind: 'huber', alpha: 0.002, epsilon: 1.35, maxIter: 1000 } },
      { ...HUBER, regressor: { kind: 'huber', alpha: 0.001, epsilon: 1.3500000000000003, maxIter: 1000 } },
      { ...HUBER, regressor: { kind: 'huber', alpha: 0.001, epsilon: 1.35, maxIter: 999 } },
      { ...RIDGE, regressor: { kind: 'ridge', alpha: 11, maxIter: 1000 } },
      { ...HUBER, regressionTargetClipBps: 60 },
      { ...HUBER, maxRowsPerSplit: 60 },
    ];
    assert.equal(new Set(configurations.map(configurationId)).size, configurations.length);
  });
});

describe('the canonical form', () => {
  test('of a ridge configuration has nothing of Huber in it', () => {
    assert.deepEqual(canonicalConfiguration(RIDGE), {
      agesMinutes: [3, 5, 10, 15, 30],
      maxRowsPerSplit: 0,
      regressionTargetClipBps: 0,
      regressor: { kind: 'ridge', alpha: 10 },
    });
  });

  test('written as JSON and read back is the configuration it was made of', () => {
    for (const configuration of [HUBER, RIDGE]) {
      const json: unknown = JSON.parse(JSON.stringify(canonicalConfiguration(configuration)));
      assert.deepEqual(configurationFromCanonical(json), configuration);
    }
  });

  test('that was changed by hand is refused by the name of the field', () => {
    const changes: [change: object, message: string][] = [
      [{ agesMinutes: [5, 3] }, 'agesMinutes: expected ages in minutes, ascending, without duplicates, got [5, 3]'],
      [{ agesMinutes: [3, 3] }, 'agesMinutes: expected ages in minutes, ascending, without duplicates, got [3, 3]'],
      [{ maxRowsPerSplit: 0.5 }, 'maxRowsPerSplit: expected a whole number ≥ 0, got 0.5'],
      [{ regressor: { kind: 'ridge' } }, 'regressor.alpha: expected a number ≥ 0, got nothing'],
      [
        { regressor: { kind: 'lasso', alpha: 1 } },
        'regressor.kind: expected a regressor of kind huber or ridge, got {kind: "lasso", alpha: 1}',
      ],
      [
        { regressor: { kind: 'ridge', alpha: 1, epsilon: 2 } },
        'regressor: unknown key "epsilon", expected one of kind, alpha',
      ],
    ];
    for (const [change, message] of changes) {
      const json = { ...JSON.parse(JSON.stringify(canonicalConfiguration(HUBER))), ...change };
      assert.throws(() => configurationFromCanonical(json), new UserError(`configuration: ${message}`));
    }
    assert.throws(
      () => configurationFromCanonical(null),
      new UserError('configuration: expected a configuration, got null'),
    );
  });
});
