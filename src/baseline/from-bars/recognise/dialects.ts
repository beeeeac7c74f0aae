import { type NameMeaning, plainName } from './column-names.ts';

/** A column's part in a headerless file; `-` is a column that is not used. */
export type Place =
  | Exclude<NameMeaning, 'amount' | 'tick volume' | 'known, not used' | 'symbol'>
  | 'taker quote'
  | 'average'
  | '-';

/**
 * How a venue or a program writes bars. A dialect is data: names, order, and what the names alone do not tell.
 *
 * - `header`: names by which the dialect is known; a file that has them all is of it. Most are known to
 *   `column-names.ts` anyway, and the dialect is only its name in the summary.
 * - `means`: names that mean something else here than elsewhere; written as they stand, capitals and all.
 * - `orders`: of columns where there is no header. An order settles only what no row contradicts.
 * - `timeIs`: the time is the bar's end although it is a whole minute and is called neither.
 * - `wholePrices`: prices may stand as whole numbers, so many of which are 1.
 */
export type Dialect = {
  readonly name: string;
  readonly header?: readonly string[];
  readonly means?: { readonly [name: string]: NameMeaning };
  readonly orders?: readonly (readonly Place[])[];
  readonly timeIs?: 'close';
  readonly wholePrices?: number;
};

const order = (text: string): Place[] => text.split(' ').map((name) => (PLACES[name] ?? '-') as Place);
const PLACES: { readonly [short: string]: Place } = {
  t: 'time',
  T: 'close time',
  o: 'open',
  h: 'high',
  l: 'low',
  c: 'close',
  v: 'volume',
  q: 'quote_volume',
  n: 'trades',
  tb: 'taker_buy_base',
  tq: 'taker quote',
  f: 'finished',
  a: 'average',
};

/** The first that fits names the file: those with more names stand before those with fewer. */
export const DIALECTS: readonly Dialect[] = [
  {
    name: "sweep's own",
    header: ['open_time_ms', 'open', 'high', 'low', 'close', 'volume'],
  },
  {
    name: 'Binance stream',
    header: ['t', 'T', 's', 'i', 'o', 'c', 'h', 'l', 'v', 'n', 'x', 'q', 'V', 'Q'],
    means: {
      t: 'open time',
      T: 'close time',
      s: 'symbol',
      v: 'volume',
      q: 'quote_volume',
      V: 'taker_buy_base',
      Q: 'known, not used',
      x: 'finished',
      L: 'known, not used',
    },
  },
  {
    name: 'Binance klines',
    header: [
      'open_time',
      'open',
      'high',
      'low',
      'close',
      'volume',
      'close_time',
      'quote_volume',
      'count',
      'taker_buy_volume',
    ],
    orders: [order('t o h l c v T q n tb tq -'), order('t o h l c v T q n tb tq'), order('t o h l c v T q n tb')],
  },
  {
    name: 'BitMEX',
    header: ['timestamp', 'open', 'high', 'low', 'close', 'trades', 'volume', 'homeNotional', 'foreignNotional'],
    means: {
      volume: 'known, not used',
      turnover: 'known, not used',
      homeNotional: 'volume',
      foreignNotional: 'quote_volume',
    },
    timeIs: 'close',
  },
  {
    name: 'CryptoDataDownload',
    header: ['unix', 'date', 'symbol', 'open', 'high', 'low', 'close'],
  },
  {
    name: 'CryptoCompare',
    header: ['time', 'high', 'low', 'open', 'volumefrom', 'volumeto', 'close'],
  },
  {
    name: 'CoinAPI',
    header: [
      'time_period_start',
      'time_period_end',
      'price_open',
      'price_high',
      'price_low',
      'price_close',
      'volume_traded',
    ],
  },
  {
    name: 'Sierra Chart',
    header: ['Date', 'Time', 'Open', 'High', 'Low', 'Last', 'Volume'],
    // What was traded at the ask was bought by takers.
    means: {
      Last: 'close',
      '# of Trades': 'trades',
      'Ask Volume': 'taker_buy_base',
      AskVolume: 'taker_buy_base',
      'Bid Volume': 'known, not used',
      BidVolume: 'known, not used',
    },
  },
  {
    name: 'Databento',
    header: ['ts_event', 'rtype', 'publisher_id', 'instrument_id', 'open', 'high', 'low', 'close', 'volume'],
    wholePrices: 1e9,
  },
  {
    name: 'dYdX',
    header: ['startedAt', 'low', 'high', 'open', 'close', 'baseTokenVolume', 'usdVolume'],
    means: { startedAt: 'open time', baseTokenVolume: 'volume', usdVolume: 'quote_volume' },
  },
  {
    name: 'Upbit',
    header: ['candle_date_time_utc', 'opening_price', 'high_price', 'low_price', 'trade_price'],
    means: {
      candle_date_time_utc: 'open time',
      candle_date_time_kst: 'known, not used',
      // When its last trade was.
      timestamp: 'known, not used',
      opening_price: 'open',
      trade_price: 'close',
      candle_acc_trade_volume: 'volume',
      candle_acc_trade_price: 'quote_volume',
    },
  },
  {
    name: 'Kaggle Bitstamp',
    header: ['Timestamp', 'Open', 'High', 'Low', 'Close', 'Volume_(BTC)', 'Volume_(Currency)', 'Weighted_Price'],
  },
  { name: 'Polygon', header: ['ticker', 'volume', 'open', 'close', 'high', 'low', 'window_start', 'transactions'] },
  { name: 'Polygon API', header: ['v', 'vw', 'o', 'c', 'h', 'l', 't', 'n'] },
  { name: 'Alpaca', header: ['timestamp', 'open', 'high', 'low', 'close', 'volume', 'trade_count', 'vwap'] },
  { name: 'yfinance', header: ['Open', 'High', 'Low', 'Close', 'Adj Close', 'Volume'] },
  {
    name: 'MetaTrader 5',
    header: ['<DATE>', '<TIME>', '<OPEN>', '<HIGH>', '<LOW>', '<CLOSE>', '<TICKVOL>', '<VOL>'],
  },
  { name: 'MetaTrader 5', header: ['time', 'open', 'high', 'low', 'close', 'tick_volume', 'real_volume'] },
  { name: 'Finam', header: ['<PER>', '<DATE>', '<TIME>', '<OPEN>', '<HIGH>', '<LOW>', '<CLOSE>', '<VOL>'] },
  { name: 'Dukascopy', header: ['Gmt time', 'Open', 'High', 'Low', 'Close', 'Volume'] },
  { name: 'Bitstamp API', header: ['timestamp', 'open', 'high', 'low', 'close', 'volume', 'unix'] },
  { name: 'TwelveData', header: ['datetime', 'open', 'high', 'low', 'close', 'volume'] },
  { name: 'Alpha Vantage', header: ['timestamp', '1. open', '2. high', '3. low', '4. close', '5. volume'] },
  { name: 'OKX', header: ['confirm', 'volCcy', 'volCcyQuote'], orders: [order('t o h l c v - q f')] },
  {
    name: 'HTX',
    header: ['id', 'open', 'close', 'low', 'high', 'amount', 'vol', 'count'],
    means: { id: 'open time', vol: 'amount' },
  },
  { name: 'Gate', orders: [order('t q c h l o v f'), order('t v c h l o'), order('t q c h l o v')] },
  { name: 'Coinbase', header: ['time', 'low', 'high', 'open', 'close', 'volume'], orders: [order('t l h o c v')] },
  { name: 'KuCoin', orders: [order('t o c h l v q')] },
  { name: 'Bitfinex', orders: [order('t o c h l v')] },
  { name: 'MEXC', orders: [order('t o h l c v T q')] },
  { name: 'Bitget', orders: [order('t o h l c v q -'), order('t o h l c v - q')] },
  { name: 'Bybit', orders: [order('t o h l c v q')] },
  { name: 'Kraken', orders: [order('t o h l c v n'), order('t o h l c a v n')] },
  { name: 'TradingView', header: ['time', 'open', 'high', 'low', 'close', 'Volume'] },
  { name: 'ccxt', header: ['timestamp', 'open', 'high', 'low', 'close', 'volume'], orders: [order('t o h l c v')] },
];

/**
 * The first dialect whose names a header has, in the dialect's order. Where a dialect gives names a meaning of its own,
 * capitals count.
 */
export function dialectOf(names: readonly string[]): Dialect | null {
  const plain = names.map(plainName);
  return (
    DIALECTS.find(({ header, means }) => {
      let from = 0;
      return header?.every((name) => {
        const at =
          means && Object.hasOwn(means, name) ? names.indexOf(name, from) : plain.indexOf(plainName(name), from);
        from = at + 1;
        return at >= 0;
      });
    }) ?? null
  );
}
