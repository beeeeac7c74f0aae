import { dailyLossesOf } from '../daily-losses.ts';
import type { OutcomeQuery, Unsealed, UnsealTarget, VerdictChoice } from '../records.ts';
import { referenced } from './codes.ts';
import type { Connection, Sql } from './connection.ts';
import { readAllData } from './data.ts';
import { readLosses } from './documents.ts';
import { countLooks } from './locked-looks.ts';
import { readRuns } from './read-runs.ts';
import { selectedBy, verdictReader } from './read-verdicts.ts';
import { openVerdict } from './sealed-verdicts.ts';
import { asNumber } from './values.ts';
import { locate } from './verdict-names.ts';

/** See `VerdictStore.unseal`. */
export function* unseal(connection: Connection, target: UnsealTarget): Sql<Unsealed> {
  return yield* connection.write(function* () {
    const rows = 'id' in target ? yield* rowsOfOne(connection, target) : yield* rowsOfSweep(connection, target);
    const opened: number[] = [];
    for (const row of rows) if (yield* openVerdict(connection, row)) opened.push(row);
    yield* countThese(connection, opened);
    return { opened: opened.length, before: rows.length - opened.length };
  });
}

function* rowsOfOne(
  connection: Connection,
  { id, choice }: { readonly id: string; readonly choice: VerdictChoice },
): Sql<number[]> {
  const found = yield* locate(connection, id, choice);
  // What could not be judged has nothing to look at.
  return found.kind === 'completed' ? [found.row] : [];
}

function* rowsOfSweep(connection: Connection, query: OutcomeQuery & { readonly sweep: string }): Sql<number[]> {
  const reader = yield* verdictReader(connection);
  const rows: number[] = [];
  yield* reader.each(yield* selectedBy(connection, query), {}, null, ({ row }) => rows.push(row));
  return rows;
}

/** Looks that are made now, on the data and by the run that each verdict comes from. */
function* countThese(connection: Connection, verdictRows: readonly number[]): Sql<void> {
  if (verdictRows.length === 0) return;
  const reader = yield* verdictReader(connection);
  const [runs, data] = [yield* readRuns(connection), yield* readAllData(connection)];
  for (const row of verdictRows) {
    const verdict = yield* reader.one(row, null);
    const content = reader.contentOf(verdict.contentRow);
    const { runId, sweepName } = referenced(runs, verdict.runRow, 'run');
    const [dataRow, configurationRow] = ((yield* connection.get(SELECT_PLACE, row)) ?? []).map(asNumber);
    const looked = {
      dataRow: dataRow!,
      dataHash: referenced(data, dataRow!, 'data').hash,
      contentRow: verdict.contentRow,
      contentHash: content.contentHash,
      configurationRow: configurationRow!,
      configurationId: verdict.stored.configurationId,
      sweep: sweepName,
      runId,
    };
    const { lossDays, lossSums } = yield* readLosses(connection, row, content);
    yield* countLooks(connection, [[looked, dailyLossesOf(lossDays, lossSums)]]);
  }
}

const SELECT_PLACE = `
  SELECT runs.data_id, verdicts.configuration_id
  FROM verdicts JOIN runs ON runs.id = verdicts.run_id WHERE verdicts.id = ?`;
