import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { takeBars } from '../../../src/baseline/from-bars/bars.ts';
import { toMinuteGrid } from '../../../src/baseline/from-bars/minute-grid.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { randomBars } from './random-bars.ts';

describe('minute grid', () => {
  const whole = randomBars({ count: 12, seed: 5 });
  const holed = takeBars(whole, Int32Array.of(0, 1, 4, 5, 11));

  test('a missing minute stands at the last close, without volume, trades or book', () => {
    const grid = toMinuteGrid(holed, 10);
    assert.deepEqual([...grid.slotOfBar], [0, 1, 4, 5, 11]);
    assert.deepEqual(
      [...grid.openTimeMs],
      Array.from({ length: 12 }, (_, i) => whole.openTimeMs[0]! + i * MINUTE_MS),
    );
    for (const slot of [2, 3]) {
      for (const column of [grid.open, grid.high, grid.low, grid.close]) assert.equal(column[slot], whole.close[1]);
      for (const column of [grid.volume, grid.quoteVolume, grid.trades, grid.takerBuyBase])
        assert.equal(column[slot], 0);
      assert.ok(Number.isNaN(grid.book!.bid[slot]!));
    }
    assert.deepEqual([...grid.barsBefore], [0, 1, 2, 2, 2, 3, 4, 4, 4, 4, 4, 4, 5]);
    assert.deepEqual(new Set(grid.segmentStart), new Set([0]));
  });

  test('every bar keeps its own values', () => {
    const grid = toMinuteGrid(holed, 10);
    for (const [bar, slot] of grid.slotOfBar.entries()) {
      for (const name of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
        assert.equal(grid[name][slot], holed[name][bar], `${name} of bar ${bar}`);
      }
    }
  });

  test('a gap no window can bridge is left unfilled and starts a new segment', () => {
    const grid = toMinuteGrid(holed, 5);
    assert.deepEqual([...grid.slotOfBar], [0, 1, 4, 5, 6]);
    assert.deepEqual([...grid.segmentStart], [0, 0, 0, 0, 0, 0, 6]);
  });

  test('without quote volume the typical price stands in for it, without taker volume an even split', () => {
    const grid = toMinuteGrid({ ...whole, quoteVolume: null, takerBuyBase: null, trades: null }, 10);
    assert.equal(grid.quoteVolume[3], (whole.volume[3]! * (whole.high[3]! + whole.low[3]! + whole.close[3]!)) / 3);
    assert.equal(grid.takerBuyBase[3], whole.volume[3]! / 2);
    assert.equal(grid.trades[3], 0);
  });
});
