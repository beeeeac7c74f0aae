import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseMs } from '../../src/distributed/sweep-on-queue.ts';

test('looking how far a sweep is takes a tenth of the time at the most, and is not given up where a server was lost for long', () => {
  assert.equal(pauseMs(20, 1000), 1000);
  assert.equal(pauseMs(5000, 1000), 50_000);
  // Of the hours that a look has waited, the next one knows nothing.
  assert.equal(pauseMs(3 * 3_600_000, 1000), 120_000);
});
