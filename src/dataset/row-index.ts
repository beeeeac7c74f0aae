/** Finds the rows of a table by symbol and open time; rows with equal keys stand in their own order. */
export class RowIndex {
  readonly #first: ReadonlyMap<number, number>[];
  readonly #next: Int32Array;

  /**
   * @param symbolOf (nRows) symbol number, or −1 for a row that no key finds
   * @param openTimesMs (nRows) NaN for a row that no key finds
   */
  constructor(symbolOf: ArrayLike<number>, openTimesMs: Float64Array, nSymbols: number) {
    const first = Array.from({ length: nSymbols }, () => new Map<number, number>());
    this.#next = new Int32Array(openTimesMs.length).fill(-1);
    // Backwards, so that each chain of equal keys runs forwards.
    for (let row = openTimesMs.length - 1; row >= 0; row -= 1) {
      const time = openTimesMs[row]!;
      const rows = first[symbolOf[row]!];
      if (rows === undefined || Number.isNaN(time)) continue;
      this.#next[row] = rows.get(time) ?? -1;
      rows.set(time, row);
    }
    this.#first = first;
  }

  /** The first row with this key, or −1. */
  first(symbol: number, openTimeMs: number): number {
    return this.#first[symbol]?.get(openTimeMs) ?? -1;
  }

  /** The next row with the same key as `row`, or −1. */
  next(row: number): number {
    return this.#next[row]!;
  }
}
