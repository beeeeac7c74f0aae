import { compareText } from '../compare-text.ts';
import type { OutcomeOrigin, OutcomeQuery } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { largeLeaderboard } from './large-leaderboard.ts';
import {
  assembleLeaderboard,
  type Leaderboard,
  type LeaderboardFacts,
  type LeaderboardQuery,
  type LeaderboardRequest,
  parseLeaderboardQuery,
} from './leaderboard.ts';
import { refuseTooMany } from './too-many.ts';

/** Which verdicts: those of one sweep, or all of a store, by the data that they are on. */
export type LeaderboardScope = { readonly sweep: string } | 'all';
/** On which data and by which code, where not on those of the sweep's last run. */
export type LeaderboardView = Pick<OutcomeQuery, 'data' | 'code'>;

/**
 * Reads and assembles: one leaderboard, or with `all` one for each baseline run, since figures on different data do not
 * compare.
 *
 * @param mostRead of a sweep with more configurations, in a database, those alone are read that are shown
 * @throws UserError when there is no such sweep, or the query makes no sense
 */
export async function readLeaderboards(
  store: VerdictStore,
  scope: LeaderboardScope,
  query: LeaderboardQuery,
  { data, code }: LeaderboardView = {},
  mostRead = MOST_READ,
): Promise<Leaderboard[]> {
  const request = parseLeaderboardQuery(query);
  if (scope === 'all') return readAll(store, request, { data, code });
  const { sweep } = scope;
  const view = { sweep, data, code, metrics: request.columns };
  const { ranked } = store;
  if (ranked !== null && (await ranked.size(sweep)) > mostRead) {
    const large = await store.atOneMoment(() => largeLeaderboard(ranked, view, request));
    return [await withShortIds(store, large)];
  }
  return [await withShortIds(store, assembleLeaderboard(await store.outcomes(view), request, { sweep }))];
}

/** Configurations of a sweep whose outcomes are read to be counted and put in order: with more of them a database does that itself. */
const MOST_READ = 50_000;

async function readAll(
  store: VerdictStore,
  request: LeaderboardRequest,
  view: LeaderboardView,
): Promise<Leaderboard[]> {
  await refuseTooMany(store, null, 'outcomes');
  const everything = await store.outcomes({ ...view, metrics: request.columns });
  const sweepsOf = await sweepsByOutcome(store);
  const dataOf = ({ dataset }: Pick<OutcomeOrigin, 'dataset'>) => `${dataset.baselineRunId} ${dataset.dataHash}`;
  const all = new Map(
    [...everything.judged, ...everything.failed].map((outcome) => {
      const { baselineRunId, dataHash } = outcome.dataset;
      return [dataOf(outcome), [baselineRunId, dataHash] as const];
    }),
  );
  const places = [...all].sort(([a], [b]) => compareText(a, b)).map(([, place]) => place);
  const leaderboards: Leaderboard[] = [];
  for (const [baselineRunId, dataHash] of places) {
    const isOn = ({ dataset }: OutcomeOrigin) =>
      dataset.baselineRunId === baselineRunId && dataset.dataHash === dataHash;
    const part = { ...everything, judged: everything.judged.filter(isOn), failed: everything.failed.filter(isOn) };
    // What is pending is not counted by data.
    const facts = { sweep: null, sweepsOf };
    leaderboards.push(await withShortIds(store, assembleLeaderboard({ ...part, pendingCount: 0 }, request, facts)));
  }
  return leaderboards.map((leaderboard, i) => {
    const [baselineRunId, dataHash] = places[i]!;
    return places.filter(([other]) => other === baselineRunId).length === 1
      ? leaderboard
      : { ...leaderboard, dataHash };
  });
}

async function sweepsByOutcome(store: VerdictStore): Promise<NonNullable<LeaderboardFacts['sweepsOf']>> {
  const names = new Map<string, string[]>();
  const keyOf = ({ configurationId, dataset, code }: OutcomeOrigin) =>
    `${configurationId} ${dataset.contentHash} ${code.hash}`;
  for (const { name } of await store.sweeps()) {
    const { judged, failed } = await store.outcomes({ sweep: name });
    for (const outcome of [...judged, ...failed]) {
      const key = keyOf(outcome);
      const known = names.get(key);
      if (known === undefined) names.set(key, [name]);
      else known.push(name);
    }
  }
  return (outcome) => names.get(keyOf(outcome)) ?? [];
}

async function withShortIds(
  store: VerdictStore,
  leaderboard: Omit<Leaderboard, 'shortIdLength'>,
): Promise<Leaderboard> {
  const shown = [...leaderboard.rows, ...(leaderboard.bestPass === null ? [] : [leaderboard.bestPass])];
  const ids = [...shown, ...leaderboard.failures]
    .slice(0, MOST_SHORTENED)
    .map(({ outcome }) => outcome.configurationId);
  return { ...leaderboard, shortIdLength: await store.shortIdLength(ids) };
}

// Each costs two lookups; longer lists are for programs, which read whole ids.
const MOST_SHORTENED = 10_000;
