import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { brokenSteps, pathStatistics } from '../../src/dataset/path-statistics.ts';
import type { PricedBars } from '../../src/dataset/replay-bars.ts';
import { rollingMax, rollingMin } from '../../src/dataset/rolling.ts';
import { MINUTE_MS } from '../../src/time-units.ts';
import { assertSameBits } from '../support/closeness.ts';
import { forEachSeed, type Random } from '../support/random.ts';

function randomPrices(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () =>
    random.chance(0.05) ? random.pick([Number.NaN, Infinity, -Infinity]) : random.integer(1, 12),
  );
}

/** Bars of one symbol, minute after minute. */
function barsOf(high: number[], low: number[], close: number[]): PricedBars {
  return {
    symbols: ['AAA'],
    segments: Int32Array.of(0, close.length),
    fileRows: Int32Array.from(close, (_, i) => i),
    openTimesMs: Float64Array.from(close, (_, i) => i * MINUTE_MS),
    high: Float64Array.from(high),
    low: Float64Array.from(low),
    close: Float64Array.from(close),
  };
}

describe('rolling extremes', () => {
  test('are the largest and least of each window, NaN where it is not whole or has a price that is no number', () => {
    let whole = 0;
    forEachSeed(200, (random) => {
      const values = randomPrices(random, random.integer(1, 60));
      const window = random.integer(1, 8);
      const start = random.integer(0, values.length - 1);
      const end = random.integer(start, values.length);
      const untouched = -1;
      const max = new Float64Array(values.length).fill(untouched);
      const min = new Float64Array(values.length).fill(untouched);
      rollingMax(values, window, start, end, max);
      rollingMin(values, window, start, end, min);
      const expected = (pick: (...numbers: number[]) => number) =>
        Array.from(values, (_, i) => {
          if (i < start || i >= end) return untouched;
          const seen = values.slice(Math.max(i - window + 1, start), i + 1);
          return seen.length === window && seen.every(Number.isFinite) ? pick(...seen) : Number.NaN;
        });
      assertSameBits(max, expected(Math.max), 'maxima');
      assertSameBits(min, expected(Math.min), 'minima');
      whole += max.filter((value) => value > 0).length;
    });
    assert.ok(whole > 500, `only ${whole} whole windows`);
  });
});

describe('path statistics', () => {
  test('of a position are its return, best and worst over the next rows, in bps', () => {
    //            now  +1   +2   +3
    const bars = barsOf([100, 103, 101, 110], [100, 99, 96, 100], [100, 102, 98, 105]);
    const { longReturnBps, shortReturnBps, upBps, downBps, hasWindow } = pathStatistics(bars, 2);
    assert.deepEqual([...hasWindow], [1, 1, 0, 0]);
    assert.equal(longReturnBps[0], (98 / 100 - 1) * 1e4);
    assert.equal(shortReturnBps[0], (100 / 98 - 1) * 1e4);
    assert.equal(upBps[0], (103 / 100 - 1) * 1e4);
    assert.equal(downBps[0], (100 / 96 - 1) * 1e4);
    assert.ok([longReturnBps, shortReturnBps, upBps, downBps].every((column) => Number.isNaN(column[2])));
  });

  test('never count a best or worst below zero', () => {
    const falling = pathStatistics(barsOf([100, 90, 80], [100, 88, 78], [100, 89, 79]), 2);
    assert.equal(falling.upBps[0], 0);
    const rising = pathStatistics(barsOf([100, 112, 122], [100, 110, 120], [100, 111, 121]), 2);
    assert.equal(rising.downBps[0], 0);
  });

  test('do not look beyond their symbol', () => {
    const bars = { ...barsOf([1, 1, 9, 9], [1, 1, 9, 9], [1, 1, 9, 9]), symbols: ['AAA', 'BBB'] };
    const two = { ...bars, segments: Int32Array.of(0, 2, 4) };
    assert.deepEqual([...pathStatistics(two, 1).hasWindow], [1, 0, 1, 0]);
    assert.deepEqual([...pathStatistics(two, 2).hasWindow], [0, 0, 0, 0]);
  });

  test('span a gap where any two rows are not a minute apart, also where a row twice makes up for a missing one', () => {
    const brokenFrom0 = (...times: number[]) => {
      const bars = barsOf(times, times, times);
      return [...brokenSteps({ ...bars, openTimesMs: Float64Array.from(times, (time) => time * MINUTE_MS) })];
    };
    assert.deepEqual(brokenFrom0(0, 1, 2, 3), [0, 0, 0, 0]);
    assert.deepEqual(brokenFrom0(0, 1, 3, 4), [0, 0, 1, 1]);
    assert.deepEqual(brokenFrom0(0, 1, 1, 3), [0, 0, 1, 2], 'minute 2 is missing, minute 1 stands twice');
    assert.deepEqual(brokenFrom0(0, Number.NaN), [0, 1], 'a bar without a time');
  });
});
