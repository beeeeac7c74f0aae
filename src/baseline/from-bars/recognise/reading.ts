import type { BarRole } from './roles.ts';

/** What was understood of a table: which column plays which role, and how its times are written. Data, so that it can be shown. */
export type Reading = {
  /** Prices stand as whole numbers, so many of which are 1; 1 where they are plain. */
  readonly pricesPerUnit: number;
  /** The venue or program whose way of writing this is; null where columns were told one by one. */
  readonly dialect: string | null;
  readonly time: TimeReading;
  /** Columns by index; each of time's columns is in `time`. */
  readonly columns: { readonly [role in Exclude<BarRole, 'time'>]?: number };
  /** A volume in contracts of so many units of the quote currency: volume is the base's column, quote volume that many times contracts. */
  readonly contractSize: { readonly column: number; readonly quotePerContract: number } | null;
  /** How roles were told: by the header's names, by what the rows can be, or by the user. */
  readonly toldBy: 'names' | 'rows' | 'options';
  readonly unused: readonly number[];
  /** What the reader should know: an incomplete book, a tick volume in the place of volume. */
  readonly notes: readonly string[];
};

export type TimeReading = {
  readonly columns: readonly number[];
  readonly form: string;
  readonly is: 'open' | 'close';
  /** Of times without an offset; null where none is needed. */
  readonly assumedZone: string | null;
  readonly stepMs: number;
  /** (rowCount) when each row's bar opens, UTC milliseconds; NaN where its time is missing or no time. */
  readonly openMs: Float64Array;
  /** Times that are no whole minute, no second, or no time at all, by row. */
  readonly unfit: ReadonlyMap<number, string>;
  /** (rowCount) when each row's bar ends, where the file has that beside its opening; else null. */
  readonly endMs: Float64Array | null;
};
