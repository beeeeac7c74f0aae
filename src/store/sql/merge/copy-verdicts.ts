import type { MergedSource } from '../../merge-report.ts';
import { referenced } from '../codes.ts';
import type { Connection, Row, Sql } from '../connection.ts';
import { DamagedValue } from '../damaged-value.ts';
import { type ReadVerdict, selectedBy, verdictReader } from '../read-verdicts.ts';
import { digestOf, isSame } from '../seal.ts';
import { openVerdict, sealVerdict } from '../sealed-verdicts.ts';
import { asBytes, asNumber, asText } from '../values.ts';
import { insertVerdicts, SELECT_STANDING } from '../verdict-rows.ts';
import { lossesSeal, metricsSeal } from '../verdict-seal.ts';
import { type RowMaps, rowIn } from './row-maps.ts';

type Counts = { addedVerdicts: number; knownVerdicts: number };

/**
 * Copies verdicts with what belongs to them, bytes as they are, each held against its seal and digest on the way; a new
 * seal is made where they stand now.
 *
 * @throws DamagedValue at the first that is not as it was stored, or whose key has another verdict in the target
 */
export function* copyVerdicts(
  from: Connection,
  to: Connection,
  maps: RowMaps,
): Sql<Pick<MergedSource, 'addedVerdicts' | 'knownVerdicts'>> {
  const reader = yield* verdictReader(from);
  const rows = new Map<number, number>();
  const counts: Counts = { addedVerdicts: 0, knownVerdicts: 0 };
  for (let afterRow = 0; ; ) {
    const page = yield* reader.page(yield* selectedBy(from, {}), {}, null, { afterRow, pageSize: PAGE_SIZE });
    if (page.length === 0) break;
    const documents = new Map(
      (yield* from.all(SELECT_DOCUMENTS, afterRow, page.at(-1)!.row)).map((row) => [row[0], row]),
    );
    for (const verdict of page) {
      rows.set(verdict.row, yield* copyVerdict(to, verdict, documents.get(verdict.row), maps, counts));
    }
    afterRow = page.at(-1)!.row;
  }
  yield* copyNotes(from, to, rows);
  yield* copyConflicts(from, to, rows, maps);
  return counts;
}

const PAGE_SIZE = 500;

const SELECT_DOCUMENTS = `
  SELECT verdicts.id, verdicts.digest, metrics, verdict_metrics.seal, losses, document, verdicts.code_id,
    verdicts.configuration_id, verdicts.losses_seal
  FROM verdicts
  JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id
  JOIN verdict_documents ON verdict_documents.verdict_id = verdicts.id
  WHERE verdicts.id > ? AND verdicts.id <= ?`;

/** @returns its row in the target */
function* copyVerdict(
  to: Connection,
  verdict: ReadVerdict,
  documents: Row | undefined,
  maps: RowMaps,
  counts: Counts,
): Sql<number> {
  const { judged, stored } = verdict;
  const id = stored.configurationId;
  if (documents === undefined) throw new DamagedValue(`the documents of ${id} are missing`);
  const [digest, metrics] = [asBytes(documents[1]), asBytes(documents[2])];
  const [losses, document] = [asBytes(documents[4]), asText(documents[5])];
  const content = referenced(maps.contents, verdict.contentRow, 'dataset');
  if (!isSame(digestOf(document, content.daysText ?? '', losses), digest)) {
    throw new DamagedValue(`the documents of ${id} differ from their digest`);
  }
  if (documents[3] !== metricsSeal(digest, metrics) || documents[8] !== lossesSeal(digest, losses)) {
    throw new DamagedValue(`the metrics or losses of ${id} are not as they were stored`);
  }
  const codeRow = rowIn(maps.codes, documents[6], 'code');
  const configurationRow = rowIn(maps.configurations, documents[7], 'configuration');
  const standing = yield* to.get(SELECT_STANDING, content.row, codeRow, configurationRow);
  if (standing !== undefined) {
    counts.knownVerdicts += 1;
    if (!isSame(asBytes(standing[1]), digest))
      throw new DamagedValue(`the verdict of ${id} has become another meanwhile`);
    // What was seen in one store was seen.
    if (!judged.isSealed) yield* openVerdict(to, asNumber(standing[0]));
    return asNumber(standing[0]);
  }
  const [row] = yield* insertVerdicts(to, [
    {
      verdict: stored,
      content,
      code: stored.code,
      codeRow,
      configurationRow,
      runRow: rowIn(maps.runs, verdict.runRow, 'run'),
      digest,
      metrics,
      losses,
      document,
    },
  ]);
  if (row === undefined) throw new Error(`the verdict of ${id} was not stored`);
  if (judged.isSealed) yield* sealVerdict(to, row);
  // What could not be judged in one store was judged in the other, on whatever data have this content.
  yield* to.run(DELETE_FAILURES, codeRow, configurationRow, content.row, codeRow);
  counts.addedVerdicts += 1;
  return row;
}

const DELETE_FAILURES = `
  DELETE FROM failures WHERE code_id = ? AND configuration_id = ? AND data_id IN (
    SELECT data_id FROM datasets WHERE content_id = ? AND code_id = ?)`;

function* copyNotes(from: Connection, to: Connection, rows: ReadonlyMap<number, number>): Sql<void> {
  for (const [verdict, ...note] of yield* from.all(
    'SELECT verdict_id, kind, text, written_at, author FROM notes ORDER BY id',
  )) {
    yield* to.run(
      `INSERT INTO notes (verdict_id, kind, text, written_at, author) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      rowIn(rows, verdict, 'verdict'),
      ...note.map((value) => value ?? null),
    );
  }
}

function* copyConflicts(
  from: Connection,
  to: Connection,
  rows: ReadonlyMap<number, number>,
  { runs }: RowMaps,
): Sql<void> {
  for (const [verdict, run, digest] of yield* from.all(
    'SELECT verdict_id, run_id, digest FROM conflicts ORDER BY id',
  )) {
    yield* to.run(
      'INSERT INTO conflicts (verdict_id, run_id, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      rowIn(rows, verdict, 'verdict'),
      rowIn(runs, run, 'run'),
      digest ?? null,
    );
  }
}
