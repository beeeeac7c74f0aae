import type { Json } from '../canonical-json.ts';
import { axisEffect } from '../sweep/axis-effects.ts';
import { type Entry, RECORD_FIELDS } from './fields.ts';
import type { Leaderboard } from './leaderboard.ts';
import { printableJson } from './printable.ts';
import { statusOf } from './verdict-words.ts';

/** For programs: whole ids, whole numbers, every parameter. One document, or a list of those of all baseline runs. */
export function leaderboardJson(leaderboards: readonly Leaderboard[], isAll: boolean): string {
  const documents = leaderboards.map(documentOf);
  return printableJson(isAll ? { leaderboards: documents } : documents[0]);
}

function documentOf(leaderboard: Leaderboard) {
  const { sort, at, show } = leaderboard;
  return {
    sweep: leaderboard.sweep,
    baselines: leaderboard.baselineRunIds,
    sortedBy:
      sort === null
        ? null
        : { field: sort.field.name, descending: sort.descending, spendsLockedSplit: sort.field.spendsLockedSplit },
    conditions: leaderboard.conditions,
    status: leaderboard.status,
    warnings: leaderboard.warnings,
    counts: leaderboard.counts,
    matchingCount: leaderboard.matchingCount,
    lockedSplits: leaderboard.lockedSplits,
    constant: Object.fromEntries(leaderboard.constant.map(({ axis, value }) => [axis, value])),
    rows: leaderboard.rows.map((row) => ({
      ...recordOf(row, at, show),
      status: statusOf(row.outcome),
      unconverged: row.unconverged,
    })),
    bestPass: leaderboard.bestPass?.outcome.configurationId ?? null,
    errors: leaderboard.failures.map((entry) => ({
      ...recordOf(entry, at, show),
      error: entry.outcome.error,
      attempts: entry.outcome.attempts,
    })),
    errorReasons: leaderboard.errorReasons,
    axes: leaderboard.axes.map((summary) => ({ ...summary, moves: axisEffect(summary.axis).moves })),
  };
}

/** Under the names of the columns; ages as a list. */
function recordOf(entry: Entry, at: Leaderboard['at'], show: Leaderboard['show']): { [name: string]: Json } {
  const fields = [...RECORD_FIELDS, ...show];
  const { agesMinutes } = entry.outcome.configuration;
  return {
    ...Object.fromEntries(fields.map((field) => [field.name, field.read(entry, at)])),
    ages: [...agesMinutes],
  };
}
