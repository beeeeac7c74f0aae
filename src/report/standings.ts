import type { JudgedConfiguration, OutcomeQuery } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { ConfigurationLosses } from '../trust/losses.ts';
import { settingsOf } from './configuration-settings.ts';
import { orderByTune } from './rank.ts';
import { verdictWord } from './verdict-words.ts';

/** How the leaderboard has configurations, by id: what statements about a sweep's noise take from it. */
export type Standings = ReadonlyMap<string, Standing>;

type Standing = Pick<ConfigurationLosses, 'passed' | 'unconverged' | 'place' | 'settings'>;

type Ranked = { readonly outcome: JudgedConfiguration; readonly rank: number };

export function standingsOf(rows: Iterable<Ranked>): Standings {
  const standings = new Map<string, Standing>();
  for (const { outcome, rank } of rows) {
    const { configurationId, configuration, passed, unconverged } = outcome;
    const word = verdictWord(passed, unconverged);
    standings.set(configurationId, {
      passed: word === 'sealed' ? null : word === 'pass',
      unconverged: word === 'unconverged' ? true : undefined,
      place: rank,
      settings: settingsOf(configuration),
    });
  }
  return standings;
}

/** Of all that were judged, put in their order. */
export async function storedStandings(store: VerdictStore, query: OutcomeQuery): Promise<Standings> {
  const { judged } = await store.outcomes(query);
  return standingsOfAll(judged);
}

export function standingsOfAll(judged: readonly JudgedConfiguration[]): Standings {
  return standingsOf(Array.from(orderByTune(judged), (at, rank) => ({ outcome: judged[at]!, rank: rank + 1 })));
}
