import type { BuildSummary } from '../baseline/from-bars/build-summary.ts';
import type { EntrySummary, SplitSummary } from '../baseline/from-bars/split-summary.ts';
import { countOf, countText } from '../counts.ts';
import { labelled, minuteText, sourceLines } from './bars-text.ts';
import { MISSING } from './number-text.ts';
import { printable } from './printable.ts';
import { columnsOver, textTable } from './text-table.ts';

/**
 * What `sweep baseline build` prints: what was understood of which files, what was made of them, where the data are too
 * few, and what to do next.
 *
 * @param next the command that goes on
 */
export function baselineBuildText(summary: BuildSummary, next: string): string {
  const { runId, folder, sources, splits, constantFeatures, warnings } = summary;
  const bars = sources.reduce((sum, source) => sum + source.bars, 0);
  return [
    `baseline run ${printable(runId)}: ${countOf(summary.marketFeatureCount, 'market feature')} of ${countOf(bars, 'bar')}`,
    ...sources.flatMap((source) => ['', ...sourceLines(source)]),
    '',
    ...splitTable(splits),
    '',
    ...labelled('constant', constantText(constantFeatures)),
    ...labelled('files', printable(folder)),
    ...warnings.map((warning) => `warning: ${warning}`),
    `next: ${next}   writes a sweep definition for it`,
  ].join('\n');
}

function splitTable(splits: readonly SplitSummary[]): string[] {
  const { left, right } = columnsOver(splits);
  const columns = [
    left('split', ({ id }) => id),
    left('from (UTC)', ({ from }) => minuteText(from)),
    left('to', ({ to }) => minuteText(to)),
    right('days', ({ days }) => days.toFixed(1)),
    right('rows', ({ rows }) => countText(rows)),
    right('usable', ({ usableRows }) => countText(usableRows)),
    right('long entries', ({ entries }) => entriesText(entries.LONG)),
    right('short entries', ({ entries }) => entriesText(entries.SHORT)),
  ];
  return [...textTable(columns, { width: 120, color: false }).lines];
}

function entriesText({ positives, rate }: EntrySummary): string {
  return `${countText(positives)} (${rate === null ? MISSING : `${(100 * rate).toFixed(1)}%`})`;
}

function constantText(features: readonly string[]): string {
  if (features.length === 0) return '';
  return `${countOf(features.length, 'feature')} the same in every row: ${features.join(', ')}`;
}
