import { lossSumsOf } from '../daily-losses.ts';
import { encodeMetrics } from '../metric-values.ts';
import type { Code, Conflict, OutcomeRecord, RecordCounts, RowSelection, RunId } from '../records.ts';
import { documentOf } from '../verdict-document.ts';
import { summaryOf } from '../verdict-summary.ts';
import { readCodes, referenced } from './codes.ts';
import { CONFIGURATION_COLUMNS, configurationOf } from './configurations.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { readAllData } from './data.ts';
import { agreeOnDays, type Content, readContents, readDatasetContents, readSelections } from './datasets.ts';
import { countLooks } from './locked-looks.ts';
import { digestOf, isSame, toHex } from './seal.ts';
import { isSealingRun } from './sealed-verdicts.ts';
import { asBytes, asNumber, asText, chunksOf, placeholders } from './values.ts';
import { insertVerdicts, type VerdictRows } from './verdict-rows.ts';
import { verdictKey } from './verdict-seal.ts';

/** See `VerdictStore.record`. Many outcomes are a handful of statements, each of which crosses a network where the store is far. */
export function* recordOutcomes(
  connection: Connection,
  runId: RunId,
  outcomes: readonly OutcomeRecord[],
): Sql<RecordCounts> {
  const run = yield* runOf(connection, runId);
  const places = yield* placesOf(connection, run, outcomes);
  const standing = yield* standingOf(connection, run, [...places.values()]);
  const counts = { completed: 0, failed: 0, ignored: 0, conflicts: [] as Conflict[] };
  let fresh: Fresh[] = [];
  const storeFresh = function* (): Sql<void> {
    const rows = yield* storeVerdicts(connection, run, fresh);
    for (const [i, { place, rows: stored }] of fresh.entries()) {
      standing.set(place.configurationRow, { verdictRow: rows[i]!, digest: stored.digest });
    }
    fresh = [];
  };
  for (const outcome of outcomes) {
    const place = places.get(outcome.configurationId)!;
    checkContent(outcome, place);
    if (fresh.some((other) => other.place === place)) yield* storeFresh();
    const stands = standing.get(place.configurationRow);
    if (outcome.kind === 'failed') {
      if (stands === undefined) yield* storeFailure(connection, run, place, outcome);
      counts[stands === undefined ? 'failed' : 'ignored'] += 1;
      continue;
    }
    const verdict = yield* verdictOf(connection, run, place, outcome);
    if (stands === undefined) {
      fresh.push(verdict);
      counts.completed += 1;
      continue;
    }
    counts.ignored += 1;
    if (!isSame(stands.digest, verdict.rows.digest))
      counts.conflicts.push(yield* storeConflict(connection, run, verdict, stands));
  }
  yield* storeFresh();
  return counts;
}

/** What all outcomes of a transaction have in common. */
type Run = {
  readonly runId: RunId;
  readonly row: number;
  readonly sweepRow: number;
  readonly sweep: string;
  readonly dataRow: number;
  readonly dataHash: string;
  readonly codeRow: number;
  readonly code: Code;
  readonly seals: boolean;
  readonly selections: ReadonlyMap<number, RowSelection>;
  readonly datasets: ReadonlyMap<number, number | null>;
  readonly contents: Map<number, Content>;
};

function* runOf(connection: Connection, runId: RunId): Sql<Run> {
  const row = yield* connection.get(
    'SELECT id, sweep_id, data_id, code_id, sweep_name FROM runs WHERE uuid = ?',
    runId,
  );
  if (row === undefined) throw new Error(`run ${runId} was never begun`);
  const [id, sweepRow, dataRow, codeRow] = row.slice(0, 4).map(asNumber);
  return {
    runId,
    row: id!,
    sweepRow: sweepRow!,
    sweep: asText(row[4]),
    dataRow: dataRow!,
    dataHash: referenced(yield* readAllData(connection), dataRow!, 'data').hash,
    codeRow: codeRow!,
    code: referenced(yield* readCodes(connection), codeRow!, 'code'),
    seals: yield* isSealingRun(connection, id!),
    selections: yield* readSelections(connection),
    datasets: yield* readDatasetContents(connection, dataRow!, codeRow!),
    contents: new Map(yield* readContents(connection)),
  };
}

/** Where an outcome belongs: its configuration's row, and the content that its dataset has. */
type Place = {
  readonly configurationRow: number;
  readonly row: Row;
  readonly selection: RowSelection;
  readonly content: Content | null;
};

/** By the configuration's id. */
function* placesOf(
  connection: Connection,
  run: Run,
  outcomes: readonly OutcomeRecord[],
): Sql<ReadonlyMap<string, Place>> {
  const ids = [...new Set(outcomes.map(({ configurationId }) => configurationId))];
  const places = new Map<string, Place>();
  for (const some of chunksOf(ids)) {
    for (const row of yield* connection.all(selectMembers(some.length), run.sweepRow, ...some)) {
      const [configurationRow, selectionRow] = [asNumber(row[1]), asNumber(row[2])];
      const contentRow = run.datasets.get(selectionRow) ?? null;
      const content = contentRow === null ? null : referenced(run.contents, contentRow, 'dataset');
      const selection = referenced(run.selections, selectionRow, 'selection');
      places.set(asText(row[0]), { configurationRow, row, selection, content });
    }
  }
  const stranger = ids.find((id) => !places.has(id));
  if (stranger !== undefined) throw new Error(`configuration ${stranger} is not enrolled in run ${run.runId}`);
  return places;
}

function checkContent({ configurationId, datasetHash }: OutcomeRecord, { content }: Place): void {
  if (datasetHash === (content?.contentHash ?? null)) return;
  throw new Error(
    `configuration ${configurationId} is on dataset ${content?.contentHash ?? null}, its outcome is of ${datasetHash}`,
  );
}

const selectMembers = (count: number) => `
  SELECT configurations.configuration_id, configurations.id, configurations.selection_id, ${CONFIGURATION_COLUMNS}
  FROM configurations
  JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = configurations.id
  WHERE configurations.configuration_id IN (${placeholders(count)})`;
const CONFIGURATION_OFFSET = 3;

/** The verdict that stands under a key. */
type Standing = { readonly verdictRow: number; readonly digest: Uint8Array };

/** Those of these places, by the configuration's row: a configuration has one content, by the run's data and code. */
function* standingOf(connection: Connection, run: Run, places: readonly Place[]): Sql<Map<number, Standing>> {
  const found = new Map<number, Standing>();
  for (const [content, own] of Map.groupBy(places, (place) => place.content)) {
    if (content === null) continue;
    for (const some of chunksOf(own.map(({ configurationRow }) => configurationRow))) {
      const sql = `SELECT configuration_id, id, digest FROM verdicts
        WHERE content_id = ? AND code_id = ? AND configuration_id IN (${placeholders(some.length)})`;
      for (const [configuration, row, digest] of yield* connection.all(sql, content.row, run.codeRow, ...some)) {
        found.set(asNumber(configuration), { verdictRow: asNumber(row), digest: asBytes(digest) });
      }
    }
  }
  return found;
}

/** A verdict that is not stored yet. */
type Fresh = {
  readonly place: Place;
  readonly outcome: OutcomeRecord & { kind: 'completed' };
  readonly rows: VerdictRows;
};

function* verdictOf(
  connection: Connection,
  run: Run,
  place: Place,
  outcome: OutcomeRecord & { kind: 'completed' },
): Sql<Fresh> {
  const { configurationId, durationMs, result, verdict, dailyLosses } = outcome;
  if (place.content === null) throw new Error(`configuration ${configurationId} has no dataset`);
  // The days may have been told by another verdict of this transaction.
  const content = yield* agreeOnDays(connection, referenced(run.contents, place.content.row, 'dataset'), dailyLosses);
  run.contents.set(content.row, content);
  const metrics = encodeMetrics(result);
  const document = documentOf(result, verdict);
  const losses = new Uint8Array(lossSumsOf(dailyLosses).buffer);
  const configuration = configurationOf(place.row, CONFIGURATION_OFFSET, place.selection);
  return {
    place,
    outcome,
    rows: {
      verdict: { ...summaryOf(result, verdict), configurationId, configuration, durationMs },
      content,
      code: run.code,
      codeRow: run.codeRow,
      configurationRow: place.configurationRow,
      runRow: run.row,
      digest: digestOf(document, content.daysText ?? '', losses),
      metrics,
      losses,
      document,
    },
  };
}

/** @returns their rows */
function* storeVerdicts(connection: Connection, run: Run, fresh: readonly Fresh[]): Sql<number[]> {
  if (fresh.length === 0) return [];
  const rows = yield* insertVerdicts(
    connection,
    fresh.map((verdict) => verdict.rows),
  );
  if (run.seals) {
    yield* connection.runEach(
      'INSERT INTO sealed_verdicts VALUES (?)',
      rows.map((row) => [row]),
    );
  } else {
    const { dataRow, dataHash, sweep, runId } = run;
    const counted = fresh.map(({ place: { configurationRow }, outcome, rows: { content } }) => {
      const { row: contentRow, contentHash } = content;
      const { configurationId, dailyLosses } = outcome;
      const verdict = { dataRow, dataHash, contentRow, contentHash, configurationRow, configurationId, sweep, runId };
      return [verdict, dailyLosses] as const;
    });
    yield* countLooks(connection, counted);
  }
  const configurationRows = fresh.map(({ place }) => place.configurationRow);
  yield* connection.runEach(
    'INSERT INTO looks VALUES (?, ?) ON CONFLICT DO NOTHING',
    configurationRows.map((row) => [run.dataRow, row]),
  );
  for (const some of chunksOf(configurationRows)) {
    const sql = `DELETE FROM failures WHERE data_id = ? AND code_id = ? AND configuration_id IN (${placeholders(some.length)})`;
    yield* connection.run(sql, run.dataRow, run.codeRow, ...some);
  }
  return rows;
}

function* storeConflict(
  connection: Connection,
  run: Run,
  { outcome: { configurationId }, rows: { content, digest } }: Fresh,
  stands: Standing,
): Sql<Conflict> {
  yield* connection.run(
    'INSERT INTO conflicts (verdict_id, run_id, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    stands.verdictRow,
    run.row,
    digest,
  );
  return {
    verdictId: `${configurationId}@${verdictKey(content.contentHash, run.code)}`,
    configurationId,
    storedDigest: toHex(stands.digest),
    otherDigest: toHex(digest),
    runId: run.runId,
  };
}

function* storeFailure(
  connection: Connection,
  run: Run,
  { configurationRow }: Place,
  { durationMs, attempts, error }: OutcomeRecord & { kind: 'failed' },
): Sql<void> {
  const key = [run.dataRow, run.codeRow, configurationRow] as const;
  yield* connection.run(PUT_FAILURE, ...key, run.row, durationMs, attempts, error.name, error.message);
}

const PUT_FAILURE = `
  INSERT INTO failures (
    data_id, code_id, configuration_id, run_id, duration_ms, attempts, error_name, error_message)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (data_id, code_id, configuration_id) DO UPDATE SET
    run_id = excluded.run_id, duration_ms = excluded.duration_ms, attempts = excluded.attempts,
    error_name = excluded.error_name, error_message = excluded.error_message`;
