/**
 * A file of bars as its columns, before anything is known of what they mean. Numbers, times and other text are told
 * apart by how they are written; what a column stands for is decided in `recognise/`.
 */
export type SourceTable = {
  /** How errors name it: the path, and the member's name where the file is an archive. */
  readonly name: string;
  /** What it is, outermost first: `zip`, `CSV with ;`, `parquet`. */
  readonly format: readonly string[];
  readonly columns: readonly SourceColumn[];
  readonly rowCount: number;
  readonly hasHeader: boolean;
  /** How an error names row `row`, e.g. `line 17`. */
  readonly rowName: (row: number) => string;
  /** Rows that cannot be taken apart, by what is wrong with them: a field too few or too many. Their cells are missing. */
  readonly brokenRows: ReadonlyMap<number, string>;
  /** What the file says beside its rows of the clock that its times are of: `US/Eastern`. */
  readonly saysZone?: string;
};

export type SourceColumn = { readonly name: string } & (NumberColumn | TimeColumn | TextColumn);

/** Cells that are missing are NaN, and so are those that do not fit their column, which are kept as text. */
export type NumberColumn = {
  readonly kind: 'number';
  readonly values: Float64Array;
  /**
   * value mod 1000 of whole numbers beyond 2^53, which `values` holds rounded: nanoseconds since 1970 are such. Null
   * where there are none.
   */
  readonly lastDigits: Uint16Array | null;
  /** The most decimals that any cell is written with; null where the file has binary numbers. */
  readonly decimals: number | null;
  readonly unfit: UnfitCells;
};

export type TimeColumn = {
  readonly kind: 'time';
  /** `instant`: date and time of day; `date` alone, at midnight; `clock`: the time of day alone. */
  readonly part: 'instant' | 'date' | 'clock';
  /**
   * Milliseconds since 1970 or since midnight, rounded down, and half a one more where that was not whole; NaN where
   * missing. UTC where the text gives its
   * offset, else as the clock on the wall shows it. Without `unsettled` the whole time; with it the time of day alone.
   */
  readonly ms: Float64Array;
  readonly hasOffset: boolean;
  /** Written as text, or as numbers of a type that says they are times. */
  readonly isText: boolean;
  /** Dates such as 05/06/2024, day or month first: the numbers as they stand. */
  readonly unsettled: {
    readonly first: Uint8Array;
    readonly second: Uint8Array;
    readonly year: Uint16Array;
  } | null;
  readonly unfit: UnfitCells;
};

export type TextColumn = {
  readonly kind: 'text';
  /** Indexes into `texts`; −1 where missing. */
  readonly codes: Int32Array;
  readonly texts: readonly string[];
};

/** The first cells, by row, that do not fit their column: `n/a` among numbers. */
export type UnfitCells = ReadonlyMap<number, string>;
