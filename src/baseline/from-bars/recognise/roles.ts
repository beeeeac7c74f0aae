/** What a column of bars can be. The order is that of summaries. */
export const BAR_ROLES = [
  'time',
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
  'book_time',
  'symbol',
  'finished',
] as const;
export type BarRole = (typeof BAR_ROLES)[number];

export const PRICE_ROLES = ['open', 'high', 'low', 'close'] as const;
export const BOOK_ROLES = ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const;
export const REQUIRED_ROLES = ['time', ...PRICE_ROLES, 'volume'] as const satisfies readonly BarRole[];

/** What each role means, for help texts and docs. */
export const ROLE_MEANINGS: { readonly [role in BarRole]: string } = {
  time: 'when the minute opens, or closes',
  open: 'first price',
  high: 'highest price',
  low: 'lowest price',
  close: 'last price',
  volume: 'traded amount in base units; 0 in a minute without trades',
  quote_volume: 'the same in quote units',
  trades: 'number of trades',
  taker_buy_base: 'of the volume, what takers bought, base units',
  best_bid: 'best bid at the close',
  best_ask: 'best ask at the close',
  best_bid_size: 'size at the best bid',
  best_ask_size: 'size at the best ask',
  book_time: 'when the book was polled, where that is not the bar’s own minute',
  symbol: 'what is traded, in a file of several',
  finished: 'whether the bar is over',
};
