import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expFloat32, multiplyAdd } from '../../src/dataset/float32-exp.ts';
import { exp } from '../../src/numerics/elementary/exp.ts';
import { errorUlps, fixed, trueExp } from '../numerics/elementary/true-value.ts';
import { forEachSeed, randomFrom } from '../support/random.ts';

/** Steps of float64 in one of float32. */
const STEPS_64 = 2 ** 29;
const LEAST_FLOAT32 = 2 ** -149;

describe('float32 exp of the frozen models', () => {
  test('is within two float32 steps of the true value, from 0 down to where float32 ends', () => {
    const random = randomFrom(1);
    let worst = 0;
    for (let i = 0; i < 1000; i += 1) {
      const x = Math.fround(-random.uniform() * random.pick([1, 10, 87]));
      worst = Math.max(worst, errorUlps(expFloat32(x), trueExp(fixed(x))) / STEPS_64);
      const small = Math.fround(-87 - 16.9 * random.uniform());
      assert.ok(Math.abs(expFloat32(small) - exp(small)) <= 2 * LEAST_FLOAT32 + 2 ** -23 * exp(small), `at ${small}`);
    }
    // NumPy's own is not the nearest float32 everywhere.
    assert.ok(worst > 0.6 && worst <= 2, `${worst} steps`);
  });

  test('is 1 at 0, 0 below the least float32, and always a float32', () => {
    assert.equal(expFloat32(0), 1);
    assert.equal(expFloat32(-104), 0);
    assert.ok(expFloat32(-103.9) > 0);
    forEachSeed(20, (random) => {
      const y = expFloat32(Math.fround(-50 * random.uniform()));
      assert.equal(Math.fround(y), y);
    });
  });

  test('a product is rounded once together with the sum that it is added to', () => {
    const third = Math.fround(1 / 3);
    assert.equal(
      multiplyAdd(Math.fround(-third * third), third, third),
      Math.fround(third * third - Math.fround(third * third)),
    );
    assert.notEqual(multiplyAdd(Math.fround(-third * third), third, third), 0);
  });
});
