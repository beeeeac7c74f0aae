import { log, log1p } from '../../../numerics/elementary/log.ts';
import { BPS } from '../basis-points.ts';
import type { MinuteGrid } from '../minute-grid.ts';
import { windowSums } from './window.ts';
import { WindowColumns } from './window-columns.ts';

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
  /** Squares and parts of `logReturnBps`: r², r² of the falls, |r|, rises, falls (both ≥ 0), and r · r of the minute before. */
  readonly squaredReturn: Float64Array;
  readonly squaredFall: Float64Array;
  readonly absReturn: Float64Array;
  readonly rise: Float64Array;
  readonly fall: Float64Array;
  readonly returnProduct: Float64Array;
  /** ln²(high / low). */
  readonly squaredRange: Float64Array;
  /** Windows over these series. */
  readonly windows: WindowColumns;
};

export function toMinuteSeries(grid: MinuteGrid): MinuteSeries {
  const { high, low, close, volume, trades, takerBuyBase, segmentStart } = grid;
  const inSegment = (slot: number, minutes: number): boolean => slot - minutes + 1 >= segmentStart[slot]!;
  const signedVolume = volume.map((v, slot) => 2 * takerBuyBase[slot]! - v);
  const signedOver = (minutes: number): Float64Array =>
    windowSums(signedVolume, minutes).map((sum, slot) => (inSegment(slot, minutes) ? sum : Number.NaN));
  const logReturnBps = close.map((c, slot) => (inSegment(slot, 2) ? log(c / close[slot - 1]!) * BPS : Number.NaN));
  return {
    ...grid,
    logReturnBps,
    signedVolume,
    signedVolume5m: signedOver(5),
    signedVolume15m: signedOver(15),
    logVolume: volume.map(log1p),
    logTrades: trades.map(log1p),
    logTradeSize: volume.map((v, slot) => (trades[slot]! > 0 ? log1p(v / trades[slot]!) : 0)),
    squaredReturn: logReturnBps.map((r) => r * r),
    squaredFall: logReturnBps.map((r) => Math.min(r, 0) * Math.min(r, 0)),
    absReturn: logReturnBps.map(Math.abs),
    rise: logReturnBps.map((r) => Math.max(r, 0)),
    fall: logReturnBps.map((r) => (r > 0 ? 0 : -r)),
    returnProduct: logReturnBps.map((r, slot) => r * (logReturnBps[slot - 1] ?? Number.NaN)),
    squaredRange: high.map((h, slot) => {
      const range = log(h / low[slot]!);
      return range * range;
    }),
    windows: new WindowColumns(),
  };
}
