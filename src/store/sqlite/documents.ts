import { type DayLosses, dailyLossesOf, sumCountOf } from '../daily-losses.ts';
import type { Judgement } from '../records.ts';
import { parseDocument } from '../verdict-document.ts';
import type { Connection } from './connection.ts';
import { type Content, daysOf } from './datasets.ts';
import { digestOf, isSame } from './seal.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asBytes, asJson, asText } from './values.ts';

/** The documents of a verdict, held against its digest. */
export function readJudgement(
  connection: Connection,
  verdict: { readonly row: number },
  content: Content,
): Judgement & { readonly digest: Uint8Array } {
  const { text, losses, digest } = readDocuments(connection, verdict, content);
  const document = parseDocument(asJson(text));
  if (document === null) throw new DamagedValue(`the document of verdict ${verdict.row} is no result and verdict`);
  return { ...document, dailyLosses: lossesOf(losses, content), digest };
}

/**
 * The losses by day of verdicts, in their order, held against their digests: documents go into these as the bytes that they
 * are, and are neither made text nor parsed, which takes most of the time of reading one.
 */
export function readLosses(
  connection: Connection,
  verdicts: readonly { readonly row: number; readonly content: Content }[],
): DayLosses[] {
  const rows = connection.all(SELECT_LOSSES, JSON.stringify(verdicts.map(({ row }) => row)));
  if (rows.length < verdicts.length) throw new DamagedValue('the documents of a verdict are missing');
  return verdicts.map(({ row, content }, i) => {
    const [losses, document, digest] = [asBytes(rows[i]![0]), asBytes(rows[i]![1]), asBytes(rows[i]![2])];
    checkDigest(row, digest, document, content, losses);
    return sumsOf(losses, content);
  });
}

function readDocuments(connection: Connection, { row }: { readonly row: number }, content: Content) {
  const stored = connection.get(SELECT_DOCUMENTS, row);
  if (stored === undefined) throw new DamagedValue(`the documents of verdict ${row} are missing`);
  const losses = asBytes(stored[0]);
  const text = asText(stored[1]);
  const digest = asBytes(stored[2]);
  checkDigest(row, digest, text, content, losses);
  return { text, losses, digest };
}

function checkDigest(
  row: number,
  digest: Uint8Array,
  document: string | Uint8Array,
  { daysText }: Content,
  losses: Uint8Array,
): void {
  if (!isSame(digestOf(document, daysText ?? '', losses), digest)) {
    throw new DamagedValue(`the documents of verdict ${row} differ from their digest`);
  }
}

const SELECT_DOCUMENTS = `
  SELECT losses, document, digest
  FROM verdict_documents JOIN verdicts ON verdicts.id = verdict_id WHERE verdict_id = ?`;

// In the order of the list: the first table is scanned, and the others are looked up.
const SELECT_LOSSES = `
  SELECT losses, CAST(document AS BLOB), digest
  FROM json_each(?) AS wanted
  CROSS JOIN verdict_documents ON verdict_id = wanted.value
  CROSS JOIN verdicts ON verdicts.id = wanted.value
  ORDER BY wanted.id`;

function lossesOf(bytes: Uint8Array, content: Content): Judgement['dailyLosses'] {
  const { lossDays, lossSums } = sumsOf(bytes, content);
  return dailyLossesOf(lossDays, lossSums);
}

function sumsOf(bytes: Uint8Array, content: Content): DayLosses {
  const lossDays = daysOf(content);
  if (bytes.length !== 8 * sumCountOf(lossDays)) throw new DamagedValue('daily losses cannot be decoded');
  // Copied, since a Float64Array has to begin at a multiple of eight bytes.
  return { lossDays, lossSums: new Float64Array(bytes.slice().buffer) };
}
