import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settingsOf, withSettings } from '../../src/report/configuration-settings.ts';
import { axesHeld, plainestOf } from '../../src/trust/plainest.ts';
import { trustOfSweep } from '../../src/trust/trust-of-sweep.ts';
import { configurationWith } from '../store/synthetic.ts';
import { quickstartJson, quickstartLosses } from './goldens.ts';

const LIMITS = { aucMin: 0.6, maeRatioMax: 0.97 };

function huber(alpha: number, epsilon = 1.35) {
  return { kind: 'huber' as const, alpha, epsilon, maxIter: 1000 };
}

describe('the plainest member of a plateau', () => {
  const configurations = [
    configurationWith({ agesMinutes: [1, 2, 3], regressor: huber(0.001) }),
    configurationWith({ agesMinutes: [5], regressor: huber(10) }),
    configurationWith({ agesMinutes: [5], regressor: huber(0.1) }),
    configurationWith({ agesMinutes: [1, 2], regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 } }),
    configurationWith({ agesMinutes: [7], regressor: huber(10) }),
    configurationWith(),
  ];
  const settings = configurations.map(settingsOf);
  const of = (...members: number[]) => plainestOf(members, (member) => settings[member]);

  test("is the one with the fewest parameters off the seed's defaults", () => {
    assert.equal(of(0, 1, 2, 3, 4, 5), 5);
    assert.equal(of(1, 3, 0), 0);
  });

  test('of equally many the one with the fewest ages, then the larger alpha, then the first', () => {
    assert.equal(of(3, 2), 2);
    assert.equal(of(2, 1), 1);
    assert.equal(of(4, 1), 4);
    assert.equal(of(1, 4), 1);
  });

  test('is none where there is no member, or where nobody knows what one of them is', () => {
    assert.equal(of(), null);
    assert.equal(
      plainestOf([0, 1], (member) => (member === 0 ? settings[0] : undefined)),
      null,
    );
  });

  test('stands beside what of each parameter the plateau still holds', () => {
    const stays = [true, false, false, true, false, true];
    const { agesMinutes, huberAlpha, ...others } = axesHeld(settings, stays);
    assert.deepEqual(Object.keys(others), ['regressorKind']);
    assert.deepEqual(
      huberAlpha,
      [0.001, 10, 0.1].map((value, i) => ({ value, n: [2, 0, 0][i], of: [2, 2, 1][i] })),
    );
    assert.deepEqual(
      agesMinutes!.find(({ value }) => String(value) === '5'),
      { value: [5], n: 0, of: 2 },
    );
  });

  test("of the quickstart is the seed's own configuration, told from the canonical forms of its file", () => {
    const losses = quickstartLosses();
    const trust = trustOfSweep(withSettings(losses, quickstartJson()), LIMITS);
    assert.ok(!('refused' in trust));
    const { plainest, axes } = trust.plateau!;
    assert.deepEqual(plainest!.parameters, settingsOf(configurationWith()).parameters);
    assert.deepEqual(
      axes.huberEpsilon!.map(({ value, n, of: all }) => [value, n, all]),
      [1.05, 1.2, 1.35, 1.5, 1.65, 1.8, 1.95].map((value) => [value, 36, 36]),
    );
    // Without them there is nothing to say of it.
    const bare = trustOfSweep(losses, LIMITS);
    assert.ok(!('refused' in bare));
    assert.deepEqual([bare.plateau!.plainest, bare.plateau!.axes], [null, {}]);
  });
});

describe('figures by dataset', () => {
  test('are by ages, and by ages and cap where a sweep has several caps: none is lost', () => {
    const losses = quickstartLosses();
    const [first] = losses.datasets;
    const keys = (caps: readonly (number | undefined)[]) => {
      const datasets = caps.map((maxRowsPerSplit, id) => ({ ...first!, id, maxRowsPerSplit }));
      const configurations = losses.configurations
        .filter(({ dataset }) => dataset === first!.id)
        .slice(0, 4)
        .map((configuration, i) => ({ ...configuration, dataset: i % caps.length }));
      const trust = trustOfSweep({ ...losses, datasets, configurations }, LIMITS);
      assert.ok(!('refused' in trust));
      assert.deepEqual(Object.keys(trust.plateau!.byAges), Object.keys(trust.locked['long latest_stress']!.auc));
      return trust.plateau!.byAges;
    };
    assert.deepEqual(keys([undefined]), { '[1, 2, 3, 5]': 4 });
    assert.deepEqual(keys([500]), { '[1, 2, 3, 5]': 4 });
    assert.deepEqual(keys([0, 500]), { '[1, 2, 3, 5] cap 0': 2, '[1, 2, 3, 5] cap 500': 2 });
  });
});
