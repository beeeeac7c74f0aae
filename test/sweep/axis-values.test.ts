import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { axisValues } from '../../src/sweep/axis-values.ts';

describe('the values of an axis', () => {
  test('a list gives its values ascending, each once, and -0 is 0', () => {
    assert.deepEqual(axisValues([10, 1, 10, -0, 0, 0.5]), [0, 0.5, 1, 10]);
  });

  test('a value that is written keeps every digit', () => {
    assert.deepEqual(axisValues([1.3500000000000003, 1.35]), [1.35, 1.3500000000000003]);
  });

  test('linspace gives the numbers a person would write', () => {
    assert.deepEqual(axisValues({ linspace: [1.1, 2, 10] }), [1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2]);
    assert.deepEqual(axisValues({ linspace: [0, 1, 4] }), [0, 0.333333333333, 0.666666666667, 1]);
  });

  test('linspace keeps both ends to the last digit, in either order', () => {
    const [low, high] = [1.0000000000000002, 1.9999999999999998];
    assert.deepEqual(axisValues({ linspace: [low, high, 3] }), [low, 1.5, high]);
    assert.deepEqual(axisValues({ linspace: [high, low, 3] }), [low, 1.5, high]);
  });

  test('logspace is exact at whole powers of ten', () => {
    assert.deepEqual(
      axisValues({ logspace: [-4, 0, 9] }),
      [1e-4, 0.000316227766017, 1e-3, 0.00316227766017, 1e-2, 0.0316227766017, 0.1, 0.316227766017, 1],
    );
    assert.deepEqual(axisValues({ logspace: [0, 1, 4] }), [1, 2.15443469003, 4.64158883361, 10]);
    const powers = axisValues({ logspace: [-300, 300, 601] });
    assert.deepEqual(
      powers,
      Array.from({ length: 601 }, (_, i) => Number(`1e${i - 300}`)),
    );
  });

  test('range has its end exactly when a whole number of steps reaches it', () => {
    assert.deepEqual(axisValues({ range: [0, 0.3, 0.1] }), [0, 0.1, 0.2, 0.3]);
    assert.deepEqual(axisValues({ range: [1, 2, 0.3] }), [1, 1.3, 1.6, 1.9]);
    assert.deepEqual(axisValues({ range: [60, 180, 60] }), [60, 120, 180]);
    assert.deepEqual(axisValues({ range: [5, 5, 1] }), [5]);
  });

  test('a count of 1 gives the first end', () => {
    assert.deepEqual(axisValues({ linspace: [3, 7, 1] }), [3]);
    assert.deepEqual(axisValues({ logspace: [-2, 2, 1] }), [0.01]);
  });

  test('values that are made agree with exact decimal steps of 0.01', () => {
    const expected = Array.from({ length: 1001 }, (_, i) => Number((i / 100).toFixed(2)));
    assert.deepEqual(axisValues({ linspace: [0, 10, 1001] }), expected);
    assert.deepEqual(axisValues({ range: [0, 10, 0.01] }), expected);
  });
});
