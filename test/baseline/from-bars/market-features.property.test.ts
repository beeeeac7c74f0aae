import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bars, takeBars } from '../../../src/baseline/from-bars/bars.ts';
import { DATA_QUALITY_FLAGS, dataQualityFlags } from '../../../src/baseline/from-bars/data-quality.ts';
import {
  LONGEST_LOOKBACK_MINUTES,
  MARKET_FEATURES,
  marketFeatureColumns,
} from '../../../src/baseline/from-bars/market-features/market-features.ts';
import { toMinuteGrid } from '../../../src/baseline/from-bars/minute-grid.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { randomBars, randomFrom } from './random-bars.ts';
import { slowMarketFeature } from './slow-market-features.ts';

const SEED = 20240501;
const WITH_HOLES = randomBars({ count: 700, seed: SEED, gapChance: 0.03, longestGap: 9, quietChance: 0.1 });
const BARE = randomBars({ count: 400, seed: SEED + 1, quietChance: 0.9, withBook: false, withTaker: false });
const FLAT = flatBars(400);
const WHOLE_COUNT = 900;

describe('market features', () => {
  const columns = columnsByName(WITH_HOLES);
  for (const { name, lookbackMinutes } of MARKET_FEATURES) {
    test(`${name} equals its definition on bars with holes, quiet minutes and missing books (seed ${SEED})`, () => {
      const firstBar = firstBarWithHistory(WITH_HOLES, lookbackMinutes);
      const column = columns.get(name)!;
      for (const bar of [firstBar, ...sample(firstBar, 700, 25)]) {
        assertClose(column[bar]!, slowMarketFeature(name, WITH_HOLES, bar), `bar ${bar}`);
      }
      assert.ok(column.subarray(0, firstBar).every(Number.isNaN), 'no value before the window is whole');
      assert.ok(new Set(column.subarray(firstBar)).size > 1, 'the generator moves every feature');
    });
  }

  test('without quote volume, trades, taker volume and book every feature keeps its definition', () => {
    const bare = columnsByName(BARE);
    for (const { name } of MARKET_FEATURES) {
      for (const bar of sample(LONGEST_LOOKBACK_MINUTES, 400, 8)) {
        assertClose(bare.get(name)![bar]!, slowMarketFeature(name, BARE, bar), `${name} at bar ${bar}`);
      }
    }
    const absent = MARKET_FEATURES.filter(({ name }) => /^(taker|signed|book|spread|trades|avg_trade)/.test(name));
    assert.equal(absent.length, 13);
    for (const { name } of absent)
      assert.ok(
        bare
          .get(name)!
          .subarray(LONGEST_LOOKBACK_MINUTES)
          .every((v) => v === 0),
      );
  });

  test('a market that never moves or trades has a finite value for every feature', () => {
    for (const [name, column] of columnsByName(FLAT)) {
      const last = column.at(-1)!;
      assertClose(last, slowMarketFeature(name, FLAT, 399), name);
    }
  });

  test('the same minutes give the same values wherever the data start', () => {
    const late = takeBars(
      WITH_HOLES,
      Int32Array.from({ length: 500 }, (_, i) => i + 200),
    );
    const whole = columnsByName(WITH_HOLES);
    for (const [name, column] of columnsByName(late)) {
      for (const [bar, value] of column.entries()) {
        if (!Number.isNaN(value)) assert.equal(value, whole.get(name)![bar + 200], `${name} at bar ${bar}`);
      }
    }
  });

  test('changing, adding or dropping bars after a minute changes no feature and no flag up to it', () => {
    const before = columnsByName(WITH_HOLES);
    const flagsBefore = dataQualityFlags(WITH_HOLES, toMinuteGrid(WITH_HOLES, LONGEST_LOOKBACK_MINUTES));
    for (const cut of [300, 420, 555]) {
      const changed = otherFuture(WITH_HOLES, cut);
      const flags = dataQualityFlags(changed, toMinuteGrid(changed, LONGEST_LOOKBACK_MINUTES));
      assert.deepEqual(flags.subarray(0, cut + 1), flagsBefore.subarray(0, cut + 1));
      for (const [name, column] of columnsByName(changed)) {
        assert.deepEqual(column.subarray(0, cut + 1), before.get(name)!.subarray(0, cut + 1), name);
      }
    }
  });

  test('the seven that the state features need are there, under names that do not repeat', () => {
    const names = MARKET_FEATURES.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const needed of [
      'ret_1m_bps',
      'ret_5m_bps',
      'taker_imbalance_1m',
      'taker_imbalance_5m',
      'book_microprice_basis_bps',
      'book_pressure_taker_1m',
      'book_pressure_taker_5m',
    ]) {
      assert.ok(names.includes(needed), needed);
    }
  });

  test('book pressure turns its sign when book and takers change sides', () => {
    const bars = randomBars({ count: 10, seed: SEED + 2 });
    const mirrored: Bars = {
      ...bars,
      takerBuyBase: bars.volume.map((volume, i) => volume - bars.takerBuyBase![i]!),
      book: { ...bars.book!, bidSize: bars.book!.askSize, askSize: bars.book!.bidSize },
    };
    for (const name of ['book_pressure_taker_1m', 'book_pressure_taker_5m']) {
      const [pressure, opposite] = [columnsByName(bars).get(name)!, columnsByName(mirrored).get(name)!];
      assert.notEqual(pressure[9], 0);
      assertClose(opposite[9]!, -pressure[9]!, name);
    }
  });
});

describe('data quality flags', () => {
  const flagAt = (bars: Bars, bar: number) => {
    return DATA_QUALITY_FLAGS[dataQualityFlags(bars, toMinuteGrid(bars, LONGEST_LOOKBACK_MINUTES))[bar]!];
  };
  const whole = randomBars({ count: WHOLE_COUNT, seed: SEED + 3 });
  const hasBook = (bar: number): boolean => !Number.isNaN(whole.book!.bid[bar]!);
  const without = (from: number, count: number): Bars =>
    takeBars(
      whole,
      Int32Array.from({ length: WHOLE_COUNT }, (_, i) => i).filter((i) => i < from || i >= from + count),
    );

  test('the first rows lack history until the longest look-back is whole', () => {
    assert.equal(flagAt(whole, LONGEST_LOOKBACK_MINUTES - 2), 'INSUFFICIENT_HISTORY');
    assert.notEqual(flagAt(whole, LONGEST_LOOKBACK_MINUTES - 1), 'INSUFFICIENT_HISTORY');
  });

  test('a row without a usable book is partial, one with a book is whole', () => {
    const rows = Array.from({ length: 400 }, (_, i) => i + 300);
    assert.ok(rows.some(hasBook) && !rows.every(hasBook));
    for (const bar of rows) assert.equal(flagAt(whole, bar), hasBook(bar) ? 'OK' : 'PARTIAL_OPTIONAL');
  });

  test('a source without taker volume is partial even with a book', () => {
    assert.equal(flagAt({ ...whole, takerBuyBase: null }, 500), 'PARTIAL_OPTIONAL');
  });

  test('one missing minute costs the rows whose short windows hold it, and no others', () => {
    const bars = without(500, 1);
    // ret_5m_bps reads six minutes: 500 is among them from 501 to 505, bars 500 to 504 now.
    const lacking = [499, 500, 504, 505].map((bar) => flagAt(bars, bar) === 'INSUFFICIENT_HISTORY');
    assert.deepEqual(lacking, [false, true, true, false]);
  });

  test('twelve missing minutes cost the following hour, until a tenth of it is missing at most', () => {
    const bars = without(500, 12);
    const lacking = bars.openTimeMs.reduce((rows: number[], time, bar) => {
      if (bar >= 400 && flagAt(bars, bar) === 'INSUFFICIENT_HISTORY')
        rows.push((time - whole.openTimeMs[0]!) / MINUTE_MS);
      return rows;
    }, []);
    // The longest window that twelve missing minutes spoil is ema_basis_21_bps's 63: 506 to 568 hold six of them, a tenth.
    assert.deepEqual([lacking[0], lacking.at(-1), lacking.length], [512, 567, 56]);
  });

  test('history starts anew after a gap longer than any look-back', () => {
    const bars = without(300, LONGEST_LOOKBACK_MINUTES);
    assert.notEqual(flagAt(bars, 299), 'INSUFFICIENT_HISTORY');
    assert.ok(Number.isNaN(columnsByName(bars).get('ret_1m_bps')![300]!));
    assert.equal(flagAt(bars, 300 + LONGEST_LOOKBACK_MINUTES - 2), 'INSUFFICIENT_HISTORY');
    assert.notEqual(flagAt(bars, 300 + LONGEST_LOOKBACK_MINUTES - 1), 'INSUFFICIENT_HISTORY');
  });
});

function columnsByName(bars: Bars): Map<string, Float32Array> {
  const columns = marketFeatureColumns(toMinuteGrid(bars, LONGEST_LOOKBACK_MINUTES));
  return new Map(MARKET_FEATURES.map(({ name }, i) => [name, columns[i]!]));
}

function firstBarWithHistory({ openTimeMs }: Bars, lookbackMinutes: number): number {
  return openTimeMs.findIndex((time) => time - openTimeMs[0]! >= (lookbackMinutes - 1) * MINUTE_MS);
}

function sample(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + Math.floor((i * (to - 1 - from)) / (count - 1)));
}

/** Features are rounded to float32, and small ones are differences of numbers near 1 in bps. */
function assertClose(actual: number, expected: number, message: string): void {
  const tolerance = 1e-6 * Math.abs(expected) + 1e-7;
  assert.ok(Math.abs(actual - expected) <= tolerance, `${message}: ${actual} is not ${expected}`);
}

function flatBars(count: number): Bars {
  const same = (value: number) => new Float64Array(count).fill(value);
  return {
    symbol: 'FLAT',
    openTimeMs: Float64Array.from({ length: count }, (_, i) => Date.UTC(2024, 0, 1) + i * MINUTE_MS),
    open: same(0.1),
    high: same(0.1),
    low: same(0.1),
    close: same(0.1),
    volume: same(0),
    quoteVolume: same(0),
    trades: same(0),
    takerBuyBase: same(0),
    book: null,
  };
}

/** The bars up to `cut`, then other ones: some dropped, all of another price, volume and book. */
function otherFuture(bars: Bars, cut: number): Bars {
  const random = randomFrom(cut);
  const rows = Int32Array.from(bars.openTimeMs.keys()).filter((row) => row <= cut || random() < 0.7);
  const changed = takeBars(bars, rows);
  for (const column of [changed.open, changed.high, changed.low, changed.close, changed.volume]) {
    for (let row = cut + 1; row < column.length; row += 1) column[row]! *= 2;
  }
  for (const column of [changed.quoteVolume!, changed.trades!, changed.takerBuyBase!, changed.book!.bidSize]) {
    for (let row = cut + 1; row < column.length; row += 1) column[row] = column[row]! * 2 + 1;
  }
  return changed;
}
