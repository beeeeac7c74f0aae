import { type DayLosses, dailyLossesOf, sumCountOf } from '../daily-losses.ts';
import type { WholeJudgement } from '../records.ts';
import { parseDocument } from '../verdict-document.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { type Content, daysOf } from './datasets.ts';
import { digestOf, isSame } from './seal.ts';
import { asBytes, asJson, asText } from './values.ts';
import { lossesSeal } from './verdict-seal.ts';

/** The documents of a verdict, held against its digest. */
export function* readJudgement(
  connection: Connection,
  verdict: { readonly row: number },
  content: Content,
): Sql<WholeJudgement & { readonly digest: Uint8Array }> {
  const { text, losses, digest } = yield* readDocuments(connection, verdict, content);
  const document = parseDocument(asJson(text));
  if (document === null) throw new DamagedValue(`the document of verdict ${verdict.row} is no result and verdict`);
  return { ...document, dailyLosses: lossesOf(losses, content), digest };
}

/** What `checkedDayLosses` reads, in its order. */
export const LOSSES_COLUMNS = ['verdict_documents.losses', 'verdicts.digest', 'verdicts.losses_seal'];

/**
 * A verdict's losses by day, held against their own seal: documents are not read for them.
 *
 * @param values have `LOSSES_COLUMNS` from `offset` on
 */
export function checkedDayLosses(verdictRow: number, values: Row, offset: number, content: Content): DayLosses {
  if (values[offset] === null) throw new DamagedValue(`the documents of verdict ${verdictRow} are missing`);
  const [losses, digest] = [asBytes(values[offset]), asBytes(values[offset + 1])];
  checkLosses(verdictRow, digest, losses, values[offset + 2]);
  return sumsOf(losses, content);
}

/** The losses by day of one verdict. */
export function* readLosses(connection: Connection, verdictRow: number, content: Content): Sql<DayLosses> {
  const row = yield* connection.get(SELECT_LOSSES, verdictRow);
  if (row === undefined) throw new DamagedValue(`the documents of verdict ${verdictRow} are missing`);
  return checkedDayLosses(verdictRow, row, 0, content);
}

const SELECT_LOSSES = `
  SELECT ${LOSSES_COLUMNS.join(', ')}
  FROM verdict_documents JOIN verdicts ON verdicts.id = verdict_documents.verdict_id
  WHERE verdict_documents.verdict_id = ?`;

function checkLosses(row: number, digest: Uint8Array, losses: Uint8Array, seal: unknown): void {
  if (seal !== lossesSeal(digest, losses)) {
    throw new DamagedValue(`the losses of verdict ${row} are not as they were stored`);
  }
}

function* readDocuments(connection: Connection, { row }: { readonly row: number }, content: Content) {
  const stored = yield* connection.get(SELECT_DOCUMENTS, row);
  if (stored === undefined) throw new DamagedValue(`the documents of verdict ${row} are missing`);
  const losses = asBytes(stored[0]);
  const text = asText(stored[1]);
  const digest = asBytes(stored[2]);
  if (!isSame(digestOf(text, content.daysText ?? '', losses), digest)) {
    throw new DamagedValue(`the documents of verdict ${row} differ from their digest`);
  }
  checkLosses(row, digest, losses, stored[3]);
  return { text, losses, digest };
}

const SELECT_DOCUMENTS = `
  SELECT losses, document, digest, losses_seal
  FROM verdict_documents JOIN verdicts ON verdicts.id = verdict_id WHERE verdict_id = ?`;

function lossesOf(bytes: Uint8Array, content: Content): WholeJudgement['dailyLosses'] {
  const { lossDays, lossSums } = sumsOf(bytes, content);
  return dailyLossesOf(lossDays, lossSums);
}

function sumsOf(bytes: Uint8Array, content: Content): DayLosses {
  const lossDays = daysOf(content);
  if (bytes.length !== 8 * sumCountOf(lossDays)) throw new DamagedValue('daily losses cannot be decoded');
  // Copied, since a Float64Array has to begin at a multiple of eight bytes.
  return { lossDays, lossSums: new Float64Array(bytes.slice().buffer) };
}
