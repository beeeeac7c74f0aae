import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addNumber, addText, CHECKSUM_START, checksumOf } from '../../../src/store/sqlite/migrations/row-checksum.ts';
import { forEachSeed } from '../../support/random.ts';

describe("a row's checksum", () => {
  test('changes with any single bit of any number', () => {
    forEachSeed(200, (random) => {
      const values = Float64Array.from({ length: 8 }, () => random.normal());
      const before = sumOf(values);
      const bytes = new Uint8Array(values.buffer);
      bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
      assert.notEqual(sumOf(values), before);
    });
  });

  test('changes with any single character of a text, and with where a text ends', () => {
    assert.notEqual(checksumOf(addText(CHECKSUM_START, 'abc')), checksumOf(addText(CHECKSUM_START, 'abd')));
    const ab = addText(addText(CHECKSUM_START, 'ab'), 'c');
    assert.notEqual(checksumOf(ab), checksumOf(addText(addText(CHECKSUM_START, 'a'), 'bc')));
  });

  test('tells nothing from 0, and takes -0 for 0', () => {
    assert.notEqual(checksumOf(addNumber(CHECKSUM_START, null)), checksumOf(addNumber(CHECKSUM_START, 0)));
    assert.equal(checksumOf(addNumber(CHECKSUM_START, -0)), checksumOf(addNumber(CHECKSUM_START, 0)));
  });

  test('is the same on every machine and in every version: stores hold it', () => {
    const sum = addNumber(addNumber(addText(CHECKSUM_START, 'huber'), 1.35), null);
    assert.equal(checksumOf(sum), STORED_CHECKSUM);
  });
});

const STORED_CHECKSUM = 4_092_165_455;

function sumOf(values: Float64Array): number {
  return checksumOf(values.reduce((sum, value) => addNumber(sum, value), CHECKSUM_START));
}
