import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ReadingOptions } from '../../../../src/baseline/from-bars/readers/reading-options.ts';
import { MINUTE_MS } from '../../../../src/time-units.ts';
import { csv, iso, type MarketRow, plainTime } from './market-rows.ts';
import { zipOf } from './zip.ts';

/** What a dialect has beside time, prices and volume. */
export type Has = { q?: boolean; n?: boolean; tb?: boolean };

export type DialectCase = {
  readonly title: string;
  /** Under which the reading names it; null where it names none. */
  readonly dialect: string | null;
  readonly has: Has;
  readonly write: (rows: readonly MarketRow[]) => string | Uint8Array;
  readonly options?: ReadingOptions;
  readonly name?: string;
};

const all: Has = { q: true, n: true, tb: true };
const none: Has = {};
const end = (r: MarketRow): number => r.t + MINUTE_MS - 1;
const kline = (r: MarketRow, k = 1): (string | number)[] => [
  r.t * k,
  r.o,
  r.h,
  r.l,
  r.c,
  r.v,
  (r.t + MINUTE_MS) * k - 1,
  r.q,
  r.n,
  r.tb,
  r.tq,
  0,
];
const KLINE_NAMES =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'.split(
    ',',
  );
const API_NAMES = [
  'Open time',
  'Open',
  'High',
  'Low',
  'Close',
  'Volume',
  'Close time',
  'Quote asset volume',
  'Number of trades',
  'Taker buy base asset volume',
  'Taker buy quote asset volume',
  'Ignore',
];
const ohlcv = (r: MarketRow): string[] => [r.o, r.h, r.l, r.c, r.v];
const numbers = (r: MarketRow): number[] => ohlcv(r).map(Number);
const us = (t: number): string => {
  const d = iso(t);
  return `${d.slice(5, 7)}/${d.slice(8, 10)}/${d.slice(0, 4)}`;
};
const dayFirst = (t: number): string => {
  const d = iso(t);
  return `${d.slice(8, 10)}.${d.slice(5, 7)}.${d.slice(0, 4)}`;
};
const compact = (t: number): string => iso(t).slice(0, 10).replaceAll('-', '');
const clock = (t: number): string => iso(t).slice(11, 19);
const half = (t: number): string => {
  const hour = new Date(t).getUTCHours();
  return `${String(hour % 12 || 12).padStart(2, '0')}${iso(t).slice(13, 19)} ${hour < 12 ? 'AM' : 'PM'}`;
};
/** Contracts of 100 dollars: quote volume that many times, base volume beside. */
const coinM = (r: MarketRow): (string | number)[] => {
  const price = (Number(r.h) + Number(r.l)) / 2;
  const contracts = Math.round((Number(r.v) * price) / 100);
  return kline(r)
    .with(5, contracts)
    .with(7, ((contracts * 100) / price).toFixed(8))
    .with(9, Math.floor(contracts / 3))
    .with(10, ((Math.floor(contracts / 3) * 100) / price).toFixed(8));
};

export const DIALECT_CASES: readonly DialectCase[] = [
  {
    title: 'Binance spot klines without a header',
    dialect: 'Binance klines',
    has: all,
    write: (rows) => csv(rows.map((r) => kline(r))),
  },
  {
    title: 'Binance klines in microseconds',
    dialect: 'Binance klines',
    has: all,
    write: (rows) => csv(rows.map((r) => kline(r, 1000))),
  },
  {
    title: 'Binance klines that change from milliseconds to microseconds',
    dialect: 'Binance klines',
    has: all,
    write: (rows) => csv(rows.map((r, i) => kline(r, i < rows.length / 2 ? 1 : 1000))),
  },
  {
    title: 'Binance USD-M klines with a header',
    dialect: 'Binance klines',
    has: all,
    write: (rows) =>
      csv(
        rows.map((r) => kline(r)),
        KLINE_NAMES,
      ),
  },
  {
    title: "klines under the names of Binance's documentation",
    dialect: null,
    has: all,
    write: (rows) =>
      csv(
        rows.map((r) => kline(r)),
        API_NAMES,
      ),
  },
  {
    title: 'a zip of Binance klines',
    dialect: 'Binance klines',
    has: all,
    write: (rows) => zipOf({ 'BTCUSDT-1m-2024-06.csv': csv(rows.map((r) => kline(r))) }),
  },
  {
    title: 'a zip of a zip, with a checksum and the files of macOS',
    dialect: 'Binance klines',
    has: all,
    write: (rows) =>
      zipOf({
        'a.zip': zipOf({ 'a.csv': csv(rows.slice(0, 40).map((r) => kline(r))) }),
        'b.zip': zipOf({ 'b.csv': csv(rows.slice(40).map((r) => kline(r))) }),
        'a.zip.CHECKSUM': 'e3b0c442  a.zip\n',
        '__MACOSX/._a.zip': 'junk',
      }),
  },
  {
    title: 'Binance klines with only their time column renamed',
    dialect: null,
    has: all,
    write: (rows) =>
      csv(
        rows.map((r) => kline(r)),
        ['moment', ...KLINE_NAMES.slice(1)],
      ),
  },
  {
    title: 'Binance klines of the API in JSON',
    dialect: 'Binance klines',
    has: all,
    write: (rows) =>
      JSON.stringify(rows.map((r) => kline(r).map((x, i) => (i > 0 && i !== 6 && i !== 8 ? String(x) : x)))),
  },
  {
    title: "Binance's stream, in which t and T, v and V differ",
    dialect: 'Binance stream',
    has: all,
    write: (rows) =>
      rows
        .map((r) =>
          JSON.stringify({
            t: r.t,
            T: end(r),
            s: 'BTCUSDT',
            i: '1m',
            o: r.o,
            c: r.c,
            h: r.h,
            l: r.l,
            v: r.v,
            n: r.n,
            x: true,
            q: r.q,
            V: r.tb,
            Q: r.tq,
            B: '0',
          }),
        )
        .join('\n'),
  },
  {
    title: 'ccxt, CSV',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [r.t, ...ohlcv(r)]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'ccxt, JSON',
    dialect: 'ccxt',
    has: none,
    write: (rows) => JSON.stringify(rows.map((r) => [r.t, ...numbers(r)])),
  },
  {
    title: 'Kraken OHLCVT',
    dialect: 'Kraken',
    has: { n: true },
    write: (rows) => csv(rows.map((r) => [r.t / 1000, ...ohlcv(r), r.n])),
  },
  {
    title: "Kraken's API",
    dialect: 'Kraken',
    has: { n: true },
    write: (rows) =>
      JSON.stringify({
        error: [],
        result: {
          XXBTZUSD: rows.map((r) => [r.t / 1000, r.o, r.h, r.l, r.c, (Number(r.q) / Number(r.v)).toFixed(1), r.v, r.n]),
          last: 1718323200,
        },
      }),
  },
  {
    title: 'Coinbase candles, newest first',
    dialect: 'Coinbase',
    has: none,
    write: (rows) => JSON.stringify(rows.map((r) => [r.t / 1000, r.l, r.h, r.o, r.c, r.v].map(Number)).reverse()),
  },
  {
    title: 'Coinbase candles with a header',
    dialect: 'Coinbase',
    has: none,
    write: (rows) =>
      csv(rows.map((r) => [r.t / 1000, r.l, r.h, r.o, r.c, r.v]).reverse(), [
        'time',
        'low',
        'high',
        'open',
        'close',
        'volume',
      ]),
  },
  {
    title: 'Bitfinex candles',
    dialect: 'Bitfinex',
    has: none,
    write: (rows) => JSON.stringify(rows.map((r) => [r.t, r.o, r.c, r.h, r.l, r.v].map(Number))),
  },
  {
    title: "KuCoin's API",
    dialect: 'KuCoin',
    has: { q: true },
    write: (rows) =>
      JSON.stringify({ code: '200000', data: rows.map((r) => [String(r.t / 1000), r.o, r.c, r.h, r.l, r.v, r.q]) }),
  },
  {
    title: "Bybit's API",
    dialect: 'Bybit',
    has: { q: true },
    write: (rows) =>
      JSON.stringify({
        retCode: 0,
        result: { symbol: 'BTCUSDT', list: rows.map((r) => [String(r.t), r.o, r.h, r.l, r.c, r.v, r.q]).reverse() },
      }),
  },
  {
    title: "OKX's API",
    dialect: 'OKX',
    has: { q: true },
    write: (rows) =>
      JSON.stringify({
        code: '0',
        data: rows.map((r) => [String(r.t), r.o, r.h, r.l, r.c, r.v, r.q, r.q, '1']).reverse(),
      }),
  },
  {
    title: "Gate's candles, quote volume first",
    dialect: 'Gate',
    has: { q: true },
    write: (rows) => JSON.stringify(rows.map((r) => [String(r.t / 1000), r.q, r.c, r.h, r.l, r.o, r.v, 'true'])),
  },
  {
    title: 'HTX, where vol is quote and amount base',
    dialect: 'HTX',
    has: { q: true, n: true },
    write: (rows) =>
      JSON.stringify({
        data: rows.map((r) => ({
          id: r.t / 1000,
          open: +r.o,
          close: +r.c,
          low: +r.l,
          high: +r.h,
          amount: +r.v,
          vol: +r.q,
          count: r.n,
        })),
      }),
  },
  {
    title: 'Kaggle Bitstamp, float seconds',
    dialect: 'Kaggle Bitstamp',
    has: { q: true },
    write: (rows) =>
      csv(
        rows.map((r) => [`${r.t / 1000}.0`, ...ohlcv(r), r.q, (Number(r.q) / Number(r.v)).toFixed(2)]),
        ['Timestamp', 'Open', 'High', 'Low', 'Close', 'Volume_(BTC)', 'Volume_(Currency)', 'Weighted_Price'],
      ),
  },
  {
    title: "Bitstamp's API",
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      JSON.stringify({
        data: {
          pair: 'BTC/USD',
          ohlc: rows.map((r) => ({
            timestamp: String(r.t / 1000),
            open: r.o,
            high: r.h,
            low: r.l,
            close: r.c,
            volume: r.v,
          })),
        },
      }),
  },
  {
    title: 'CryptoDataDownload: an address first, newest first, two volumes',
    dialect: 'CryptoDataDownload',
    has: { q: true, n: true },
    write: (rows) =>
      `https://www.CryptoDataDownload.com\n${csv(rows.map((r) => [r.t, plainTime(r.t), 'BTC/USDT', ...ohlcv(r), r.q, r.n]).reverse(), ['Unix', 'Date', 'Symbol', 'Open', 'High', 'Low', 'Close', 'Volume BTC', 'Volume USDT', 'tradecount'])}`,
  },
  {
    title: 'CryptoCompare',
    dialect: 'CryptoCompare',
    has: { q: true },
    write: (rows) =>
      JSON.stringify({
        Response: 'Success',
        Data: {
          Data: rows.map((r) => ({
            time: r.t / 1000,
            high: +r.h,
            low: +r.l,
            open: +r.o,
            volumefrom: +r.v,
            volumeto: +r.q,
            close: +r.c,
            conversionType: 'direct',
          })),
        },
      }),
  },
  {
    title: 'TradingView',
    dialect: 'TradingView',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${iso(r.t).slice(0, 19)}Z`, ...ohlcv(r)]),
        ['time', 'open', 'high', 'low', 'close', 'Volume'],
      ),
  },
  {
    title: 'Polygon flat files, nanoseconds',
    dialect: 'Polygon',
    has: { n: true },
    write: (rows) =>
      gzipSync(
        csv(
          rows.map((r) => ['X:BTC-USD', r.v, r.o, r.c, r.h, r.l, `${r.t}000000`, r.n]),
          'ticker,volume,open,close,high,low,window_start,transactions'.split(','),
        ),
      ),
  },
  {
    title: "Polygon's API",
    dialect: 'Polygon API',
    has: { n: true },
    write: (rows) =>
      JSON.stringify({
        ticker: 'X:BTCUSD',
        results: rows.map((r) => ({ v: +r.v, vw: +r.c, o: +r.o, c: +r.c, h: +r.h, l: +r.l, t: r.t, n: r.n })),
      }),
  },
  {
    title: 'Alpaca, CSV',
    dialect: 'Alpaca',
    has: { n: true },
    write: (rows) =>
      csv(
        rows.map((r) => [plainTime(r.t) + '+00:00', ...ohlcv(r), r.n, r.c]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume', 'trade_count', 'vwap'],
      ),
  },
  {
    title: "Alpaca's API, by symbol",
    dialect: null,
    has: { n: true },
    write: (rows) =>
      JSON.stringify({
        bars: {
          'BTC/USD': rows.map((r) => ({
            t: `${iso(r.t).slice(0, 19)}Z`,
            o: +r.o,
            h: +r.h,
            l: +r.l,
            c: +r.c,
            v: +r.v,
            n: r.n,
            vw: +r.c,
          })),
        },
        next_page_token: null,
      }),
  },
  {
    title: 'yfinance',
    dialect: 'yfinance',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${plainTime(r.t)}+00:00`, r.o, r.h, r.l, r.c, r.c, r.v]),
        ['Datetime', 'Open', 'High', 'Low', 'Close', 'Adj Close', 'Volume'],
      ),
  },
  {
    title: 'yfinance with three lines of names',
    dialect: null,
    has: none,
    write: (rows) =>
      `Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDatetime,,,,,\n${csv(rows.map((r) => [`${plainTime(r.t)}+00:00`, r.c, r.h, r.l, r.o, r.v]))}`,
  },
  {
    title: "Yahoo's chart, columns at several levels",
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      JSON.stringify({
        chart: {
          result: [
            {
              meta: { symbol: 'BTC-USD' },
              timestamp: rows.map((r) => r.t / 1000),
              indicators: {
                quote: [
                  {
                    open: rows.map((r) => +r.o),
                    high: rows.map((r) => +r.h),
                    low: rows.map((r) => +r.l),
                    close: rows.map((r) => +r.c),
                    volume: rows.map((r) => +r.v),
                  },
                ],
              },
            },
          ],
          error: null,
        },
      }),
  },
  {
    title: 'MetaTrader 5, date and time in two columns',
    dialect: 'MetaTrader 5',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [dayFirst(r.t).split('.').reverse().join('.'), clock(r.t), r.o, r.h, r.l, r.c, r.n, r.v, 0]),
        '<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>'.split(','),
        '\t',
        '\r\n',
      ),
  },
  {
    title: 'MetaTrader 4 without a header',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(rows.map((r) => [dayFirst(r.t).split('.').reverse().join('.'), clock(r.t).slice(0, 5), ...ohlcv(r)])),
  },
  {
    title: 'Finam: compact dates and times',
    dialect: 'Finam',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => ['BTC', 1, compact(r.t), clock(r.t).replaceAll(':', ''), ...ohlcv(r)]),
        ['<TICKER>', '<PER>', '<DATE>', '<TIME>', '<OPEN>', '<HIGH>', '<LOW>', '<CLOSE>', '<VOL>'],
      ),
  },
  {
    title: 'HistData: 20240613 233000',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${compact(r.t)} ${clock(r.t).replaceAll(':', '')}`, ...ohlcv(r)]),
        undefined,
        ';',
      ),
  },
  {
    title: 'Dukascopy: day first, with milliseconds',
    dialect: 'Dukascopy',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${dayFirst(r.t)} ${clock(r.t)}.000`, ...ohlcv(r)]),
        ['Gmt time', 'Open', 'High', 'Low', 'Close', 'Volume'],
      ),
  },
  {
    title: 'LEAN: milliseconds of the day in the name',
    dialect: 'ccxt',
    has: none,
    name: '20240614_btcusdt_minute_trade.csv',
    write: (rows) => csv(rows.filter((r) => r.t >= Date.UTC(2024, 5, 14)).map((r) => [r.t % 86_400_000, ...ohlcv(r)])),
  },
  {
    title: 'BitMEX, whose times are ends',
    dialect: 'BitMEX',
    has: { q: true, n: true },
    write: (rows) =>
      csv(
        rows.map((r) => [iso(r.t + MINUTE_MS), 'XBTUSD', ...ohlcv(r).slice(0, 4), r.n, 100, r.c, 1, 1, r.v, r.q]),
        [
          'timestamp',
          'symbol',
          'open',
          'high',
          'low',
          'close',
          'trades',
          'volume',
          'vwap',
          'lastSize',
          'turnover',
          'homeNotional',
          'foreignNotional',
        ],
      ),
  },
  {
    title: 'CoinAPI',
    dialect: 'CoinAPI',
    has: { n: true },
    write: (rows) =>
      csv(
        rows.map((r) => [
          `${iso(r.t).slice(0, 19)}.0000000Z`,
          `${iso(r.t + MINUTE_MS).slice(0, 19)}.0000000Z`,
          ...ohlcv(r),
          r.n,
        ]),
        [
          'time_period_start',
          'time_period_end',
          'price_open',
          'price_high',
          'price_low',
          'price_close',
          'volume_traded',
          'trades_count',
        ],
        ';',
      ),
  },
  {
    title: 'Alpha Vantage in JSON by time',
    dialect: null,
    has: none,
    write: (rows) =>
      JSON.stringify({
        'Meta Data': { '1. Information': 'x' },
        'Time Series Crypto (1min)': Object.fromEntries(
          rows.map((r) => [
            plainTime(r.t),
            { '1. open': r.o, '2. high': r.h, '3. low': r.l, '4. close': r.c, '5. volume': r.v },
          ]),
        ),
      }),
  },
  {
    title: 'TwelveData',
    dialect: 'TwelveData',
    has: none,
    write: (rows) =>
      JSON.stringify({
        meta: { symbol: 'BTC/USD' },
        values: rows
          .map((r) => ({ datetime: plainTime(r.t), open: r.o, high: r.h, low: r.l, close: r.c, volume: r.v }))
          .reverse(),
        status: 'ok',
      }),
  },
  {
    title: 'pandas to_csv with a counter and an index of times',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [plainTime(r.t), ...ohlcv(r)]),
        ['', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'pandas to_json, columns',
    dialect: null,
    has: none,
    write: (rows) =>
      JSON.stringify(
        Object.fromEntries(
          (['t', 'o', 'h', 'l', 'c', 'v'] as const).map((k) => [
            k,
            Object.fromEntries(rows.map((r, i) => [i, Number(r[k])])),
          ]),
        ),
      ),
  },
  {
    title: 'pandas to_json, index',
    dialect: null,
    has: none,
    write: (rows) =>
      JSON.stringify(
        Object.fromEntries(rows.map((r) => [r.t, { open: +r.o, high: +r.h, low: +r.l, close: +r.c, volume: +r.v }])),
      ),
  },
  {
    title: 'pandas to_json, split',
    dialect: null,
    has: none,
    write: (rows) =>
      JSON.stringify({
        columns: ['open', 'high', 'low', 'close', 'volume'],
        index: rows.map((r) => r.t),
        data: rows.map(numbers),
      }),
  },
  {
    title: 'columns of short names (TradingView UDF)',
    dialect: null,
    has: none,
    write: (rows) =>
      JSON.stringify({
        s: 'ok',
        t: rows.map((r) => r.t / 1000),
        o: rows.map((r) => +r.o),
        h: rows.map((r) => +r.h),
        l: rows.map((r) => +r.l),
        c: rows.map((r) => +r.c),
        v: rows.map((r) => +r.v),
      }),
  },
  {
    title: 'lines of JSON arrays',
    dialect: 'ccxt',
    has: none,
    write: (rows) => rows.map((r) => JSON.stringify([r.t, ...numbers(r)])).join('\n'),
  },
  {
    title: 'ends of minutes under the name of neither',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [end(r), ...ohlcv(r)]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'close_time at whole minutes',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [r.t + MINUTE_MS, ...ohlcv(r)]),
        ['close_time', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'ends of minutes in nanoseconds, of more digits than a number holds',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${r.t + MINUTE_MS - 1}999999`, ...ohlcv(r)]),
        ['end', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'offsets other than UTC',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${iso(r.t + 7_200_000).slice(0, 19)}+0200`, ...ohlcv(r)]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'a named zone',
    dialect: null,
    has: none,
    options: { timeZone: 'Europe/Zurich' },
    write: (rows) =>
      csv(
        rows.map((r) => [plainTime(r.t + 7_200_000), ...ohlcv(r)]),
        ['Date', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'month first with AM and PM',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [`${us(r.t)} ${half(r.t)}`, ...ohlcv(r)]),
        ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'],
      ),
  },
  {
    title: 'days of a spreadsheet',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [(r.t / 86_400_000 + 25_569).toFixed(10), ...ohlcv(r)]),
        ['Date', 'Open', 'High', 'Low', 'Close', 'Volume'],
        '\t',
      ),
  },
  {
    title: 'Excel of a European machine: sep=, decimal commas, thousands',
    dialect: null,
    has: none,
    write: (rows) =>
      `sep=;\r\n${csv(
        rows.map((r) => [
          `${dayFirst(r.t)} ${clock(r.t)}`,
          ...ohlcv(r).map((x) => x.replace('.', ',').replace(/(\d)(\d{3}),/, '$1.$2,')),
        ]),
        ['Datum', 'Open', 'High', 'Low', 'Close', 'Volume'],
        ';',
        '\r\n',
      )}`,
  },
  {
    title: 'thousands with blanks that do not break, as French spreadsheets have them',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [
          plainTime(r.t),
          ...ohlcv(r).map((x) => x.replace('.', ',').replace(/(\d)(\d{3}),/, '$1\u202f$2,')),
        ]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
        ';',
      ),
  },
  {
    title: 'prices with the sign of the euro',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [r.t, ...ohlcv(r).map((x, i) => (i < 4 ? `€${x}` : x))]),
        ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'Sierra Chart, whose ask volume takers bought',
    dialect: 'Sierra Chart',
    has: { n: true, tb: true },
    write: (rows) =>
      csv(
        rows.map((r) => [
          iso(r.t).slice(0, 10).replaceAll('-', '/'),
          clock(r.t),
          ...ohlcv(r),
          r.n,
          (Number(r.v) - Number(r.tb)).toFixed(5),
          r.tb,
        ]),
        ['Date', 'Time', 'Open', 'High', 'Low', 'Last', 'Volume', '# of Trades', 'Bid Volume', 'Ask Volume'],
        ', ',
      ),
  },
  ...[1, 1e9].map(
    (perUnit): DialectCase => ({
      title: `Databento, prices ${perUnit === 1 ? 'as decimals' : 'as whole numbers'}`,
      dialect: 'Databento',
      has: none,
      write: (rows) =>
        csv(
          rows.map((r) => [
            `${r.t}000000`,
            33,
            1,
            5482,
            ...ohlcv(r).map((x, i) => (i === 4 || perUnit === 1 ? x : Math.round(Number(x) * perUnit))),
            'BTC',
          ]),
          'ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol'.split(','),
        ),
    }),
  ),
  {
    title: "dYdX's API",
    dialect: 'dYdX',
    has: { q: true, n: true },
    write: (rows) =>
      JSON.stringify({
        candles: rows
          .map((r) => ({
            startedAt: iso(r.t),
            ticker: 'BTC-USD',
            resolution: '1MIN',
            low: r.l,
            high: r.h,
            open: r.o,
            close: r.c,
            baseTokenVolume: r.v,
            usdVolume: r.q,
            trades: r.n,
          }))
          .reverse(),
      }),
  },
  {
    title: "Upbit's API, two clocks beside the time of the last trade",
    dialect: 'Upbit',
    has: { q: true },
    write: (rows) =>
      JSON.stringify(
        rows
          .map((r) => ({
            market: 'KRW-BTC',
            candle_date_time_utc: iso(r.t).slice(0, 19),
            candle_date_time_kst: iso(r.t + 9 * 3_600_000).slice(0, 19),
            opening_price: +r.o,
            high_price: +r.h,
            low_price: +r.l,
            trade_price: +r.c,
            timestamp: r.t + 59_950,
            candle_acc_trade_price: +r.q,
            candle_acc_trade_volume: +r.v,
            unit: 1,
          }))
          .reverse(),
      ),
  },
  {
    title: "Bitget's API, its quote volume twice",
    dialect: 'Bitget',
    has: { q: true },
    write: (rows) => JSON.stringify({ code: '00000', data: rows.map((r) => [String(r.t), ...ohlcv(r), r.q, r.q]) }),
  },
  {
    title: "MEXC's API",
    dialect: 'MEXC',
    has: { q: true },
    write: (rows) => JSON.stringify(rows.map((r) => [r.t, ...ohlcv(r), r.t + MINUTE_MS, r.q])),
  },
  {
    title: 'quoted numbers with thousands',
    dialect: null,
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [r.t, ...ohlcv(r).map((x) => `"${x.replace(/(\d)(\d{3})\./, '$1,$2.')}"`)]),
        ['time', 'o', 'h', 'l', 'c', 'v'],
      ),
  },
  {
    title: 'tables between bars, comments, trailing separators',
    dialect: 'Binance klines',
    has: all,
    write: (rows) =>
      `# made by hand\n\n${csv(
        rows.map((r) => [...kline(r), '']),
        [...KLINE_NAMES, ''],
        '|',
      )}# end\n`,
  },
  {
    title: 'a header that is a comment',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [r.t, ...ohlcv(r)]),
        ['# timestamp', 'open', 'high', 'low', 'close', 'volume'],
      ),
  },
  {
    title: 'fields between blanks',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      csv(
        rows.map((r) => [plainTime(r.t), ...ohlcv(r).map((x) => ` ${x}`)]),
        undefined,
        ' ',
      ),
  },
  {
    title: 'UTF-16 without a mark',
    dialect: 'ccxt',
    has: none,
    write: (rows) =>
      Buffer.from(
        csv(
          rows.map((r) => [r.t, ...ohlcv(r)]),
          ['timestamp', 'open', 'high', 'low', 'close', 'volume'],
        ),
        'utf16le',
      ),
  },
  {
    title: 'zstd',
    dialect: 'ccxt',
    has: none,
    write: (rows) => zstdCompressSync(csv(rows.map((r) => [r.t, ...ohlcv(r)]))),
  },
  {
    title: 'columns that a user names',
    dialect: null,
    has: { q: true },
    options: { columns: { time: 'a', open: 'b', high: 'c', low: '4', close: 'e', volume: 'f', quote_volume: 'g' } },
    write: (rows) =>
      csv(
        rows.map((r) => [r.t, ...ohlcv(r), r.q]),
        ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      ),
  },
];

/** Base volume beside contracts: another volume than the rows', so a case by itself. */
export const COIN_M = {
  write: (rows: readonly MarketRow[]): string => csv(rows.map(coinM)),
  rowsOf: coinM,
  names: KLINE_NAMES,
};
