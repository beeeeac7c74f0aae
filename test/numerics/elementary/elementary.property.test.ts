import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exp } from '../../../src/numerics/elementary/exp.ts';
import { log, log1p } from '../../../src/numerics/elementary/log.ts';
import { powerOfTen } from '../../../src/numerics/elementary/power-of-ten.ts';
import { powerOfTwo } from '../../../src/numerics/elementary/power-of-two.ts';
import { cos, sin } from '../../../src/numerics/elementary/sine.ts';
import { assertSameBits } from '../../support/closeness.ts';
import { type Random, randomFrom } from '../../support/random.ts';
import { errorUlps, fixed, trueCos, trueExp, trueLog, truePowerOfTen, trueSin } from './true-value.ts';

const SAMPLES = 400;
/** What the functions promise is 1; they were never seen further off than 0.84. */
const BOUND_ULPS = 0.9;

/** The largest error over random arguments; says at which one. */
function worst(
  seed: number,
  argument: (random: Random) => number,
  got: (x: number) => number,
  truth: (x: bigint) => bigint,
): { ulps: number; text: string } {
  const random = randomFrom(seed);
  let found = { ulps: 0, text: 'no sample' };
  for (let i = 0; i < SAMPLES; i += 1) {
    const x = argument(random);
    const ulps = errorUlps(got(x), truth(fixed(x)));
    if (ulps >= found.ulps) found = { ulps, text: `${got(x)} at ${x} is ${ulps} ulps off` };
  }
  return found;
}

function assertWithin(bound: number, ...parameters: Parameters<typeof worst>): void {
  const { ulps, text } = worst(...parameters);
  assert.ok(ulps <= bound, text);
  // A reference that agrees with everything would be none: the nearest float64 is off by up to half an ulp.
  assert.ok(ulps > 0.3, text);
}

describe('elementary functions', () => {
  test('the reference knows e, ln 2, and that sin² + cos² is 1', () => {
    assert.ok(errorUlps(Math.E, trueExp(fixed(1))) < 0.5);
    assert.ok(errorUlps(Math.LN2, trueLog(fixed(2))) < 0.5);
    assert.equal(errorUlps(1000, truePowerOfTen(fixed(3))), 0);
    const [s, c] = [trueSin(fixed(0.7)), trueCos(fixed(0.7))];
    assert.ok(errorUlps(1, (s * s + c * c) / fixed(1)) < 1e-4);
    assert.ok(Math.abs(errorUlps(1 + Number.EPSILON, fixed(1)) - 1) < 1e-4);
  });

  test('exp is within an ulp of the true value everywhere', () => {
    assertWithin(BOUND_ULPS, 1, (random) => random.normal(), exp, trueExp);
    assertWithin(BOUND_ULPS, 2, (random) => 1416 * random.uniform() - 707, exp, trueExp);
    assertWithin(BOUND_ULPS, 3, (random) => -random.uniform(), exp, trueExp);
    // Rounded once more where the result is subnormal.
    assertWithin(BOUND_ULPS, 4, (random) => -708.4 - 36 * random.uniform(), exp, trueExp);
  });

  test('exp is 1 at 0, 0 and ∞ at the ends, and not a number where its argument is none', () => {
    assertSameBits([0, -0, -Infinity, Infinity, Number.NaN].map(exp), [1, 1, 0, Infinity, Number.NaN], 'exp');
    assertSameBits([-745, -746, 709.78, 710].map(exp), [5e-324, 0, 1.7928227943945155e308, Infinity], 'exp');
  });

  test('log and log1p are within an ulp of the true value everywhere', () => {
    const log1pTrue = (x: bigint): bigint => trueLog(fixed(1) + x);
    assertWithin(BOUND_ULPS, 1, (random) => 0.5 + 1.5 * random.uniform(), log, trueLog);
    assertWithin(BOUND_ULPS, 2, (random) => 1 + 1e-4 * random.normal(), log, trueLog);
    assertWithin(
      BOUND_ULPS,
      3,
      (random) => powerOfTwo(random.integer(-1074, 1000)) * (1 + random.uniform()),
      log,
      trueLog,
    );
    assertWithin(BOUND_ULPS, 4, (random) => random.uniform(), log1p, log1pTrue);
    assertWithin(
      BOUND_ULPS,
      5,
      (random) => powerOfTwo(random.integer(-60, 60)) * (1 + random.uniform()),
      log1p,
      log1pTrue,
    );
    assertWithin(BOUND_ULPS, 6, (random) => -random.uniform(), log1p, log1pTrue);
  });

  test('log and log1p are exact at 1 and 0, and −∞, ∞ or no number where there is no logarithm', () => {
    assertSameBits(
      [1, 0, -0, -1, Infinity, Number.NaN].map(log),
      [0, -Infinity, -Infinity, Number.NaN, Infinity, Number.NaN],
      'log',
    );
    assertSameBits([0, 1, -1, -2, Infinity].map(log1p), [0, Math.LN2, -Infinity, Number.NaN, Infinity], 'log1p');
  });

  test('sin and cos are within an ulp of the true value up to 4π, and refuse what lies beyond', () => {
    const angle = (random: Random): number => 4 * Math.PI * (2 * random.uniform() - 1);
    assertWithin(BOUND_ULPS, 1, angle, sin, trueSin);
    assertWithin(BOUND_ULPS, 2, angle, cos, trueCos);
    // Near the zeros, where the reduction has to be exact.
    const nearZero = (random: Random): number => (random.integer(-7, 7) * Math.PI) / 2 + 1e-9 * random.normal();
    assertWithin(BOUND_ULPS, 3, nearZero, sin, trueSin);
    assertWithin(BOUND_ULPS, 4, nearZero, cos, trueCos);
    assertSameBits([sin(0), cos(0), sin(Math.PI)], [0, 1, 1.2246467991473532e-16], 'values');
    assert.throws(() => sin(13), /expected an angle of at most 4π, got 13/);
    assert.throws(() => cos(Number.NaN), /got NaN/);
  });

  test('powers of ten are the nearest float64', () => {
    // Half an ulp but for the reference's own sixteen bits.
    const nearest = 0.5 + 1 / 65_536;
    assertWithin(nearest, 1, (random) => 20 * random.uniform() - 10, powerOfTen, truePowerOfTen);
    assertWithin(nearest, 2, (random) => 616 * random.uniform() - 308, powerOfTen, truePowerOfTen);
    assertWithin(nearest, 3, (random) => -308 - 15 * random.uniform(), powerOfTen, truePowerOfTen);
    for (let k = -323; k <= 308; k += 1) assert.equal(powerOfTen(k), Number(`1e${k}`));
    assertSameBits(
      [309, -324, 308.26, -330.5, 400.5, 1e-300, -1e-300, Number.NaN].map(powerOfTen),
      [Infinity, 0, Infinity, 0, Infinity, 1, 1, Number.NaN],
      'ends',
    );
  });

  test('powers of two are exact', () => {
    for (let k = -1074; k <= 1023; k += 1) {
      assert.equal(errorUlps(powerOfTwo(k), k >= 0 ? fixed(1) << BigInt(k) : fixed(1) >> BigInt(-k)), 0);
    }
  });
});
