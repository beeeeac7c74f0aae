import { SIDES, type Side } from '../splits.ts';
import { SPLIT_NAMES, type SplitName } from './assign-splits.ts';
import type { BadRow } from './bad-rows.ts';
import type { BarsAccount } from './bars.ts';
import type { BuildPlan } from './build-plan.ts';
import type { ContinueMetrics } from './continue-metrics.ts';
import { DATA_QUALITY_FLAGS, type DataQualityFlag } from './data-quality.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';
import type { SymbolBars } from './read-bars.ts';
import type { ReadingAccount } from './reading-account.ts';
import type { SymbolFrame } from './symbol-frame.ts';

/** What a build made and what it left out. */
export type BuildSummary = {
  runId: string;
  folder: string;
  marketFeatureCount: number;
  sources: SourceSummary[];
  /** Rows of the feature frame, by split and quality flag. */
  rows: { [split in SplitName]: { [flag in DataQualityFlag]: number } };
  /** Entry labels by split and side. */
  entryLabels: { [split in SplitName]: { [side in Side]: { rows: number; positives: number } } };
  continueMetrics: ContinueMetrics;
};

export type SourceSummary = BarsAccount & {
  symbol: string;
  files: { path: string; sha256: string }[];
  /** What was understood of the files. */
  readings: ReadingAccount[];
  /** Rows that broke a rule and were left out. */
  badRows: BadRow[];
  /** Bars without entry labels: at the end, over missing minutes, off the stride. */
  barsWithoutWindow: number;
  barsOverGap: number;
  barsOffStride: number;
};

export function summarize(made: {
  plan: BuildPlan;
  sources: readonly SymbolBars[];
  frames: readonly SymbolFrame[];
  metrics: ContinueMetrics;
}): BuildSummary {
  return {
    runId: made.plan.runId,
    folder: made.plan.folder,
    marketFeatureCount: MARKET_FEATURES.length,
    sources: made.sources.map(({ bars, files, readings, badRows, account }, i) => {
      const { barsWithoutWindow, barsOverGap, barsOffStride } = made.frames[i]!.entryLabels;
      return {
        symbol: bars.symbol,
        files: [...files],
        readings: [...readings],
        badRows: [...badRows],
        ...account,
        barsWithoutWindow,
        barsOverGap,
        barsOffStride,
      };
    }),
    rows: countRows(made.frames),
    entryLabels: countLabels(made.frames),
    continueMetrics: made.metrics,
  };
}

function countRows(frames: readonly SymbolFrame[]): BuildSummary['rows'] {
  const counts = bySplit(() => ({ OK: 0, PARTIAL_OPTIONAL: 0, INSUFFICIENT_HISTORY: 0 }));
  for (const { split, flag } of frames) {
    for (const [bar, code] of split.entries()) counts[SPLIT_NAMES[code]!][DATA_QUALITY_FLAGS[flag[bar]!]!] += 1;
  }
  return counts;
}

function countLabels(frames: readonly SymbolFrame[]): BuildSummary['entryLabels'] {
  const counts = bySplit(() => ({ LONG: { rows: 0, positives: 0 }, SHORT: { rows: 0, positives: 0 } }));
  for (const { split, entryLabels } of frames) {
    for (const [i, bar] of entryLabels.bar.entries()) {
      const count = counts[SPLIT_NAMES[split[bar]!]!][SIDES[entryLabels.side[i]!]!];
      count.rows += 1;
      count.positives += entryLabels.target[i]!;
    }
  }
  return counts;
}

function bySplit<T>(make: () => T): { [split in SplitName]: T } {
  return { fit_inner: make(), tune: make(), validation_locked: make(), latest_stress: make(), purged: make() };
}
