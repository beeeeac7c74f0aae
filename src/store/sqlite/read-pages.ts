import type { JudgedConfiguration, OutcomeQuery, PlacedVerdict, VerdictLosses } from '../records.ts';
import { sealedDayLosses } from '../sealed.ts';
import type { Connection } from './connection.ts';
import { readLosses } from './documents.ts';
import { shownData } from './read-outcomes.ts';
import { type Page, type ReadVerdict, selectedBy, VerdictReader } from './read-verdicts.ts';

/** See `VerdictStore.pages`. A page is a read of its own: nothing is held between two. */
export function readPage(
  connection: Connection,
  query: OutcomeQuery,
  page: Page,
): { verdicts: JudgedConfiguration[]; lastRow: number } {
  return connection.read(() => {
    const { verdicts } = readRows(connection, query, page);
    return { verdicts: verdicts.map(({ judged }) => judged), lastRow: verdicts.at(-1)?.row ?? page.afterRow };
  });
}

/** See `VerdictStore.verdictsAfter`. */
export function readVerdictsAfter(connection: Connection, query: OutcomeQuery, page: Page): PlacedVerdict[] {
  return connection.read(() =>
    readRows(connection, query, page).verdicts.map(({ row, judged }) => ({ place: row, verdict: judged })),
  );
}

/** See `VerdictStore.losses`. */
export function readLossPage(
  connection: Connection,
  query: OutcomeQuery,
  page: Page,
): { verdicts: VerdictLosses[]; lastRow: number } {
  return connection.read(() => {
    const { verdicts, reader } = readRows(connection, query, page);
    const losses = readLosses(
      connection,
      verdicts.map(({ row, contentRow }) => ({ row, content: reader.contentOf(contentRow) })),
    );
    return {
      verdicts: verdicts.map((verdict, i) => {
        const { verdictId, configurationId, dataset, isSealed, passed } = verdict.judged;
        const { lossDays, lossSums } = isSealed ? sealedDayLosses(losses[i]!) : losses[i]!;
        return { verdictId, configurationId, dataset, isSealed, passed, lossDays, lossSums };
      }),
      lastRow: verdicts.at(-1)?.row ?? page.afterRow,
    };
  });
}

function readRows(
  connection: Connection,
  query: OutcomeQuery,
  page: Page,
): { verdicts: ReadVerdict[]; reader: VerdictReader } {
  const selected = selectedBy(connection, query);
  const reader = new VerdictReader(connection);
  const verdicts = [...reader.read(selected, query.metrics ?? [], shownData(connection, selected), page)];
  return { verdicts, reader };
}
