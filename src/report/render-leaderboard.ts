import type { Leaderboard } from './leaderboard.ts';
import { leaderboardCsv } from './leaderboard-csv.ts';
import { leaderboardJson } from './leaderboard-json.ts';
import { leaderboardMarkdown } from './leaderboard-markdown.ts';
import { leaderboardText } from './leaderboard-text.ts';
import type { Screen } from './text-table.ts';

export const REPORT_FORMATS = ['table', 'json', 'csv', 'markdown'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** How many rows a person wants who did not say; programs get all. */
export function defaultTop(format: ReportFormat): number | undefined {
  return format === 'table' || format === 'markdown' ? 20 : undefined;
}

/** @param screen counts for `table` only */
export function renderLeaderboard(leaderboard: Leaderboard, format: ReportFormat, screen: Screen): string {
  switch (format) {
    case 'table':
      return leaderboardText(leaderboard, screen);
    case 'json':
      return leaderboardJson(leaderboard);
    case 'csv':
      return leaderboardCsv(leaderboard);
    case 'markdown':
      return leaderboardMarkdown(leaderboard);
  }
}
