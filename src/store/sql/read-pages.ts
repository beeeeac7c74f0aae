import type { JudgedConfiguration, OutcomeQuery, PlacedVerdict, VerdictLosses } from '../records.ts';
import { sealedDayLosses } from '../sealed.ts';
import type { Connection, Sql } from './connection.ts';
import { shownData } from './read-outcomes.ts';
import { type Page, type ReadVerdict, selectedBy, verdictReader, type Wanted } from './read-verdicts.ts';

/** See `VerdictStore.pages`. A page is a read of its own: nothing is held between two. */
export function* readPage(
  connection: Connection,
  query: OutcomeQuery,
  page: Page,
): Sql<{ verdicts: JudgedConfiguration[]; lastRow: number }> {
  return yield* connection.read(function* () {
    const verdicts = yield* readRows(connection, query, { metrics: query.metrics }, page);
    return { verdicts: verdicts.map(({ judged }) => judged), lastRow: verdicts.at(-1)?.row ?? page.afterRow };
  });
}

/** See `VerdictStore.verdictsAfter`. */
export function* readVerdictsAfter(connection: Connection, query: OutcomeQuery, page: Page): Sql<PlacedVerdict[]> {
  return yield* connection.read(function* () {
    const verdicts = yield* readRows(connection, query, { metrics: query.metrics }, page);
    return verdicts.map(({ row, judged }) => ({ place: row, verdict: judged }));
  });
}

/** See `VerdictStore.losses`. */
export function* readLossPage(
  connection: Connection,
  query: OutcomeQuery,
  page: Page,
): Sql<{ verdicts: VerdictLosses[]; lastRow: number }> {
  return yield* connection.read(function* () {
    const verdicts = yield* readRows(connection, query, { losses: true }, page);
    return {
      verdicts: verdicts.map(({ judged, losses }) => {
        const { verdictId, configurationId, dataset, isSealed, passed } = judged;
        const { lossDays, lossSums } = isSealed ? sealedDayLosses(losses!) : losses!;
        return { verdictId, configurationId, dataset, isSealed, passed, lossDays, lossSums };
      }),
      lastRow: verdicts.at(-1)?.row ?? page.afterRow,
    };
  });
}

function* readRows(connection: Connection, query: OutcomeQuery, wanted: Wanted, page: Page): Sql<ReadVerdict[]> {
  const selected = yield* selectedBy(connection, query);
  const reader = yield* verdictReader(connection);
  return yield* reader.page(selected, wanted, yield* shownData(connection, selected), page);
}
