import type { GateBins } from '../../page-data/report.ts';
import type { Rows } from '../rows/rows.ts';

/**
 * One gate's margins in ranking order, as bars that fit a width: a bar a configuration where there is room, else a bar a
 * pixel, with the worst margin of those that fall on it, never their mean.
 */
export type Strip = {
  /** NaN: nothing is known there. */
  readonly worst: Float64Array;
  /** Rows that fall on the bar and are selected, at least one: 1. */
  readonly isLit: Uint8Array;
  /** Above and below 0, at least a little of each where there is any. */
  readonly above: number;
  readonly below: number;
};

/** How many bars a width has for so many rows. */
export function barCount(rows: number, width: number): number {
  return Math.max(1, Math.min(rows, Math.floor(width)));
}

/** The rows [from, to) of a bar. */
export function rowsOfBar(bar: number, bars: number, rows: number): readonly [from: number, to: number] {
  return [
    Math.floor((bar * rows) / bars),
    Math.max(Math.floor(((bar + 1) * rows) / bars), Math.floor((bar * rows) / bars) + 1),
  ];
}

export function stripOfRows(margins: ArrayLike<number>, ranked: number, bars: number, selected: Uint8Array): Strip {
  const worst = new Float64Array(bars).fill(Number.NaN);
  const isLit = new Uint8Array(bars);
  for (let bar = 0; bar < bars; bar += 1) {
    const [from, to] = rowsOfBar(bar, bars, ranked);
    for (let row = from; row < to && row < ranked; row += 1) {
      const margin = margins[row]!;
      if (!(worst[bar]! <= margin) && !Number.isNaN(margin)) worst[bar] = margin;
      if (selected[row] === 1) isLit[bar] = 1;
    }
  }
  return withReach(worst, isLit);
}

export function stripOfBins({ worst }: GateBins, gate: number): Strip {
  const margins = Float64Array.from(worst[gate] ?? [], (margin) => margin ?? Number.NaN);
  return withReach(margins, new Uint8Array(margins.length).fill(1));
}

function withReach(worst: Float64Array, isLit: Uint8Array): Strip {
  let above = 0;
  let below = 0;
  for (const margin of worst) {
    if (margin > above) above = margin;
    if (-margin > below) below = -margin;
  }
  return { worst, isLit, above, below };
}

/** Rows that have a rank: the first ones. */
export function rankedCount(rows: Rows): number {
  let count = rows.count;
  while (count > 0 && rows.number('rank', count - 1) === 0) count -= 1;
  return count;
}
