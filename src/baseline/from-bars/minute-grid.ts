import { MINUTE_MS } from '../../time-units.ts';
import type { Bars, BookColumns } from './bars.ts';

/**
 * Bars with their missing minutes filled in, so that a window of k slots is a window of k minutes. A slot is one
 * minute; a filled one has no volume and stands at the last close, which is all that was known then.
 *
 * A gap of `longestLookback` minutes or more is not filled: no window reaches across it, so a new segment starts
 * there and history starts anew.
 */
export type MinuteGrid = {
  /** (nBars) the bar's slot. */
  readonly slotOfBar: Int32Array;
  /** (nSlots) first slot of the slot's segment. */
  readonly segmentStart: Int32Array;
  /** (nSlots + 1) real bars before the slot. */
  readonly barsBefore: Int32Array;
  /** (nSlots) each. */
  readonly openTimeMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly quoteVolume: Float64Array;
  readonly trades: Float64Array;
  readonly takerBuyBase: Float64Array;
  /** NaN in filled slots and where there is no usable poll; null for a source without a book. */
  readonly book: BookColumns | null;
};

/**
 * Columns that the source lacks become: quote volume = volume · (high + low + close) / 3; trades = 0; taker buys = half
 * of the volume, which makes every imbalance 0.
 *
 * @param longestLookback minutes, ≥ 1
 */
export function toMinuteGrid(bars: Bars, longestLookback: number): MinuteGrid {
  const { slotOfBar, nSlots } = slotsOfBars(bars.openTimeMs, longestLookback);
  const column = (): Float64Array => new Float64Array(nSlots);
  const grid = {
    slotOfBar,
    segmentStart: new Int32Array(nSlots),
    barsBefore: new Int32Array(nSlots + 1),
    openTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    quoteVolume: column(),
    trades: column(),
    takerBuyBase: column(),
    book: bars.book && {
      bid: column().fill(Number.NaN),
      ask: column().fill(Number.NaN),
      bidSize: column().fill(Number.NaN),
      askSize: column().fill(Number.NaN),
    },
  };
  let slot = 0;
  let segmentStart = 0;
  for (let bar = 0; bar < slotOfBar.length; bar += 1) {
    const barSlot = slotOfBar[bar]!;
    const missing = bar === 0 ? 0 : (bars.openTimeMs[bar]! - bars.openTimeMs[bar - 1]!) / MINUTE_MS - 1;
    if (missing > 0 && barSlot === slot) segmentStart = barSlot;
    for (; slot < barSlot; slot += 1) {
      fillSlot(grid, slot);
      grid.segmentStart[slot] = segmentStart;
    }
    copyBar(grid, slot, bars, bar);
    grid.segmentStart[slot] = segmentStart;
    slot += 1;
  }
  return grid;
}

function slotsOfBars(openTimeMs: Float64Array, longestLookback: number): { slotOfBar: Int32Array; nSlots: number } {
  const slotOfBar = new Int32Array(openTimeMs.length);
  for (let bar = 1; bar < openTimeMs.length; bar += 1) {
    const minutes = (openTimeMs[bar]! - openTimeMs[bar - 1]!) / MINUTE_MS;
    slotOfBar[bar] = slotOfBar[bar - 1]! + (minutes > longestLookback ? 1 : minutes);
  }
  return { slotOfBar, nSlots: openTimeMs.length === 0 ? 0 : slotOfBar.at(-1)! + 1 };
}

function fillSlot(grid: MinuteGrid, slot: number): void {
  const lastClose = grid.close[slot - 1]!;
  grid.barsBefore[slot + 1] = grid.barsBefore[slot]!;
  grid.openTimeMs[slot] = grid.openTimeMs[slot - 1]! + MINUTE_MS;
  grid.open[slot] = lastClose;
  grid.high[slot] = lastClose;
  grid.low[slot] = lastClose;
  grid.close[slot] = lastClose;
}

function copyBar(grid: MinuteGrid, slot: number, bars: Bars, bar: number): void {
  const [high, low, close, volume] = [bars.high[bar]!, bars.low[bar]!, bars.close[bar]!, bars.volume[bar]!];
  grid.barsBefore[slot + 1] = grid.barsBefore[slot]! + 1;
  grid.openTimeMs[slot] = bars.openTimeMs[bar]!;
  grid.open[slot] = bars.open[bar]!;
  grid.high[slot] = high;
  grid.low[slot] = low;
  grid.close[slot] = close;
  grid.volume[slot] = volume;
  grid.quoteVolume[slot] = bars.quoteVolume?.[bar] ?? (volume * (high + low + close)) / 3;
  grid.trades[slot] = bars.trades?.[bar] ?? 0;
  grid.takerBuyBase[slot] = bars.takerBuyBase?.[bar] ?? volume / 2;
  if (grid.book && bars.book) {
    grid.book.bid[slot] = bars.book.bid[bar]!;
    grid.book.ask[slot] = bars.book.ask[bar]!;
    grid.book.bidSize[slot] = bars.book.bidSize[bar]!;
    grid.book.askSize[slot] = bars.book.askSize[bar]!;
  }
}
