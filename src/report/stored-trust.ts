import { AUC_MIN, MAE_RATIO_MAX } from '../experiment/gates.ts';
import type { StoredOutcome } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { SweepLosses } from '../trust/losses.ts';
import { type TrustStatement, trustOfSweep } from '../trust/trust-of-sweep.ts';
import type { TrustRow } from '../trust/trust-row.ts';
import type { Leaderboard, LeaderboardTrust } from './leaderboard.ts';
import { tableRows } from './leaderboard-columns.ts';
import type { LeaderboardView } from './read-leaderboard.ts';
import { type Standings, standingsOf } from './standings.ts';
import { looksBeside, type NamedBook, type SweepBudget, sweepBudget, sweepLooks } from './sweep-budget.ts';
import { DaysMissing, type SweepQuery, sweepLosses } from './sweep-losses.ts';
import { TooMany } from './too-many.ts';

/**
 * What may be believed of the sweep that a leaderboard is of, and of the rows that its table has.
 *
 * @param others stores and ledgers whose looks at the locked splits are counted, too
 */
export async function leaderboardTrust(
  store: VerdictStore,
  leaderboard: Leaderboard,
  view: LeaderboardView,
  others: readonly NamedBook[] = [],
): Promise<LeaderboardTrust | null> {
  try {
    return await knownTrust(store, leaderboard, view, others);
  } catch (error) {
    if (error instanceof TooMany) return noneKnown(error.message);
    throw error;
  }
}

async function knownTrust(
  store: VerdictStore,
  leaderboard: Leaderboard,
  view: LeaderboardView,
  others: readonly NamedBook[],
): Promise<LeaderboardTrust | null> {
  const { sweep, counts, rows: matching, failures } = leaderboard;
  // Nothing is to be believed of nothing.
  if (sweep === null || counts.judged === 0 || matching.length + failures.length === 0) return null;
  const shown = tableRows(leaderboard).map(({ rows: [row] }) => row);
  const losses = await knownLosses(store, { ...view, sweep }, standingsOf(shown));
  if (losses === null)
    return noneKnown('the days of its datasets are not in the store yet: the next sweep run adds them');
  const ids = shown.map(({ outcome }) => outcome.configurationId);
  const statement = trustOfSweep(losses, LIMITS, { shown: ids, byPlace: true });
  if ('refused' in statement) return { ...noneKnown(null), statement };
  const beside = await looksBeside(store, { ...view, sweep }, others);
  const looks = beside && sweepLooks(beside);
  return { statement, whyNone: null, rows: new Map(statement.rows.map((row) => [row.configuration, row])), looks };
}

function noneKnown(whyNone: string | null): LeaderboardTrust {
  return { statement: null, whyNone, rows: new Map(), looks: null };
}

/** What may be believed of one verdict, among those of a sweep that shows it. */
export type OutcomeTrust = {
  readonly sweep: string;
  readonly row: TrustRow;
  readonly statement: TrustStatement;
  /** What was spent of its locked splits by all; null where the sweep's own looks are all that are known. */
  readonly budget: SweepBudget | null;
};

/**
 * @param sweep the one to see it in, where it is in several; by default that whose run made it
 * @param others stores and ledgers whose looks at the locked splits are counted, too
 * @returns null where nothing can be said: it was not judged, its days are too few, or the store does not know them
 */
export async function outcomeTrust(
  store: VerdictStore,
  outcome: StoredOutcome,
  sweep: string | undefined,
  others: readonly NamedBook[],
): Promise<OutcomeTrust | null> {
  const { configurationId, run, sweeps, dataset, code } = outcome;
  const seenIn = sweep ?? sweeps.find((name) => name === run.sweepName) ?? sweeps[0];
  if (outcome.kind === 'failed' || seenIn === undefined) return null;
  const query = { sweep: seenIn, data: dataset.dataHash, code: code.hash };
  const losses = await knownLosses(store, query);
  if (losses === null) return null;
  const statement = trustOfSweep(losses, LIMITS, { shown: [configurationId], withChances: true, byPlace: true });
  const row = 'refused' in statement ? undefined : statement.rows[0];
  if ('refused' in statement || row === undefined) return null;
  const looks = await looksBeside(store, query, others);
  return { sweep: seenIn, row, statement, budget: looks && sweepBudget(looks, statement.blocks) };
}

const LIMITS = { aucMin: AUC_MIN, maeRatioMax: MAE_RATIO_MAX };

/** Null where the store does not know the days of the sweep's datasets. */
async function knownLosses(store: VerdictStore, query: SweepQuery, standings?: Standings): Promise<SweepLosses | null> {
  try {
    return await sweepLosses(store, query, standings);
  } catch (error) {
    if (error instanceof DaysMissing) return null;
    throw error;
  }
}
