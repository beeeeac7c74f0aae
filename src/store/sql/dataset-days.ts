import { gunzipSync, gzipSync } from 'node:zlib';
import type { DatasetDays, OutcomeQuery, RowSelection, RunId, StoredDatasetDays } from '../records.ts';
import { sealedDays } from '../sealed.ts';
import { referenced } from './codes.ts';
import { type Connection, inTurn, type Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { readAllData } from './data.ts';
import { datasetRecordOf, putSelection, readContents } from './datasets.ts';
import { runPlaceOf } from './runs.ts';
import { digestOf, isSame } from './seal.ts';
import { isSealedDataset } from './sealed-verdicts.ts';
import { sweepRowOf, viewOf } from './sweeps.ts';
import { asBytes, asJson, asNumber } from './values.ts';

/** See `VerdictStore.datasetDaysMade`. */
export function* putDatasetDays(
  connection: Connection,
  runId: RunId,
  selection: RowSelection,
  days: DatasetDays,
): Sql<void> {
  yield* connection.write(function* () {
    const { dataRow, codeRow } = yield* runPlaceOf(connection, runId);
    const text = JSON.stringify(days);
    yield* connection.run(
      `INSERT INTO dataset_days (data_id, code_id, selection_id, document, digest) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      dataRow,
      codeRow,
      yield* putSelection(connection, selection),
      gzipSync(text),
      digestOf(text),
    );
  });
}

/** See `VerdictStore.hasDatasetDays`. */
export function* hasDatasetDays(connection: Connection, runId: RunId, selection: RowSelection): Sql<boolean> {
  const { agesMinutes, maxRowsPerSplit } = selection;
  const sql = `
    SELECT 1 FROM dataset_days AS made
    JOIN runs ON runs.data_id = made.data_id AND runs.code_id = made.code_id
    JOIN selections ON selections.id = made.selection_id
    WHERE runs.uuid = ? AND selections.ages_minutes = ? AND selections.max_rows_per_split = ?`;
  return (yield* connection.get(sql, runId, JSON.stringify(agesMinutes), maxRowsPerSplit)) !== undefined;
}

/** See `VerdictStore.datasetDays`. */
export function* readDatasetDays(
  connection: Connection,
  { sweep, data, code }: OutcomeQuery & { readonly sweep: string },
): Sql<StoredDatasetDays[]> {
  return yield* connection.read(function* () {
    const { dataRow, codeRow } = yield* viewOf(connection, yield* sweepRowOf(connection, sweep), { data, code });
    const contents = yield* readContents(connection);
    const ofData = referenced(yield* readAllData(connection), dataRow, 'data');
    const rows = yield* connection.all(SELECT_DAYS, dataRow, codeRow);
    return yield* inTurn(rows, function* ([content, document, digest]) {
      const contentRow = asNumber(content);
      const dataset = datasetRecordOf(referenced(contents, contentRow, 'dataset'), ofData);
      const days = daysOf(asBytes(document), asBytes(digest), `the days of dataset ${dataset.contentHash}`);
      const isSealed = yield* isSealedDataset(connection, { dataRow, codeRow, contentRow });
      return { dataset, days: isSealed ? sealedDays(days) : days };
    });
  });
}

/** The days of these contents, each by whichever code told them first: what they say of locked splits is of the data. */
export function* readDaysOfContents(
  connection: Connection,
  contentRows: ReadonlySet<number>,
): Sql<Map<number, DatasetDays>> {
  const found = new Map<number, DatasetDays>();
  for (const [content, document, digest] of yield* connection.all(SELECT_ALL_DAYS)) {
    const row = asNumber(content);
    if (!contentRows.has(row) || found.has(row)) continue;
    found.set(row, daysOf(asBytes(document), asBytes(digest), `the days of dataset ${row}`));
  }
  return found;
}

const SELECT_ALL_DAYS = `
  SELECT datasets.content_id, made.document, made.digest
  FROM dataset_days AS made
  JOIN datasets USING (data_id, code_id, selection_id)
  WHERE datasets.content_id IS NOT NULL
  ORDER BY made.data_id, made.code_id, made.selection_id`;

/** Reads every document. @throws DamagedValue at the first that is not as it was stored */
export function* checkDatasetDays(connection: Connection): Sql<void> {
  for (const [data, selection, document, digest] of yield* connection.all(
    'SELECT data_id, selection_id, document, digest FROM dataset_days',
  )) {
    daysOf(asBytes(document), asBytes(digest), `the days of selection ${selection} of data ${data}`);
  }
}

const SELECT_DAYS = `
  SELECT datasets.content_id, made.document, made.digest
  FROM dataset_days AS made
  JOIN datasets USING (data_id, code_id, selection_id)
  WHERE made.data_id = ? AND made.code_id = ? AND datasets.content_id IS NOT NULL
  ORDER BY made.selection_id`;

function daysOf(document: Uint8Array, digest: Uint8Array, what: string): DatasetDays {
  let text: string;
  try {
    text = gunzipSync(document).toString('utf8');
  } catch (cause) {
    throw new DamagedValue(`${what} cannot be unpacked`, { cause });
  }
  if (!isSame(digestOf(text), digest)) throw new DamagedValue(`${what} differ from their digest`);
  // The digest says that this is what was written, from a value of this type.
  return asJson(text) as DatasetDays;
}
