import { AUC_MIN, MAE_RATIO_MAX } from '../experiment/gates.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { SweepLosses } from '../trust/losses.ts';
import { trustOfSweep } from '../trust/trust-of-sweep.ts';
import type { Leaderboard, LeaderboardTrust } from './leaderboard.ts';
import { tableRows } from './leaderboard-columns.ts';
import type { LeaderboardView } from './read-leaderboard.ts';
import { DaysMissing, sweepLosses } from './sweep-losses.ts';

/** What may be believed of the sweep that a leaderboard is of, and of the rows that its table has. */
export async function leaderboardTrust(
  store: VerdictStore,
  leaderboard: Leaderboard,
  view: LeaderboardView,
): Promise<LeaderboardTrust | null> {
  const { sweep, counts } = leaderboard;
  if (sweep === null || counts.judged === 0) return null;
  let losses: SweepLosses;
  try {
    losses = await sweepLosses(store, { ...view, sweep });
  } catch (error) {
    if (error instanceof DaysMissing) return { statement: null, rows: new Map() };
    throw error;
  }
  const ids = tableRows(leaderboard).map(({ rows: [row] }) => row.outcome.configurationId);
  const statement = trustOfSweep(losses, { aucMin: AUC_MIN, maeRatioMax: MAE_RATIO_MAX }, ids);
  const rows = 'refused' in statement ? [] : statement.rows;
  return { statement, rows: new Map(rows.map((row) => [row.configuration, row])) };
}
