// From state rows to the rows of a design matrix. A row's market features are those of the feature row that is "now".
// rows, featureRow, columns: int32; market (… × nMarket), state (… × nState), x: float32, row-major.

/**
 * Rows first..end-1 of x: 1, market features by `marketColumns`, state features by `stateColumns`, zeros up to `stride`.
 * rows[i] is the state row that row i of x is made of.
 */
export function layOutRows(
  x: usize, stride: i32, first: i32, end: i32, rows: usize, featureRow: usize,
  market: usize, nMarket: i32, marketColumns: usize, marketCount: i32,
  state: usize, nState: i32, stateColumns: usize, stateCount: i32,
): void {
  const width = <usize>stride << 2;
  const filled = <usize>(1 + marketCount + stateCount) << 2;
  for (let i = first; i < end; i++) {
    const row = load<i32>(rows + (<usize>i << 2));
    const now = load<i32>(featureRow + (<usize>row << 2));
    const to = x + <usize>i * width;
    store<f32>(to, 1);
    const after = gather(to + 4, market + (<usize>(now * nMarket) << 2), marketColumns, marketCount);
    gather(after, state + (<usize>(row * nState) << 2), stateColumns, stateCount);
    memory.fill(to + filled, 0, width - filled);
  }
}

// @ts-ignore: decorator
@inline
function gather(to: usize, from: usize, columns: usize, count: i32): usize {
  for (let j: usize = 0; j < <usize>count << 2; j += 4) {
    store<f32>(to + j, load<f32>(from + (<usize>load<i32>(columns + j) << 2)));
  }
  return to + (<usize>count << 2);
}

/**
 * Strikes from `list` the columns that take two values or more on `count` state rows; returns how many are left.
 * Columns are numbered market features first, then state features.
 */
export function keepConstant(
  rows: usize, count: i32, featureRow: usize, market: usize, nMarket: i32, state: usize, nState: i32,
  list: usize, length: i32,
): i32 {
  if (count == 0) return length;
  let left = length;
  const first = load<i32>(rows);
  const firstMarket = market + (<usize>(load<i32>(featureRow + (<usize>first << 2)) * nMarket) << 2);
  const firstState = state + (<usize>(first * nState) << 2);
  for (let i: i32 = 1; i < count && left > 0; i++) {
    const row = load<i32>(rows + (<usize>i << 2));
    const rowMarket = market + (<usize>(load<i32>(featureRow + (<usize>row << 2)) * nMarket) << 2);
    const rowState = state + (<usize>(row * nState) << 2);
    for (let k: i32 = 0; k < left; ) {
      const column = load<i32>(list + (<usize>k << 2));
      const isMarket = column < nMarket;
      const at = <usize>(isMarket ? column : column - nMarket) << 2;
      const same = isMarket
        ? load<f32>(firstMarket + at) == load<f32>(rowMarket + at)
        : load<f32>(firstState + at) == load<f32>(rowState + at);
      if (same) {
        k += 1;
        continue;
      }
      left -= 1;
      store<i32>(list + (<usize>k << 2), load<i32>(list + (<usize>left << 2)));
    }
  }
  return left;
}
