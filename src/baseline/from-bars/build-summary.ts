import { DAY_MS } from '../../time-units.ts';
import { SIDES, type Side } from '../splits.ts';
import { SPLIT_NAMES, type SplitName, type Splits } from './assign-splits.ts';
import type { BuildPlan } from './build-plan.ts';
import type { ContinueMetrics } from './continue-metrics.ts';
import { DATA_QUALITY_FLAGS, type DataQualityFlag, INSUFFICIENT_HISTORY } from './data-quality.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';
import { type MissingColumns, missingColumns } from './missing-columns.ts';
import type { SymbolBars } from './read-bars.ts';
import { type SourceAccount, sourceAccount } from './source-account.ts';
import type { EntrySummary, SplitSummary } from './split-summary.ts';
import type { SymbolFrame } from './symbol-frame.ts';
import { tooFewData } from './too-few-data.ts';

/** What a build made and what it left out. */
export type BuildSummary = {
  runId: string;
  folder: string;
  marketFeatureCount: number;
  sources: SourceSummary[];
  splits: SplitSummary[];
  /** Features that are one number in every usable row. */
  constantFeatures: string[];
  /** Where the data are too few to mean anything: what there is and what is needed. */
  warnings: string[];
  /** Rows of the feature frame, by split and quality flag. */
  rows: { [split in SplitName]: { [flag in DataQualityFlag]: number } };
  /** Entry labels by split and side. */
  entryLabels: { [split in SplitName]: { [side in Side]: { rows: number; positives: number } } };
  continueMetrics: ContinueMetrics;
};

export type SourceSummary = SourceAccount & {
  missing: MissingColumns[];
  /** Bars without entry labels: at the end, over missing minutes, off the stride. */
  barsWithoutWindow: number;
  barsOverGap: number;
  barsOffStride: number;
};

export function summarize(made: {
  plan: BuildPlan;
  sources: readonly SymbolBars[];
  frames: readonly SymbolFrame[];
  splits: Splits;
  metrics: ContinueMetrics;
}): BuildSummary {
  const rows = countRows(made.frames);
  const entryLabels = countLabels(made.frames);
  const splits = made.splits.spans.map(({ id, fromMs, toMs }): SplitSummary => {
    const all = Object.values(rows[id]).reduce((sum, count) => sum + count, 0);
    return {
      id,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      days: Math.round(((toMs - fromMs) / DAY_MS) * 10) / 10,
      rows: all,
      usableRows: all - rows[id].INSUFFICIENT_HISTORY,
      entries: { LONG: entriesOf(entryLabels[id].LONG), SHORT: entriesOf(entryLabels[id].SHORT) },
    };
  });
  return {
    runId: made.plan.runId,
    folder: made.plan.folder,
    marketFeatureCount: MARKET_FEATURES.length,
    sources: made.sources.map((source, i) => {
      const { barsWithoutWindow, barsOverGap, barsOffStride } = made.frames[i]!.entryLabels;
      const missing = missingColumns(source.bars);
      return { ...sourceAccount(source), missing, barsWithoutWindow, barsOverGap, barsOffStride };
    }),
    splits,
    constantFeatures: constantFeatures(made.frames),
    warnings: tooFewData(splits),
    rows,
    entryLabels,
    continueMetrics: made.metrics,
  };
}

function entriesOf({ rows, positives }: { rows: number; positives: number }): EntrySummary {
  return { labels: rows, positives, rate: rows > 0 ? positives / rows : null };
}

function constantFeatures(frames: readonly SymbolFrame[]): string[] {
  return MARKET_FEATURES.flatMap(({ name }, j) => {
    let first: number | undefined;
    for (const { features, flag } of frames) {
      const values = features[j]!;
      for (let bar = 0; bar < values.length; bar += 1) {
        if (flag[bar] === INSUFFICIENT_HISTORY) continue;
        first ??= values[bar]!;
        if (values[bar] !== first) return [];
      }
    }
    return first === undefined ? [] : [name];
  });
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
