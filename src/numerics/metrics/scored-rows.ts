/** Rows with a score each; an entry stands for as many rows as its weight says. */
export type ScoredRows = {
  /** (n) finite; a probability where a metric asks for one */
  readonly scores: Float64Array;
  /** (n) each 0 or 1 */
  readonly labels: Uint8Array;
  /** (n) whole numbers; null: each entry is one row */
  readonly weights: Int32Array | null;
  /** (n) the cell of each entry, a day say, 0 … nCells − 1; null: all in cell 0 */
  readonly cells: Int32Array | null;
  readonly nCells: number;
};
