import { SIDES } from '../splits.ts';
import { type Bars, MINUTE_MS } from './bars.ts';
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
  const bar: number[] = [];
  const side: number[] = [];
  const target: number[] = [];
  let barsOverGap = 0;
  let barsOffStride = 0;
  for (let i = 0; i < outcomes.count; i += 1) {
    if ((bars.openTimeMs[i]! / MINUTE_MS) % strideMinutes !== 0) {
      barsOffStride += 1;
    } else if (outcomes.spansGap[i] === 1) {
      barsOverGap += 1;
    } else {
      for (const [code, name] of SIDES.entries()) {
        bar.push(i);
        side.push(code);
        target.push(targets[name][i]!);
      }
    }
  }
  return {
    bar: Int32Array.from(bar),
    side: Uint8Array.from(side),
    target: Uint8Array.from(target),
    barsWithoutWindow: bars.openTimeMs.length - outcomes.count,
    barsOverGap,
    barsOffStride,
  };
}
