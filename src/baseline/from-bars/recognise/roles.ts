/** What a column of numbers can be that a bar takes as they are. */
export const VALUE_ROLES = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'quote_volume',
  'trades',
  'taker_buy_base',
  'best_bid',
  'best_ask',
  'best_bid_size',
  'best_ask_size',
] as const;

/** What a column of bars can be. The order is that of summaries. */
export const BAR_ROLES = ['time', ...VALUE_ROLES, 'book_time', 'symbol', 'finished'] as const;
export type BarRole = (typeof BAR_ROLES)[number];

export const PRICE_ROLES = ['open', 'high', 'low', 'close'] as const;
export const BOOK_ROLES = ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const;
export const REQUIRED_ROLES = ['time', ...PRICE_ROLES, 'volume'] as const satisfies readonly BarRole[];
