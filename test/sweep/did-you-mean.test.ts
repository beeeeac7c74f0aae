import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from '../../src/sweep/did-you-mean.ts';

const KEYS = ['huberAlpha', 'huberEpsilon', 'ridgeAlpha', 'name'];

test('a slip of the fingers or another way to join words is recognised', () => {
  for (const word of ['huberAlpah', 'huber_alpha', 'HUBER-ALPHA', 'hubrAlpha', 'huberAlphas']) {
    assert.equal(didYouMean(word, KEYS), 'huberAlpha', word);
  }
  assert.equal(didYouMean('ridgAlpha', KEYS), 'ridgeAlpha');
});

test('a word that is like none of them is left alone', () => {
  for (const word of ['', 'seed', 'batchSize', 'x'.repeat(1_000_000)]) assert.equal(didYouMean(word, KEYS), null);
});
