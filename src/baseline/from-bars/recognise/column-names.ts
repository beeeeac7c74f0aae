import type { BarRole } from './roles.ts';

/** What a column's name says of it. An amount that a name leaves open is settled by the rows. */
export type NameMeaning =
  | Exclude<BarRole, 'time'>
  | 'time'
  | 'open time'
  | 'close time'
  /** Base or quote volume: `amount` is one at Gate and the other in China. */
  | 'amount'
  /** Trades in the last resort: MetaTrader's tick volume counts price changes. */
  | 'tick volume'
  /** The traded price times volume of takers' buys, and other columns that are known and not used. */
  | 'known, not used';

const MEANINGS: { readonly [meaning in NameMeaning]: string } = {
  time: 'time timestamp t ts date datetime dt unix unixtime unixtimestamp epoch epochtime utc utctime timeutc dateutc gmttime localtime datetimeutc timestamputc index indexlevel0 level0 candletime candlebegintime bartime klinetime minute mts day unnamed0',
  'open time':
    'opentime timeopen opendate opendatetime opentimestamp start starttime startdate starttimestamp startat begin begins begintime windowstart periodstart timeperiodstart barstart bucketstart klineopentime from timestart',
  'close time':
    'closetime timeclose closedate closedatetime closetimestamp end endtime enddate endtimestamp endat ends windowend periodend timeperiodend barend bucketend klineclosetime to timeend',
  open: 'open o opn openprice priceopen openpx opening first firstprice startprice',
  high: 'high h hi highprice pricehigh highpx highest max maxprice',
  low: 'low l lo lowprice pricelow lowpx lowest min minprice',
  close: 'close c cl closeprice priceclose closepx closing',
  volume:
    'volume v volumebase basevolume basevol volbase baseassetvolume volumefrom homenotional realvolume realvol qty quantity size tradedvolume volumetraded basequantity baseamount volumecrypto vol sharevolume',
  quote_volume:
    'quotevolume q volumequote quotevol volquote quoteassetvolume quotasssetvolume quoteqty quotequantity quoteamount volumeto foreignnotional volccyquote notional volumenotional dollarvolume volumecurrency volumeusd quoteav',
  amount: 'amount turnover volccy value',
  trades:
    'trades n count tradecount tradescount numberoftrades nooftrades numtrades numoftrades ntrades tradenum transactions transactioncount numberoftransactions tradenumber trd tradesnum',
  'tick volume': 'tickvolume tickvol ticks tickcount',
  taker_buy_base:
    'takerbuybase takerbuybasevolume takerbuybasevol takerbuybaseassetvolume takerbuyvolume takerbuyvol takerbasevolume takerbase takerbuybaseasset takerbuybaseav tbbase tbbaseav tbbasevolume tbbav activebuyvolume takerbuyqty buytakervolume takerbuyamount',
  best_bid: 'bestbid bid bidprice bestbidprice bidclose closebid bidpx bid1 bidprice1 bidlast lastbid b1 bidcloseprice',
  best_ask:
    'bestask ask askprice bestaskprice askclose closeask askpx ask1 askprice1 asklast lastask a1 askcloseprice offer bestoffer',
  best_bid_size:
    'bestbidsize bidsize bidqty bidquantity bestbidqty bestbidquantity bidvolume bidamount bidsizelast lastbidsize bidsizeclose bidsz bidsize1 bidqty1 bidvol',
  best_ask_size:
    'bestasksize asksize askqty askquantity bestaskqty bestaskquantity askvolume askamount asksizelast lastasksize asksizeclose asksz asksize1 askqty1 askvol offersize',
  book_time: 'booktime booktimestamp quotetime',
  symbol:
    'symbol sym ticker tic instrument instrumentid instid instrumentname pair currencypair market code secid product productid contract asset security',
  finished:
    'finished confirm confirmed isclosed closed isfinal final isfinished complete iscomplete isconfirmed barclosed',
  'known, not used':
    'ignore ignored unused takerbuyquote takerbuyquotevolume takerbuyquotevol takerbuyquoteassetvolume takerbuyquoteav tbquote tbquoteav tbquotevolume takerquotevolume adjclose adjustedclose vwap vw weightedprice weightedaverage wap average avgprice hlc3 ohlc4 spread interval period per timeframe dividends stocksplits openinterest openint oi lastsize',
};

const BY_NAME: ReadonlyMap<string, NameMeaning> = new Map(
  Object.entries(MEANINGS).flatMap(([meaning, names]) =>
    names.split(' ').map((name) => [name.toLowerCase(), meaning as NameMeaning] as const),
  ),
);

/** `Taker buy base asset volume`, `taker_buy_base_asset_volume` and `<TAKER…>` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

const UNIT = /(?:in)?(?:milliseconds|microseconds|nanoseconds|seconds|millis|msec|sec|ms|us|ns|s|utc|gmt)$/;
const CURRENCY = /(?:usdt|usdc|usd|eur|btc|eth|jpy|gbp)$/;

/** What a name says, in any case and spelling, with its units or not; null for a name that is not known. */
export function meaningOf(name: string): NameMeaning | null {
  const plain = plainName(name);
  const exact = BY_NAME.get(plain);
  if (exact !== undefined) return exact;
  // `open_time_ms`, `timestamp (UTC)`, `time_seconds`; Alpha Vantage's `1. open`; a currency: `open (USD)`.
  // Not `24h`: what is left has to be a word.
  const unnumbered = [plain.replace(/^\d+/, ''), plain.replace(/^\d+[a-z]/, '')].filter((name) => name.length > 2);
  for (const trimmed of [plain, ...unnumbered].flatMap((name) => [
    name.replace(UNIT, ''),
    name.replace(CURRENCY, ''),
    name,
  ])) {
    const meaning = trimmed.length > 0 && trimmed !== plain ? BY_NAME.get(trimmed) : undefined;
    if (meaning === undefined) continue;
    // `volume BTC` and `volume USDT` are the base's and the quote's, whichever is which.
    return meaning === 'volume' && CURRENCY.test(plain) ? 'amount' : meaning;
  }
  // `Volume BTC`, `Volume_(ETH)`: a volume in some currency.
  return /^vol(?:ume)?[a-z0-9]{2,6}$/.test(plain) ? 'amount' : null;
}
