import { SIDE_FIELDS } from './fields.ts';
import type { Leaderboard, LeaderboardQuery } from './leaderboard.ts';
import { leaderboardCsv } from './leaderboard-csv.ts';
import { leaderboardJson } from './leaderboard-json.ts';
import { leaderboardMarkdown } from './leaderboard-markdown.ts';
import { leaderboardText } from './leaderboard-text.ts';
import type { Screen } from './text-table.ts';

export const REPORT_FORMATS = ['table', 'json', 'csv', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What a person wants who did not say, and a program: rows and folds, and the columns that a wide screen has room for. */
export function formatDefaults(
  format: ReportFormat,
  screen: Screen,
): Pick<LeaderboardQuery, 'top' | 'fold' | 'wanted'> {
  const isForPeople = format === 'table' || format === 'markdown';
  // What no column shows need not be read.
  const wanted = format === 'table' && screen.width >= WIDE ? SIDE_FIELDS : [];
  return { top: isForPeople ? 20 : undefined, fold: isForPeople, wanted };
}

/** Columns that the sides' figures need to stand beside the others. */
const WIDE = 110;

/**
 * @param isAll whether they are the leaderboards of all baseline runs, however many these are
 * @param screen counts for `table` only
 */
export function renderLeaderboards(
  leaderboards: readonly Leaderboard[],
  isAll: boolean,
  format: ReportFormat,
  screen: Screen,
): string {
  switch (format) {
    case 'table':
      return leaderboards.map((leaderboard) => leaderboardText(leaderboard, screen)).join('\n');
    case 'json':
      return leaderboardJson(leaderboards, isAll);
    case 'csv':
      return leaderboardCsv(leaderboards);
    case 'markdown':
      return leaderboards.map(leaderboardMarkdown).join('\n');
  }
}
