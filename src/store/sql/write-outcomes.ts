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
import { isSealingRun, sealVerdict } from './sealed-verdicts.ts';
import { asBytes, asNumber, asText } from './values.ts';
import { insertVerdict, SELECT_STANDING } from './verdict-rows.ts';
import { verdictKey } from './verdict-seal.ts';

/** See `VerdictStore.record`. */
export function* recordOutcomes(
  connection: Connection,
  runId: RunId,
  outcomes: readonly OutcomeRecord[],
): Sql<RecordCounts> {
  return yield* connection.write(function* () {
    const run = yield* runOf(connection, runId);
    const counts = { completed: 0, failed: 0, ignored: 0, conflicts: [] as Conflict[] };
    for (const outcome of outcomes) {
      const place = yield* placeOf(connection, run, outcome);
      const stored =
        outcome.kind === 'completed'
          ? yield* storeVerdict(connection, run, place, outcome)
          : yield* storeFailure(connection, run, place, outcome);
      if (stored === true) counts[outcome.kind] += 1;
      else counts.ignored += 1;
      if (typeof stored === 'object') counts.conflicts.push(stored);
    }
    return counts;
  });
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

function* placeOf(connection: Connection, run: Run, { configurationId, datasetHash }: OutcomeRecord): Sql<Place> {
  const row = yield* connection.get(SELECT_MEMBER, run.sweepRow, configurationId);
  if (row === undefined) throw new Error(`configuration ${configurationId} is not enrolled in run ${run.runId}`);
  const [configurationRow, selectionRow] = [asNumber(row[0]), asNumber(row[1])];
  const contentRow = run.datasets.get(selectionRow) ?? null;
  const content = contentRow === null ? null : referenced(run.contents, contentRow, 'dataset');
  if (datasetHash !== (content?.contentHash ?? null)) {
    throw new Error(
      `configuration ${configurationId} is on dataset ${content?.contentHash ?? null}, its outcome is of ${datasetHash}`,
    );
  }
  return { configurationRow, row, selection: referenced(run.selections, selectionRow, 'selection'), content };
}

const SELECT_MEMBER = `
  SELECT configurations.id, configurations.selection_id, ${CONFIGURATION_COLUMNS}
  FROM configurations
  JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = configurations.id
  WHERE configurations.configuration_id = ?`;
const CONFIGURATION_OFFSET = 2;

/** @returns whether it is new, or the conflict with the verdict that stands */
function* storeVerdict(
  connection: Connection,
  run: Run,
  { configurationRow, row, selection, content }: Place,
  outcome: OutcomeRecord & { kind: 'completed' },
): Sql<boolean | Conflict> {
  if (content === null) throw new Error(`configuration ${outcome.configurationId} has no dataset`);
  const told = yield* agreeOnDays(connection, content, outcome.dailyLosses);
  run.contents.set(content.row, told);
  const metrics = encodeMetrics(outcome.result);
  const document = documentOf(outcome.result, outcome.verdict);
  const losses = new Uint8Array(lossSumsOf(outcome.dailyLosses).buffer);
  const digest = digestOf(document, told.daysText ?? '', losses);
  const standing = yield* connection.get(SELECT_STANDING, content.row, run.codeRow, configurationRow);
  if (standing !== undefined) return yield* conflictOf(connection, run, told, outcome, standing, digest);
  const summary = summaryOf(outcome.result, outcome.verdict);
  const { configurationId, durationMs } = outcome;
  const configuration = configurationOf(row, CONFIGURATION_OFFSET, selection);
  const verdictRow = yield* insertVerdict(connection, {
    verdict: { ...summary, configurationId, configuration, durationMs },
    content: told,
    code: run.code,
    codeRow: run.codeRow,
    configurationRow,
    runRow: run.row,
    digest,
    metrics,
    losses,
    document,
  });
  if (run.seals) yield* sealVerdict(connection, verdictRow);
  else {
    const { dataRow, dataHash, sweep, runId } = run;
    const { row: contentRow, contentHash } = told;
    const verdict = { dataRow, dataHash, contentRow, contentHash, configurationRow, configurationId, sweep, runId };
    yield* countLooks(connection, verdict, outcome.dailyLosses);
  }
  yield* connection.run('INSERT INTO looks VALUES (?, ?) ON CONFLICT DO NOTHING', run.dataRow, configurationRow);
  yield* connection.run(DELETE_FAILURE, run.dataRow, run.codeRow, configurationRow);
  return true;
}

const DELETE_FAILURE = 'DELETE FROM failures WHERE data_id = ? AND code_id = ? AND configuration_id = ?';

function* conflictOf(
  connection: Connection,
  run: Run,
  content: Content,
  { configurationId }: OutcomeRecord,
  [verdictRow, standing]: Row,
  digest: Uint8Array,
): Sql<false | Conflict> {
  const stored = asBytes(standing);
  if (isSame(stored, digest)) return false;
  yield* connection.run(
    'INSERT INTO conflicts (verdict_id, run_id, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    asNumber(verdictRow),
    run.row,
    digest,
  );
  return {
    verdictId: `${configurationId}@${verdictKey(content.contentHash, run.code)}`,
    configurationId,
    storedDigest: toHex(stored),
    otherDigest: toHex(digest),
    runId: run.runId,
  };
}

/** @returns false where a verdict stands */
function* storeFailure(
  connection: Connection,
  run: Run,
  { configurationRow, content }: Place,
  { durationMs, attempts, error }: OutcomeRecord & { kind: 'failed' },
): Sql<boolean> {
  if (
    content !== null &&
    (yield* connection.get(SELECT_STANDING, content.row, run.codeRow, configurationRow)) !== undefined
  ) {
    return false;
  }
  const key = [run.dataRow, run.codeRow, configurationRow] as const;
  yield* connection.run(PUT_FAILURE, ...key, run.row, durationMs, attempts, error.name, error.message);
  return true;
}

const PUT_FAILURE = `
  INSERT INTO failures (
    data_id, code_id, configuration_id, run_id, duration_ms, attempts, error_name, error_message)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (data_id, code_id, configuration_id) DO UPDATE SET
    run_id = excluded.run_id, duration_ms = excluded.duration_ms, attempts = excluded.attempts,
    error_name = excluded.error_name, error_message = excluded.error_message`;
