import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULTS, REGRESSOR_KINDS } from '../../src/experiment/configuration.ts';
import { configurationFrom, PARAMETER_NAMES, parameterOf, seedSettings } from '../../src/experiment/parameters.ts';
import { ruleOf } from '../../src/sweep/parameter-rules.ts';

describe('the table of parameters', () => {
  for (const kind of REGRESSOR_KINDS) {
    test(`reads back from a ${kind} configuration what it was made of, and null for the other kind's`, () => {
      const values = {
        ...{ agesMinutes: [5, 9], regressorKind: kind, huberAlpha: 2, huberEpsilon: 1.5, huberMaxIter: 7 },
        ...{ ridgeAlpha: 3, regressionTargetClipBps: 60, maxRowsPerSplit: 500 },
      };
      const configuration = configurationFrom(values);
      for (const name of PARAMETER_NAMES) {
        const { read, kinds } = parameterOf(name);
        assert.deepEqual(read(configuration), kinds.includes(kind) ? values[name] : null, name);
      }
    });
  }

  test('has the defaults, each within its own bounds', () => {
    for (const name of PARAMETER_NAMES) {
      assert.deepEqual(parameterOf(name).byDefault, DEFAULTS[name]);
      if (name === 'agesMinutes' || name === 'regressorKind') continue;
      assert.equal(ruleOf(name).parse(DEFAULTS[name]), DEFAULTS[name]);
      assert.throws(() => ruleOf(name).parse(parameterOf(name).bounds!.min - 1), name);
    }
  });

  test('gives a column to two parameters only where no configuration has both', () => {
    for (const [i, name] of PARAMETER_NAMES.entries()) {
      for (const other of PARAMETER_NAMES.slice(i + 1)) {
        if (parameterOf(name).column !== parameterOf(other).column) continue;
        assert.ok(
          !parameterOf(name).kinds.some((kind) => parameterOf(other).kinds.includes(kind)),
          `${name}, ${other}`,
        );
      }
    }
  });

  test("says in the seed's files null for what is not set", () => {
    assert.deepEqual(seedSettings(configurationFrom({ ...DEFAULTS, regressorKind: 'ridge' })), {
      regressor_kind: 'ridge',
      ridge_alpha: 10,
      huber_alpha: null,
      huber_epsilon: null,
      huber_max_iter: null,
      regression_target_clip_bps: null,
    });
  });
});
