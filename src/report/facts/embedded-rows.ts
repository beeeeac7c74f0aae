import { countOf, countText } from '../../counts.ts';
import type { NamedRow } from './named-configurations.ts';
import type { ReportTable } from './report-table.ts';

/** Up to here a report holds every row. */
const MOST_ROWS = 20_000;
/** Beyond it, so many passes behind the best by tune. */
const MOST_PASSES = 5000;
const MOST_FAILED = 1000;
/** Values of every side, set and split stand in a report of at most so many rows. */
const MOST_WITH_METRICS = 10_000;
/** Intervals of gates take a millisecond each. */
const MOST_TRUSTED = 2000;
const FIRST_TRUSTED = 300;

/** Which rows of a table a report holds, which of them with intervals, and what it says of the others. */
export type Embedding = {
  /** Rows of the judged ones, ascending. */
  readonly judged: readonly number[];
  readonly failedCount: number;
  readonly hasMetrics: boolean;
  readonly isSampled: boolean;
  readonly trusted: readonly number[];
  readonly leftOut: readonly string[];
};

/**
 * Above 20,000 rows: the best 20,000 by tune, and behind them passes up to 5,000 in all, and those that are named. Figures
 * of all rows were computed before.
 */
export function embeddingOf(table: ReportTable, named: readonly NamedRow[]): Embedding {
  const count = table.judged.length;
  const isSampled = count > MOST_ROWS;
  const passes = [...table.verdicts.keys()].filter((row) => table.verdicts[row] === 'pass');
  const kept = new Set<number>(isSampled ? [] : table.judged.keys());
  if (isSampled) {
    for (let row = 0; row < MOST_ROWS; row += 1) kept.add(row);
    for (const row of passes.slice(0, MOST_PASSES)) kept.add(row);
    for (const { row } of named) kept.add(row);
  }
  const trusted = new Set<number>(count <= MOST_TRUSTED ? table.judged.keys() : named.map(({ row }) => row));
  if (count > MOST_TRUSTED) {
    for (let row = 0; row < FIRST_TRUSTED; row += 1) trusted.add(row);
    for (const row of passes.slice(0, FIRST_TRUSTED)) trusted.add(row);
  }
  const failedCount = Math.min(table.failed.length, MOST_FAILED);
  const hasMetrics = count <= MOST_WITH_METRICS;
  const keptPasses = passes.filter((row) => kept.has(row)).length;
  return {
    judged: [...kept].sort((a, b) => a - b),
    failedCount,
    hasMetrics,
    isSampled,
    trusted: [...trusted],
    leftOut: [
      ...(isSampled
        ? [
            `${countText(kept.size)} of ${countOf(count, 'judged configuration')} stand in this file: the best ${countText(MOST_ROWS)} by tune, and ${countText(keptPasses)} of ${countText(passes.length)} that pass. Figures, shares and counts are of all.`,
          ]
        : []),
      ...(failedCount < table.failed.length
        ? [`${countText(failedCount)} of ${countText(table.failed.length)} that could not be judged are listed.`]
        : []),
      ...(hasMetrics
        ? []
        : [
            `Values of each side and feature set are left out above ${countText(MOST_WITH_METRICS)} rows; sweep show ID has them.`,
          ]),
      ...(trusted.size < count
        ? [
            `Intervals and flips of gates stand here for ${countText(trusted.size)} of ${countText(count)}: the first by tune, the first that pass, and those named; sweep show ID has them of any.`,
          ]
        : []),
    ],
  };
}
