import { dailyLossesOf } from '../daily-losses.ts';
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

/** The losses by day of a verdict, held against its digest, without parsing the rest, which takes most of the time. */
export function readLosses(
  connection: Connection,
  verdict: { readonly row: number },
  content: Content,
): Judgement['dailyLosses'] {
  return lossesOf(readDocuments(connection, verdict, content).losses, content);
}

function readDocuments(connection: Connection, { row }: { readonly row: number }, content: Content) {
  const stored = connection.get(SELECT_DOCUMENTS, row);
  if (stored === undefined) throw new DamagedValue(`the documents of verdict ${row} are missing`);
  const losses = asBytes(stored[0]);
  const text = asText(stored[1]);
  const digest = asBytes(stored[2]);
  if (!isSame(digestOf(text, content.daysText ?? '', losses), digest)) {
    throw new DamagedValue(`the documents of verdict ${row} differ from their digest`);
  }
  return { text, losses, digest };
}

const SELECT_DOCUMENTS = `
  SELECT losses, document, digest
  FROM verdict_documents JOIN verdicts ON verdicts.id = verdict_id WHERE verdict_id = ?`;

function lossesOf(bytes: Uint8Array, content: Content) {
  try {
    // Copied, since a Float64Array has to begin at a multiple of eight bytes.
    return dailyLossesOf(daysOf(content), new Float64Array(bytes.slice().buffer));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DamagedValue('daily losses cannot be decoded', { cause: error });
  }
}
