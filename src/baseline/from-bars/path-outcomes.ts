import { MINUTE_MS } from '../../time-units.ts';
import { SIDES, type Side } from '../splits.ts';
import type { Bars } from './bars.ts';
import { BPS } from './basis-points.ts';
import { windowMaxima, windowMinima } from './market-features/window.ts';

/** What became of a position opened at each bar's close and held for `horizon` rows, before cost. */
export type PathOutcomes = {
  readonly horizon: number;
  /** Bars with a whole window: the last `horizon` bars have none. The columns below are (count). */
  readonly count: number;
  /** 1 where the window's rows take longer than `horizon` minutes: what happened in the hole is not known. */
  readonly spansGap: Uint8Array;
  readonly bySide: { readonly [side in Side]: { readonly returnBps: Float64Array; readonly adverseBps: Float64Array } };
};

/**
 * The experiment's own path statistics. The window of bar i is the rows i + 1 to i + horizon; entry = close[i],
 * exit = close[i + horizon]:
 *
 *   LONG   return = (exit / entry − 1) 1e4,  adverse = max(0, (entry / lowest low − 1) 1e4)
 *   SHORT  return = (entry / exit − 1) 1e4,  adverse = max(0, (highest high / entry − 1) 1e4)
 *
 * @param horizon rows, ≥ 1
 */
export function pathOutcomes({ openTimeMs, high, low, close }: Bars, horizon: number): PathOutcomes {
  const count = Math.max(0, close.length - horizon);
  const spansGap = new Uint8Array(count);
  const columns = () => ({ returnBps: new Float64Array(count), adverseBps: new Float64Array(count) });
  const bySide = { LONG: columns(), SHORT: columns() };
  const [lowest, highest] = [windowMinima(low, horizon), windowMaxima(high, horizon)];
  for (let i = 0; i < count; i += 1) {
    const entry = close[i]!;
    const exit = close[i + horizon]!;
    spansGap[i] = openTimeMs[i + horizon]! - openTimeMs[i]! > horizon * MINUTE_MS ? 1 : 0;
    bySide.LONG.returnBps[i] = (exit / entry - 1) * BPS;
    bySide.LONG.adverseBps[i] = Math.max(0, (entry / lowest[i + horizon]! - 1) * BPS);
    bySide.SHORT.returnBps[i] = (entry / exit - 1) * BPS;
    bySide.SHORT.adverseBps[i] = Math.max(0, (highest[i + horizon]! / entry - 1) * BPS);
  }
  return { horizon, count, spansGap, bySide };
}

export type LabelRule = {
  readonly costBps: number;
  readonly stopDistanceBps: number;
  readonly minExpectedEdgeBps: number;
};

/** (count) per side: 1 where return − cost ≥ the least edge and the stop was not touched (adverse < stop), else 0. */
export function pathTargets(outcomes: PathOutcomes, rule: LabelRule): { [side in Side]: Uint8Array } {
  const targets = (side: Side): Uint8Array => {
    const { returnBps, adverseBps } = outcomes.bySide[side];
    const out = new Uint8Array(returnBps.length);
    for (let i = 0; i < out.length; i += 1) {
      const isWorth = returnBps[i]! - rule.costBps >= rule.minExpectedEdgeBps && adverseBps[i]! < rule.stopDistanceBps;
      out[i] = isWorth ? 1 : 0;
    }
    return out;
  };
  return { LONG: targets(SIDES[0]), SHORT: targets(SIDES[1]) };
}
