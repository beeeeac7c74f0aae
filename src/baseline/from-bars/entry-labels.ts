import { MINUTE_MS } from '../../time-units.ts';
import { SIDES } from '../splits.ts';
import type { Bars } from './bars.ts';
import { type LabelRule, type PathOutcomes, pathTargets } from './path-outcomes.ts';

/** One symbol's entry labels, a row a bar and side, in time order, LONG before SHORT. */
export type EntryLabels = {
  /** The bar the label belongs to. */
  readonly bar: Int32Array;
  /** Indexes into SIDES. */
  readonly side: Uint8Array;
  /** 1: a position opened at the bar's close earns its cost and the least edge within the horizon, its stop untouched. */
  readonly target: Uint8Array;
  /** Bars without labels: no whole window after them, a window over missing minutes, off the stride. */
  readonly barsWithoutWindow: number;
  readonly barsOverGap: number;
  readonly barsOffStride: number;
};

/**
 * Labels whose window spans missing minutes are left out: whether the stop was touched in them is not known.
 *
 * @param strideMinutes only bars whose minute since 1970 is a multiple of it are labelled
 */
export function entryLabels(bars: Bars, outcomes: PathOutcomes, rule: LabelRule, strideMinutes: number): EntryLabels {
  const targets = pathTargets(outcomes, rule);
  const bar = new Int32Array(outcomes.count * SIDES.length);
  const side = new Uint8Array(bar.length);
  const target = new Uint8Array(bar.length);
  let rows = 0;
  let barsOverGap = 0;
  let barsOffStride = 0;
  for (let i = 0; i < outcomes.count; i += 1) {
    if ((bars.openTimeMs[i]! / MINUTE_MS) % strideMinutes !== 0) {
      barsOffStride += 1;
    } else if (outcomes.spansGap[i] === 1) {
      barsOverGap += 1;
    } else {
      for (const [code, name] of SIDES.entries()) {
        bar[rows] = i;
        side[rows] = code;
        target[rows] = targets[name][i]!;
        rows += 1;
      }
    }
  }
  return {
    bar: bar.slice(0, rows),
    side: side.slice(0, rows),
    target: target.slice(0, rows),
    barsWithoutWindow: bars.openTimeMs.length - outcomes.count,
    barsOverGap,
    barsOffStride,
  };
}
