import assert from 'node:assert/strict';

/**
 * Fails unless |got − expected| ≤ tolerance · max(|expected|, floor).
 *
 * @param floor the size below which the tolerance is absolute: what rounding is relative to where terms cancel
 */
export function assertClose(got: number, expected: number, tolerance: number, what: string, floor = 1): void {
  const bound = tolerance * Math.max(Math.abs(expected), floor);
  assert.ok(
    Math.abs(got - expected) <= bound,
    `${what}: got ${got}, expected ${expected} ± ${bound.toExponential(2)} (off by ${Math.abs(got - expected).toExponential(2)})`,
  );
}

export function assertAllClose(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  floor = 1,
): void {
  assert.equal(got.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i += 1) assertClose(got[i]!, expected[i]!, tolerance, `${what}[${i}]`, floor);
}

/** Fails unless both hold the same numbers bit for bit; −0 and 0 differ, NaN equals NaN. */
export function assertSameBits(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(got.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i += 1) {
    assert.ok(Object.is(got[i], expected[i]), `${what}[${i}]: got ${got[i]}, expected the bits of ${expected[i]}`);
  }
}
