import type { SourceColumn } from '../readers/source-table.ts';

/** Rows of one symbol in the order of their times; rows without a time are left out. */
export function rowsInTimeOrder(times: Float64Array, rows: Int32Array | null): Int32Array {
  const all = rows ?? Int32Array.from({ length: times.length }, (_, row) => row);
  let kept = 0;
  const order = new Int32Array(all.length);
  let isAscending = true;
  for (const row of all) {
    const time = times[row]!;
    if (Number.isNaN(time)) continue;
    if (kept > 0 && time < times[order[kept - 1]!]!) isAscending = false;
    order[kept] = row;
    kept += 1;
  }
  const present = order.subarray(0, kept);
  if (isAscending) return present;
  if (isDescending(times, present)) return present.reverse();
  return present.sort((a, b) => times[a]! - times[b]! || a - b);
}

/** Strictly: of two rows of one time the first stays first. */
function isDescending(times: Float64Array, rows: Int32Array): boolean {
  for (let i = 1; i < rows.length; i += 1) if (times[rows[i]!]! >= times[rows[i - 1]!]!) return false;
  return true;
}

/** A column's symbols: texts, or numbers as exchanges in China have them. Codes are indexes into `texts`, −1 where missing. */
export function symbolsOf(column: SourceColumn): { readonly codes: Int32Array; readonly texts: readonly string[] } {
  if (column.kind === 'text') return column;
  const values = column.kind === 'number' ? column.values : column.ms;
  const codeOf = new Map<number, number>();
  const codes = new Int32Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]!;
    let code = Number.isNaN(value) ? -1 : codeOf.get(value);
    if (code === undefined) {
      code = codeOf.size;
      codeOf.set(value, code);
    }
    codes[row] = code;
  }
  return { codes, texts: [...codeOf.keys()].map(String) };
}

/** The rows of each symbol; one group of all rows where there is no such column. */
export function rowsBySymbol(codes: Int32Array | null, symbolCount: number): (Int32Array | null)[] {
  if (codes === null) return [null];
  const counts = new Int32Array(symbolCount);
  for (const code of codes) if (code >= 0) counts[code]! += 1;
  const groups = Array.from(counts, (count) => new Int32Array(count));
  const filled = new Int32Array(symbolCount);
  for (let row = 0; row < codes.length; row += 1) {
    const code = codes[row]!;
    if (code >= 0) groups[code]![filled[code]!++] = row;
  }
  return groups;
}
