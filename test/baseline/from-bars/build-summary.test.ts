import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bars } from '../../../src/baseline/from-bars/bars.ts';
import {
  LONGEST_LOOKBACK_MINUTES,
  MARKET_FEATURES,
  marketFeatureColumns,
} from '../../../src/baseline/from-bars/market-features/market-features.ts';
import { toMinuteGrid } from '../../../src/baseline/from-bars/minute-grid.ts';
import { missingColumns } from '../../../src/baseline/from-bars/missing-columns.ts';
import type { SplitSummary } from '../../../src/baseline/from-bars/split-summary.ts';
import { tooFewData } from '../../../src/baseline/from-bars/too-few-data.ts';
import { randomBars } from './random-bars.ts';

describe('what a summary says of missing columns', () => {
  const whole = randomBars({ count: 700, seed: 4 });
  const lacking: [what: string, bars: Bars][] = [
    ['nothing', whole],
    ['taker volume', { ...whole, takerBuyBase: null }],
    ['trades', { ...whole, trades: null }],
    ['the book', { ...whole, book: null }],
    ['quote volume', { ...whole, quoteVolume: null }],
    ['all of them', { ...whole, takerBuyBase: null, trades: null, book: null, quoteVolume: null }],
  ];
  for (const [what, bars] of lacking) {
    test(`of bars that lack ${what}: the features it names are 0 in every row, and no others are constant`, () => {
      const columns = marketFeatureColumns(toMinuteGrid(bars, LONGEST_LOOKBACK_MINUTES));
      const constant = MARKET_FEATURES.filter((_, j) => {
        const values = columns[j]!.filter((value) => !Number.isNaN(value));
        return values.every((value) => value === values[0]);
      });
      const named = missingColumns(bars).flatMap(({ constantFeatures }) => constantFeatures);
      assert.deepEqual(constant.map(({ name }) => name).sort(), named.sort());
      for (const name of named) {
        const values = columns[MARKET_FEATURES.findIndex((feature) => feature.name === name)]!;
        assert.ok(
          values.every((value) => Number.isNaN(value) || value === 0),
          name,
        );
      }
    });
  }
});

describe('warnings of too few data', () => {
  const split = (id: SplitSummary['id'], days: number, long: number, short: number): SplitSummary => {
    const side = (positives: number) => ({ labels: 5000, positives, rate: positives / 5000 });
    return {
      id,
      from: '',
      to: '',
      days,
      rows: 5000,
      usableRows: 5000,
      entries: { LONG: side(long), SHORT: side(short) },
    };
  };

  test('there are none where days and entries suffice', () => {
    assert.deepEqual(tooFewData([split('fit_inner', 14, 100, 4900), split('tune', 3, 2500, 300)]), []);
  });

  test('each says what there is and what is needed', () => {
    assert.deepEqual(tooFewData([split('fit_inner', 13.9, 1, 4999), split('tune', 1, 500, 99)]), [
      'fit_inner has 13.9 days of bars; at least 14 are needed for its figures to mean anything',
      'fit_inner has 1 long entry; at least 100 are needed',
      'fit_inner has 1 short minute without entry; at least 100 are needed',
      'tune has 1 day of bars; at least 3 are needed for its figures to mean anything',
      'tune has 99 short entries; at least 100 are needed',
    ]);
  });
});
