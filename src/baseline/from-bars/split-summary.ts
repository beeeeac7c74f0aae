import type { Side, SplitId } from '../splits.ts';

export type SplitSummary = {
  id: SplitId;
  /** UTC, ISO 8601: the first minute, and the first that is no longer of it; the gap before the next split included. */
  from: string;
  to: string;
  days: number;
  rows: number;
  /** Rows with enough history for every feature. */
  usableRows: number;
  entries: { [side in Side]: EntrySummary };
};

/** Entry labels of one side: how many there are, how many are 1, and their share (null without labels). */
export type EntrySummary = { labels: number; positives: number; rate: number | null };
