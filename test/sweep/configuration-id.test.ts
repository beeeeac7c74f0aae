import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Configuration } from '../../src/experiment/configuration.ts';
import { canonicalConfiguration, configurationId } from '../../src/sweep/configuration-id.ts';

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
});
