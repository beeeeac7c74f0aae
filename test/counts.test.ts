import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, countText, thereAre, wordFor } from '../src/counts.ts';
import { sizeText } from '../src/size-text.ts';

test('one is one, and everything else is many, thousands apart', () => {
  assert.deepEqual(
    [0, 1, 2, 1000, 1_234_567].map((count) => countOf(count, 'configuration')),
    ['0 configurations', '1 configuration', '2 configurations', '1,000 configurations', '1,234,567 configurations'],
  );
  assert.deepEqual([countOf(1, 'batch', 'batches'), countOf(2, 'batch', 'batches')], ['1 batch', '2 batches']);
  assert.deepEqual(
    [1, 3].map((passes) => wordFor(passes, 'passes', 'pass')),
    ['passes', 'pass'],
  );
  assert.equal(countText(12_345), '12,345');
  assert.deepEqual(
    [thereAre(0, ''), thereAre(1, 'a'), thereAre(2, 'a, b')],
    ['There is none', 'There is a', 'There are a, b'],
  );
});

test('sizes have one spelling, and one byte is one', () => {
  assert.deepEqual([1, 999, 1000, 12_000, 23_400_000, 1_500_000_000].map(sizeText), [
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '12 kB',
    '23 MB',
    '1.5 GB',
  ]);
});
