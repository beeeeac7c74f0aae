import { MINUTE_MS } from '../../time-units.ts';
import type { BarColumn, BarPart } from './bar-columns.ts';
import { requireEqualRows } from './join-parts.ts';
import { rowsInTimeOrder } from './recognise/row-groups.ts';

const SUMMED: readonly BarColumn[] = ['volume', 'quote_volume', 'trades', 'taker_buy_base'];

/**
 * One-minute bars of finer ones: open of the first, highest high, lowest low, close and book of the last, sums of the
 * amounts. Seconds without a trade may be missing; a first minute that does not begin at its first second, and a last
 * one that does not end at its last, are left out, since nothing tells what they lack.
 *
 * @param stepMs a divisor of a minute
 */
export function aggregated(part: BarPart, stepMs: number): { part: BarPart; partialMinutes: number } {
  const times = part.columns.get('open_time_ms')!;
  const order = withoutEqualRows(part, rowsInTimeOrder(times, null));
  const starts: number[] = [];
  for (let i = 0; i < order.length; i += 1) {
    if (i === 0 || minuteOf(times[order[i]!]!) !== minuteOf(times[order[i - 1]!]!)) starts.push(i);
  }
  let partialMinutes = 0;
  let end = order.length;
  if (starts.length > 0 && times[order[0]!]! % MINUTE_MS !== 0) {
    starts.shift();
    partialMinutes += 1;
  }
  if (starts.length > 0 && times[order[end - 1]!]! % MINUTE_MS !== MINUTE_MS - stepMs) {
    end = starts.pop()!;
    partialMinutes += 1;
  }
  const columns = new Map<BarColumn, Float64Array>();
  for (const [name, values] of part.columns) {
    columns.set(
      name,
      Float64Array.from(starts, (start, i) => {
        const rows = order.subarray(start, starts[i + 1] ?? end);
        if (name === 'open_time_ms') return minuteOf(values[rows[0]!]!);
        if (name === 'open') return values[rows[0]!]!;
        if (name === 'high') return rows.reduce((max, row) => Math.max(max, values[row]!), -Infinity);
        if (name === 'low') return rows.reduce((min, row) => Math.min(min, values[row]!), Infinity);
        if (SUMMED.includes(name)) return rows.reduce((sum, row) => sum + values[row]!, 0);
        return values[rows.at(-1)!]!;
      }),
    );
  }
  return {
    part: { rowCount: starts.length, columns, rowName: (row) => part.rowName(order[starts[row]!]!) },
    partialMinutes,
  };
}

function minuteOf(time: number): number {
  return time - (time % MINUTE_MS);
}

/** Rows of one time that are equal count once. @throws UserError where they differ */
function withoutEqualRows(part: BarPart, order: Int32Array): Int32Array {
  const times = part.columns.get('open_time_ms')!;
  return order.filter((row, i) => {
    const before = order[i - 1];
    if (before === undefined || times[before] !== times[row]) return true;
    requireEqualRows(part, before, row);
    return false;
  });
}
