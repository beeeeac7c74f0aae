import type { SplitId } from '../splits.ts';
import { SPLIT_NAMES } from './assign-splits.ts';
import type { Bars } from './bars.ts';
import type { BuildPlan } from './build-plan.ts';
import { dataQualityFlags, INSUFFICIENT_HISTORY } from './data-quality.ts';
import { type EntryLabels, entryLabels } from './entry-labels.ts';
import { LONGEST_LOOKBACK_MINUTES, marketFeatureColumns } from './market-features/market-features.ts';
import { toMinuteGrid } from './minute-grid.ts';
import { type PathOutcomes, pathOutcomes } from './path-outcomes.ts';

/** Everything a build knows of one symbol; columns are (nBars). */
export type SymbolFrame = {
  readonly bars: Bars;
  /** One column a market feature, in model order. */
  readonly features: readonly Float32Array[];
  /** Indexes into DATA_QUALITY_FLAGS, into SPLIT_NAMES, and the fold. */
  readonly flag: Uint8Array;
  readonly split: Uint8Array;
  readonly fold: Int32Array;
  readonly entryOutcomes: PathOutcomes;
  readonly continueOutcomes: PathOutcomes;
  readonly entryLabels: EntryLabels;
};

/** @param split and fold as `assignSplits` gives them for this symbol */
export function toSymbolFrame(bars: Bars, split: Uint8Array, fold: Int32Array, plan: BuildPlan): SymbolFrame {
  const grid = toMinuteGrid(bars, LONGEST_LOOKBACK_MINUTES);
  const entryOutcomes = pathOutcomes(bars, plan.entryHorizonMinutes);
  const rule = { ...plan, minExpectedEdgeBps: plan.minExpectedEntryEdgeBps };
  return {
    bars,
    features: marketFeatureColumns(grid),
    flag: dataQualityFlags(bars, grid),
    split,
    fold,
    entryOutcomes,
    continueOutcomes: pathOutcomes(bars, plan.continueHorizonMinutes),
    entryLabels: entryLabels(bars, entryOutcomes, rule, plan.entryStrideMinutes),
  };
}

/** One bar of one symbol. */
export type FrameRow = { readonly frame: SymbolFrame; readonly bar: number };

/**
 * The rows of a split that a model may learn from or be judged on: enough history, and an outcome over no gap. Of more than
 * `limit` every k-th, k the least that leaves at most so many: neighbouring minutes share most of their windows anyway.
 */
export function usableRows(
  frames: readonly SymbolFrame[],
  split: SplitId,
  outcomesOf: (frame: SymbolFrame) => PathOutcomes,
  limit = Number.POSITIVE_INFINITY,
): FrameRow[] {
  const code = SPLIT_NAMES.indexOf(split);
  const isUsable = (frame: SymbolFrame, bar: number): boolean =>
    frame.split[bar] === code && frame.flag[bar] !== INSUFFICIENT_HISTORY && outcomesOf(frame).spansGap[bar] === 0;
  let count = 0;
  for (const frame of frames) {
    const bars = outcomesOf(frame).count;
    for (let bar = 0; bar < bars; bar += 1) if (isUsable(frame, bar)) count += 1;
  }
  const stride = Math.max(1, Math.ceil(count / limit));
  const rows: FrameRow[] = [];
  let usable = 0;
  for (const frame of frames) {
    const bars = outcomesOf(frame).count;
    for (let bar = 0; bar < bars; bar += 1) {
      if (!isUsable(frame, bar)) continue;
      if (usable % stride === 0) rows.push({ frame, bar });
      usable += 1;
    }
  }
  return rows;
}
