import type { DailyLosses } from '../../experiment/results.ts';
import { type LossDays, lossDaysOf } from '../daily-losses.ts';
import type { DataRecord, DatasetContent, DatasetRecord, RowSelection } from '../records.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { checkSeal, sealOf } from './seal.ts';
import { asJson, asNumber, asText, asTextOrNull } from './values.ts';

/** An ages set and cap. */
export function* putSelection(connection: Connection, { agesMinutes, maxRowsPerSplit }: RowSelection): Sql<number> {
  const values = [JSON.stringify(agesMinutes), maxRowsPerSplit];
  const sql = 'SELECT id FROM selections WHERE ages_minutes = ? AND max_rows_per_split = ?';
  const known = yield* connection.get(sql, ...values);
  if (known !== undefined) return asNumber(known[0]);
  return yield* connection.insert('INSERT INTO selections (ages_minutes, max_rows_per_split) VALUES (?, ?)', ...values);
}

export function* readSelections(connection: Connection): Sql<ReadonlyMap<number, RowSelection>> {
  const rows = yield* connection.all('SELECT id, ages_minutes, max_rows_per_split FROM selections');
  return new Map(
    rows.map(([id, ages, maxRowsPerSplit]) => {
      const agesMinutes = asJson(ages);
      if (!isNumberList(agesMinutes)) throw new DamagedValue('the ages of a dataset are no list of numbers');
      return [asNumber(id), { agesMinutes, maxRowsPerSplit: asNumber(maxRowsPerSplit) }];
    }),
  );
}

function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

/** The rows of a selection, by their content. */
export type Content = RowSelection & {
  readonly row: number;
  readonly contentHash: string;
  readonly rowCount: number;
  /** The days of its splits, as JSON; null until its first verdict has told. */
  readonly daysText: string | null;
};

export function* readContents(connection: Connection): Sql<ReadonlyMap<number, Content>> {
  const selections = yield* readSelections(connection);
  const rows = yield* connection.all('SELECT id, selection_id, content_hash, row_count, days, seal FROM contents');
  return new Map(
    rows.map(([id, selection, hashText, count, days, seal]) => {
      const selected = selections.get(asNumber(selection));
      if (selected === undefined) throw new DamagedValue(`selection ${asNumber(selection)} is missing`);
      const row = asNumber(id);
      const content: Content = {
        ...selected,
        row,
        contentHash: asText(hashText),
        rowCount: asNumber(count),
        daysText: asTextOrNull(days),
      };
      checkSeal(`dataset ${content.contentHash}`, seal, sealedContent(content));
      return [row, content];
    }),
  );
}

function sealedContent({ agesMinutes, maxRowsPerSplit, contentHash, rowCount, daysText }: Omit<Content, 'row'>) {
  return [JSON.stringify(agesMinutes), maxRowsPerSplit, contentHash, rowCount, daysText];
}

/** What a dataset of these data holds by this code. */
export function* putDataset(
  connection: Connection,
  dataRow: number,
  codeRow: number,
  selection: RowSelection,
  content: DatasetContent,
): Sql<void> {
  const selectionRow = yield* putSelection(connection, selection);
  const contentRow =
    content.contentHash === null ? null : yield* putContent(connection, selectionRow, selection, content);
  yield* connection.run(
    `INSERT INTO datasets (data_id, code_id, selection_id, content_id) VALUES (?, ?, ?, ?)
     ON CONFLICT (data_id, code_id, selection_id) DO UPDATE SET content_id = excluded.content_id`,
    dataRow,
    codeRow,
    selectionRow,
    contentRow,
  );
}

function* putContent(
  connection: Connection,
  selectionRow: number,
  selection: RowSelection,
  { contentHash, rowCount }: { readonly contentHash: string; readonly rowCount: number },
): Sql<number> {
  yield* connection.run(
    `INSERT INTO contents (selection_id, content_hash, row_count, seal) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    selectionRow,
    contentHash,
    rowCount,
    sealOf(sealedContent({ ...selection, contentHash, rowCount, daysText: null })),
  );
  const sql = 'SELECT id FROM contents WHERE selection_id = ? AND content_hash = ?';
  return asNumber((yield* connection.get(sql, selectionRow, contentHash))?.[0]);
}

/** Content of another store, put or found here. @throws DamagedValue where the two do not agree on it */
export function* copyContent(connection: Connection, content: Content): Sql<Content> {
  const { contentHash, rowCount, daysText } = content;
  const row = yield* putContent(connection, yield* putSelection(connection, content), content, {
    contentHash,
    rowCount,
  });
  const stored = yield* referencedContent(connection, row);
  if (stored.rowCount !== rowCount) throw new DamagedValue(`dataset ${contentHash} has other rows in another store`);
  if (daysText === null || stored.daysText === daysText) return stored;
  if (stored.daysText !== null) throw new DamagedValue(`dataset ${contentHash} has other days in another store`);
  return yield* tellDays(connection, stored, daysText);
}

function* referencedContent(connection: Connection, row: number): Sql<Content> {
  const content = (yield* readContents(connection)).get(row);
  if (content === undefined) throw new DamagedValue(`dataset ${row} is missing`);
  return content;
}

/** selection → what the datasets of these data hold by this code; null where one could not be built. */
export function* readDatasetContents(
  connection: Connection,
  dataRow: number,
  codeRow: number,
): Sql<ReadonlyMap<number, number | null>> {
  const sql = 'SELECT selection_id, content_id FROM datasets WHERE data_id = ? AND code_id = ?';
  const rows = yield* connection.all(sql, dataRow, codeRow);
  return new Map(
    rows.map(([selection, content]) => [asNumber(selection), content === null ? null : asNumber(content)]),
  );
}

/**
 * The days that a content's losses are of. The first verdict on it tells them; another that tells others is a bug.
 *
 * @returns the content with its days
 */
export function* agreeOnDays(connection: Connection, content: Content, losses: readonly DailyLosses[]): Sql<Content> {
  const daysText = JSON.stringify(lossDaysOf(losses));
  if (content.daysText === daysText) return content;
  if (content.daysText !== null) throw new Error(`losses of dataset ${content.contentHash} are of other days`);
  return yield* tellDays(connection, content, daysText);
}

function* tellDays(connection: Connection, content: Content, daysText: string): Sql<Content> {
  const told = { ...content, daysText };
  yield* connection.run(
    'UPDATE contents SET days = ?, seal = ? WHERE id = ?',
    daysText,
    sealOf(sealedContent(told)),
    content.row,
  );
  return told;
}

/** One object for all verdicts on a content. */
export function daysOf(content: Content): LossDays {
  const known = lossDays.get(content);
  if (known !== undefined) return known;
  const { daysText, contentHash } = content;
  if (daysText === null) throw new DamagedValue(`the days of dataset ${contentHash} are missing`);
  // The seal says that this is what was written.
  const days = asJson(daysText) as LossDays;
  lossDays.set(content, days);
  return days;
}

const lossDays = new WeakMap<Content, LossDays>();

export function datasetRecordOf(content: Content, data: DataRecord): DatasetRecord {
  const { agesMinutes, maxRowsPerSplit, contentHash, rowCount } = content;
  const { baselineRunId, dataRoot, hash } = data;
  return { agesMinutes, maxRowsPerSplit, contentHash, rowCount, baselineRunId, dataRoot, dataHash: hash };
}

export function unbuiltDatasetOf(
  selection: RowSelection,
  { baselineRunId, dataRoot, hash }: DataRecord,
): DatasetRecord {
  return { ...selection, contentHash: null, rowCount: null, baselineRunId, dataRoot, dataHash: hash };
}
