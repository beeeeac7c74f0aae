import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunningTime } from '../../src/execution/running-time.ts';

describe('the time that a process has been running', () => {
  test('is what has passed, as long as it is looked at', () => {
    let nowMs = 5_000;
    const time = new RunningTime(1_000, () => nowMs);
    for (const [passed, expected] of [
      [250, 250],
      [900, 1_150],
      [1_000, 2_150],
    ] as const) {
      nowMs += passed;
      assert.equal(time.look(), expected);
    }
  });

  test('is no more than a step longer after an hour in which nobody could look', () => {
    let nowMs = 0;
    const time = new RunningTime(1_000, () => nowMs);
    nowMs = 250;
    time.look();
    nowMs += 3_600_000;
    assert.equal(time.look(), 1_250);
    nowMs += 250;
    assert.equal(time.look(), 1_500);
  });
});
