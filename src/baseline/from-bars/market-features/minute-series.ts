import { log, log1p } from '../../../numerics/elementary/log.ts';
import { BPS } from '../basis-points.ts';
import type { MinuteGrid } from '../minute-grid.ts';
import { windowSum } from './window.ts';

/** A minute grid and the series that several features share, (nSlots) each. */
export type MinuteSeries = MinuteGrid & {
  /** ln(close / previous close) in bps; NaN in a segment's first slot. */
  readonly logReturnBps: Float64Array;
  /** Taker buys less taker sells, base units: 2 · taker buys − volume. */
  readonly signedVolume: Float64Array;
  /** `signedVolume` over the last 5 and 15 minutes; NaN where the segment is younger. */
  readonly signedVolume5m: Float64Array;
  readonly signedVolume15m: Float64Array;
  /** ln(1 + x) of volume, of trades, and of volume per trade (0 without trades): volumes are heavy-tailed. */
  readonly logVolume: Float64Array;
  readonly logTrades: Float64Array;
  readonly logTradeSize: Float64Array;
};

export function toMinuteSeries(grid: MinuteGrid): MinuteSeries {
  const { close, volume, trades, takerBuyBase, segmentStart } = grid;
  const inSegment = (slot: number, minutes: number): boolean => slot - minutes + 1 >= segmentStart[slot]!;
  const signedVolume = volume.map((v, slot) => 2 * takerBuyBase[slot]! - v);
  const signedOver = (minutes: number): Float64Array =>
    volume.map((_, slot) => (inSegment(slot, minutes) ? windowSum(signedVolume, slot, minutes) : Number.NaN));
  return {
    ...grid,
    logReturnBps: close.map((c, slot) => (inSegment(slot, 2) ? log(c / close[slot - 1]!) * BPS : Number.NaN)),
    signedVolume,
    signedVolume5m: signedOver(5),
    signedVolume15m: signedOver(15),
    logVolume: volume.map(log1p),
    logTrades: trades.map(log1p),
    logTradeSize: volume.map((v, slot) => (trades[slot]! > 0 ? log1p(v / trades[slot]!) : 0)),
  };
}
