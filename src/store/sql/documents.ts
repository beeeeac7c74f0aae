import { type DayLosses, dailyLossesOf, sumCountOf } from '../daily-losses.ts';
import type { Judgement } from '../records.ts';
import { parseDocument } from '../verdict-document.ts';
import type { Connection, Sql } from './connection.ts';
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
): Sql<Judgement & { readonly digest: Uint8Array }> {
  const { text, losses, digest } = yield* readDocuments(connection, verdict, content);
  const document = parseDocument(asJson(text));
  if (document === null) throw new DamagedValue(`the document of verdict ${verdict.row} is no result and verdict`);
  return { ...document, dailyLosses: lossesOf(losses, content), digest };
}

/** The losses by day of verdicts, in their order, held against their own seals: documents are not read for them. */
export function* readLosses(
  connection: Connection,
  verdicts: readonly { readonly row: number; readonly content: Content }[],
): Sql<DayLosses[]> {
  const rows = yield* connection.all(SELECT_LOSSES[connection.dialect], JSON.stringify(verdicts.map(({ row }) => row)));
  if (rows.length < verdicts.length) throw new DamagedValue('the documents of a verdict are missing');
  const made: DayLosses[] = [];
  for (let i = 0; i < verdicts.length; i += 1) {
    const { row, content } = verdicts[i]!;
    const [losses, digest, seal] = [asBytes(rows[i]![0]), asBytes(rows[i]![1]), rows[i]![2]];
    checkLosses(row, digest, losses, seal);
    made.push(sumsOf(losses, content));
  }
  return made;
}

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

// In the order of the list: the first table is scanned, and the others are looked up.
const selectLosses = (wanted: string) => `
  SELECT losses, digest, losses_seal
  FROM ${wanted}
  CROSS JOIN verdict_documents ON verdict_id = wanted.value
  CROSS JOIN verdicts ON verdicts.id = wanted.value
  ORDER BY wanted.id`;
const SELECT_LOSSES = {
  sqlite: selectLosses('json_each(?) AS wanted'),
  postgres: selectLosses(`(
    SELECT item::bigint AS value, id FROM json_array_elements_text(?::json) WITH ORDINALITY AS items (item, id)) AS wanted`),
} as const;

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
