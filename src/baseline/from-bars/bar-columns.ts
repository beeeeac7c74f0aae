/** The columns of a bar file, as read: numbers, NaN where the file has no value. Nothing is checked yet. */
export type BarTable = {
  readonly path: string;
  readonly rowCount: number;
  readonly columns: ReadonlyMap<BarColumn, Float64Array>;
  /** How an error names row `row`, e.g. `line 17`. */
  readonly rowName: (row: number) => string;
};

export const REQUIRED_BAR_COLUMNS = ['open_time_ms', 'open', 'high', 'low', 'close', 'volume'] as const;
export const BOOK_COLUMNS = ['best_bid', 'best_ask', 'best_bid_size', 'best_ask_size'] as const;
/** `book_time_ms` is when the book was polled; without it the row's book counts as of the bar's minute. */
export const OPTIONAL_BAR_COLUMNS = [
  'quote_volume',
  'trades',
  'taker_buy_base',
  ...BOOK_COLUMNS,
  'book_time_ms',
] as const;
export const BAR_COLUMNS = [...REQUIRED_BAR_COLUMNS, ...OPTIONAL_BAR_COLUMNS] as const;

export type BarColumn = (typeof BAR_COLUMNS)[number];

/**
 * Which of a file's columns to read, in the file's order. Others are ignored.
 *
 * @throws UserError through `fail` when a required column is missing, a wanted one is there twice, or only a part of the book is there
 */
export function wantedColumns(found: readonly string[], fail: (message: string) => never): BarColumn[] {
  const wanted: BarColumn[] = [];
  for (const name of found) {
    const column = BAR_COLUMNS.find((candidate) => candidate === name);
    if (column === undefined) continue;
    if (wanted.includes(column)) fail(`column ${column} is there twice. Keep one`);
    wanted.push(column);
  }
  const missing = REQUIRED_BAR_COLUMNS.filter((column) => !wanted.includes(column));
  if (missing.length > 0) {
    const headerless = found.length > 0 && found.every((name) => name !== '' && Number.isFinite(Number(name)));
    fail(
      `${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')} missing, ` +
        (headerless
          ? `the first line holds numbers (${shorten(found)}). Add a header line`
          : `found ${shorten(found)}. Rename the file's columns`),
    );
  }
  const bookMissing = BOOK_COLUMNS.filter((column) => !wanted.includes(column));
  if (bookMissing.length > 0 && bookMissing.length < BOOK_COLUMNS.length) {
    fail(
      `the book needs all of ${BOOK_COLUMNS.join(', ')}, ${bookMissing.join(', ')} missing. Add them or drop the rest`,
    );
  }
  return wanted;
}

function shorten(names: readonly string[]): string {
  const text = names.join(', ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
