/** One symbol's 1-minute bars as columns, one value a bar, strictly ascending in time. Missing minutes are missing bars. */
export type Bars = {
  readonly symbol: string;
  /** UTC milliseconds of the minute's start; a multiple of MINUTE_MS. */
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base units; 0 in a minute without trades. */
  readonly volume: Float64Array;
  /** Each null where the source has no such column. */
  readonly quoteVolume: Float64Array | null;
  readonly trades: Float64Array | null;
  readonly takerBuyBase: Float64Array | null;
  readonly book: BookColumns | null;
};

/** Best bid and ask of the bar's own row; all four NaN where the row has no usable poll. */
export type BookColumns = {
  readonly bid: Float64Array;
  readonly ask: Float64Array;
  readonly bidSize: Float64Array;
  readonly askSize: Float64Array;
};

/** What checking a source found and what it left out. */
export type BarsAccount = {
  bars: number;
  firstOpenTimeMs: number;
  lastOpenTimeMs: number;
  /** Minutes between the first and the last bar that have no bar, and the runs they form. */
  missingMinutes: number;
  gaps: number;
  zeroVolumeBars: number;
  /** Rows left out: exact repeats of another row, and rows outside [start, end). */
  droppedRepeats: number;
  droppedOutsideRange: number;
  /** Rows that broke a rule and were left out because the user said so. */
  droppedBadRows: number;
  /** Rows without prices: minutes without a trade. */
  emptyRows: number;
  /** Bars that were not over, as their file says. */
  unfinishedBars: number;
  /** First and last minutes of finer bars that were not whole. */
  partialMinutes: number;
  /** Bars of a source with a book whose own poll is missing, late, crossed or without size. */
  barsWithoutUsableBook: number;
};

/** Rows `rows` of every column, in that order. Where these are all rows as they stand, the bars themselves. */
export function takeBars(bars: Bars, rows: Int32Array): Bars {
  const count = bars.openTimeMs.length;
  if (rows.length === count && rows.every((row, i) => row === i)) return bars;
  const take = (column: Float64Array): Float64Array => {
    const taken = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i += 1) taken[i] = column[rows[i]!]!;
    return taken;
  };
  const takeOptional = (column: Float64Array | null): Float64Array | null => column && take(column);
  const { book } = bars;
  return {
    symbol: bars.symbol,
    openTimeMs: take(bars.openTimeMs),
    open: take(bars.open),
    high: take(bars.high),
    low: take(bars.low),
    close: take(bars.close),
    volume: take(bars.volume),
    quoteVolume: takeOptional(bars.quoteVolume),
    trades: takeOptional(bars.trades),
    takerBuyBase: takeOptional(bars.takerBuyBase),
    book: book && {
      bid: take(book.bid),
      ask: take(book.ask),
      bidSize: take(book.bidSize),
      askSize: take(book.askSize),
    },
  };
}
