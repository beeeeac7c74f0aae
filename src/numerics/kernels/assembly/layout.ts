// From state rows to grouped rows. Columns, row numbers: int32; market (… × nMarket), state (… × nState): float32, row-major.

/**
 * out[i] (stride values) = 1 if `constant`, then from[rows[i]] (width values) by `columns`, then zeros; count rows.
 */
export function gatherRows(
  out: usize, stride: i32, count: i32, constant: bool, from: usize, width: i32, rows: usize, columns: usize, nColumns: i32,
): void {
  const bytes = <usize>stride << 2;
  const lead: usize = constant ? 4 : 0;
  const filled = lead + (<usize>nColumns << 2);
  for (let i: i32 = 0; i < count; i++) {
    const source = from + <usize>load<i32>(rows + (<usize>i << 2)) * (<usize>width << 2);
    const to = out + <usize>i * bytes;
    if (constant) store<f32>(to, 1);
    for (let j: usize = 0; j < <usize>nColumns << 2; j += 4) {
      store<f32>(to + lead + j, load<f32>(source + (<usize>load<i32>(columns + j) << 2)));
    }
    memory.fill(to + filled, 0, bytes - filled);
  }
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
  const firstMarket = market + (<usize>load<i32>(featureRow + (<usize>first << 2)) * <usize>nMarket << 2);
  const firstState = state + (<usize>first * <usize>nState << 2);
  for (let i: i32 = 1; i < count && left > 0; i++) {
    const row = load<i32>(rows + (<usize>i << 2));
    const rowMarket = market + (<usize>load<i32>(featureRow + (<usize>row << 2)) * <usize>nMarket << 2);
    const rowState = state + (<usize>row * <usize>nState << 2);
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
