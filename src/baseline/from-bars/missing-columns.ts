import type { Bars } from './bars.ts';
import { BOOK_FEATURES } from './market-features/book-features.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';

/** What the bars lack, and what that does to the market features. */
export type MissingColumns = {
  /** In our words: `taker volume`. */
  what: string;
  /** Features that are one number in every row, and which. */
  constantFeatures: string[];
  effect: string;
};

export function missingColumns(bars: Bars): MissingColumns[] {
  const missing: MissingColumns[] = [];
  if (bars.takerBuyBase === null) {
    missing.push({
      what: 'taker volume',
      constantFeatures: named(/^(?:taker_imbalance|signed_volume)_/),
      effect: 'are 0',
    });
  }
  if (bars.trades === null) {
    missing.push({ what: 'number of trades', constantFeatures: named(/^(?:trades|avg_trade_size)_/), effect: 'are 0' });
  }
  if (bars.book === null) {
    missing.push({
      what: 'best bid and ask with their sizes',
      constantFeatures: BOOK_FEATURES.map(({ name }) => name),
      effect: 'are 0',
    });
  }
  if (bars.quoteVolume === null) {
    missing.push({
      what: 'quote volume',
      constantFeatures: [],
      effect: 'VWAPs are made of volume · (high + low + close) / 3',
    });
  }
  return missing;
}

function named(pattern: RegExp): string[] {
  return MARKET_FEATURES.map(({ name }) => name).filter((name) => pattern.test(name));
}
