import { MINUTE_MS } from '../time-units.ts';

/** Minutes from the first to the last row of a symbol for which a direct table is made: a hundred years. */
const MAX_TABLE_MINUTES = 60 * 24 * 366 * 100;

/** Finds the rows of a table by symbol and open time; rows with equal keys stand in their own order. */
export class RowIndex {
  readonly #symbols: readonly SymbolIndex[];
  readonly #next: Int32Array;

  /**
   * @param symbolOf (nRows) symbol number, or −1 for a row that no key finds
   * @param openTimesMs (nRows) NaN for a row that no key finds
   */
  constructor(symbolOf: ArrayLike<number>, openTimesMs: Float64Array, nSymbols: number) {
    const bounds = Array.from({ length: nSymbols }, () => ({ first: Infinity, last: -Infinity }));
    for (let row = 0; row < openTimesMs.length; row += 1) {
      const bound = bounds[symbolOf[row]!];
      const time = openTimesMs[row]!;
      if (bound === undefined || Number.isNaN(time)) continue;
      if (time < bound.first) bound.first = time;
      if (time > bound.last) bound.last = time;
    }
    this.#symbols = bounds.map(({ first, last }) => new SymbolIndex(first, last));
    this.#next = new Int32Array(openTimesMs.length).fill(-1);
    // Backwards, so that each chain of equal keys runs forwards.
    for (let row = openTimesMs.length - 1; row >= 0; row -= 1) {
      const index = this.#symbols[symbolOf[row]!];
      const time = openTimesMs[row]!;
      if (index === undefined || Number.isNaN(time)) continue;
      this.#next[row] = index.get(time);
      index.set(time, row);
    }
  }

  /** The first row with this key, or −1. */
  first(symbol: number, openTimeMs: number): number {
    return this.#symbols[symbol]?.get(openTimeMs) ?? -1;
  }

  /** The next row with the same key as `row`, or −1. */
  next(row: number): number {
    return this.#next[row]!;
  }

  /** The largest number of rows with one key; 0 where no row has one. */
  longestChain(): number {
    const lengths = new Int32Array(this.#next.length);
    let longest = 0;
    // A chain runs forwards: what is behind a row is known before it.
    for (let row = lengths.length - 1; row >= 0; row -= 1) {
      const next = this.#next[row]!;
      lengths[row] = next < 0 ? 1 : lengths[next]! + 1;
      longest = Math.max(longest, lengths[row]!);
    }
    return longest;
  }
}

/** Rows of one symbol by time: a table of minutes, and a map for times that are no whole number of minutes after the first. */
class SymbolIndex {
  readonly #first: number;
  readonly #byMinute: Int32Array;
  readonly #others = new Map<number, number>();

  constructor(first: number, last: number) {
    this.#first = first;
    const minutes = (last - first) / MINUTE_MS + 1;
    this.#byMinute = new Int32Array(minutes > 0 && minutes <= MAX_TABLE_MINUTES ? Math.ceil(minutes) : 0).fill(-1);
  }

  get(time: number): number {
    const minute = (time - this.#first) / MINUTE_MS;
    const row = this.#byMinute[minute];
    if (row !== undefined) return row;
    return this.#others.size === 0 ? -1 : (this.#others.get(time) ?? -1);
  }

  set(time: number, row: number): void {
    const minute = (time - this.#first) / MINUTE_MS;
    if (minute in this.#byMinute) this.#byMinute[minute] = row;
    else this.#others.set(time, row);
  }
}
