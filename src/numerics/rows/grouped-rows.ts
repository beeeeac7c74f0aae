/**
 * The rows of one side and split, in groups. A position's row at any age carries the market features of the minute that is
 * "now", and its target and label are that minute's too; so rows of one feature row differ in the position's state alone.
 * Such rows are a group, which holds what they share once:
 *
 *   group g    market[g] = 1, market features, 0…      target[g], label[g], day[g]
 *   its rows   first[g] … first[g + 1] − 1             state[i] = state features, 0…
 *
 * Row i of the design matrix, of group g, is market[g] followed by state[i]. A model on market features alone sees nGroups
 * rows, each with the weight first[g + 1] − first[g]; a model on both sees nRows. Rows of one feature row that differ in
 * target or label (duplicate keys of bars multiply rows) stand in groups of their own, so that groups are valid whatever
 * the data. All arrays stand on shared memory.
 */
export type GroupedRows = {
  readonly nGroups: number;
  readonly nRows: number;
  /** market features of a row, without the constant before them */
  readonly nMarket: number;
  /** state features of a row */
  readonly nState: number;
  /** values from one group's market part to the next: 1 + nMarket, rounded up to whole SIMD registers */
  readonly marketStride: number;
  /** values from one row's state part to the next: nState, rounded up likewise */
  readonly stateStride: number;
  /** (nGroups × marketStride) float32: 1, market features, zeros */
  readonly market: Float32Array<SharedArrayBuffer>;
  /** (nRows × stateStride) float32, rows group after group: state features, zeros */
  readonly state: Float32Array<SharedArrayBuffer>;
  /** (nGroups + 1) each group's first row, counted from the first row of these; at the end nRows */
  readonly first: Int32Array<SharedArrayBuffer>;
  /** (nGroups) bps, unclipped */
  readonly target: Float32Array<SharedArrayBuffer>;
  /** (nGroups) 1 where continuing was right, else 0 */
  readonly label: Uint8Array<SharedArrayBuffer>;
  /** (nGroups) number of the group's UTC day among the days of these rows */
  readonly day: Int32Array<SharedArrayBuffer>;
};

/** (nGroups) how many rows each group has. */
export function rowCounts({ first, nGroups }: GroupedRows): Int32Array<ArrayBuffer> {
  const counts = new Int32Array(nGroups);
  for (let g = 0; g < nGroups; g += 1) counts[g] = first[g + 1]! - first[g]!;
  return counts;
}
