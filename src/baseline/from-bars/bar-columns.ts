const REQUIRED_BAR_COLUMNS = ['open_time_ms', 'open', 'high', 'low', 'close', 'volume'] as const;
const BOOK_COLUMNS = ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const;
/** `book_time_ms` is when the book was polled; without it the row's book counts as of the bar's minute. */
const OPTIONAL_BAR_COLUMNS = ['quote_volume', 'trades', 'taker_buy_base', ...BOOK_COLUMNS, 'book_time_ms'] as const;
export const BAR_COLUMNS = [...REQUIRED_BAR_COLUMNS, ...OPTIONAL_BAR_COLUMNS] as const;

export type BarColumn = (typeof BAR_COLUMNS)[number];

/** Rows of one symbol out of one table, each a bar that holds every rule by itself; in the table's order. */
export type BarPart = {
  readonly rowCount: number;
  /** (rowCount) each; NaN only in the book's columns. */
  readonly columns: ReadonlyMap<BarColumn, Float64Array>;
  /** How an error names row `row`: `bars.csv: line 17`. */
  readonly rowName: (row: number) => string;
};
