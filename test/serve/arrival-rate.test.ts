import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArrivalRate } from '../../src/serve/arrival-rate.ts';

test('the rate is what came within the last minute, or since the beginning', () => {
  const rate = new ArrivalRate(0);
  assert.equal(rate.perMinute(10_000), null, 'nothing came');
  rate.add(10, 1_000);
  assert.equal(rate.perMinute(2_000), null, 'too short to say');
  rate.add(20, 9_000);
  assert.equal(rate.perMinute(10_000), 180);
  rate.add(60, 65_000);
  assert.equal(rate.perMinute(70_000), 60, 'what came before 10 s is older than a minute');
  assert.equal(rate.perMinute(200_000), null);
});
