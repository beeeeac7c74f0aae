import { createHash } from 'node:crypto';
import { encodeDailyLosses } from '../daily-losses-codec.ts';
import { METRIC_GROUPS } from '../metric-columns.ts';
import type { DatasetRecord, Judgement, OutcomeRecord, RecordCounts, RunId } from '../records.ts';
import { summaryOf } from '../verdict-summary.ts';
import type { Connection } from './connection.ts';
import { checksumColumn, groupChecksum } from './metric-checksums.ts';
import { readConfiguration, readDatasets, referenced } from './read-configuration.ts';
import { asNumber, asText } from './values.ts';
import { verdictChecksum } from './verdict-row.ts';

/** See `VerdictStore.record`. */
export function recordOutcomes(connection: Connection, runId: RunId, outcomes: readonly OutcomeRecord[]): RecordCounts {
  return connection.write(() => {
    const counts = { completed: 0, failed: 0, ignored: 0 };
    const datasets = readDatasets(connection);
    for (const outcome of outcomes) {
      const enrolment = enrolmentOf(connection, runId, outcome);
      const isStored =
        outcome.kind === 'completed'
          ? storeVerdict(connection, runId, enrolment, outcome, referenced(datasets, enrolment.datasetRow, 'dataset'))
          : storeFailure(connection, runId, enrolment, outcome);
      counts[isStored ? outcome.kind : 'ignored'] += 1;
    }
    return counts;
  });
}

/** The bytes that tell whether the documents of a verdict are those that were written: half a SHA-256. */
export function documentDigest(result: string, verdict: string, dailyLosses: Uint8Array): Uint8Array {
  const hash = createHash('sha256');
  for (const part of [result, verdict, dailyLosses]) hash.update(`${part.length}\0`).update(part);
  return new Uint8Array(hash.digest().subarray(0, 16));
}

/** The rows that an outcome belongs to. */
type Enrolment = {
  readonly configurationRow: number;
  readonly datasetRow: number;
  readonly codeVersionRow: number;
  readonly codeVersion: string;
  readonly datasetHash: string | null;
};

function enrolmentOf(connection: Connection, runId: RunId, outcome: OutcomeRecord): Enrolment {
  const row = connection.get(SELECT_ENROLMENT, outcome.configurationId, runId);
  if (row === undefined) throw new Error(`configuration ${outcome.configurationId} is not enrolled in run ${runId}`);
  const [configurationRow, datasetRow, codeVersionRow, codeVersion, contentHash] = row;
  return {
    configurationRow: asNumber(configurationRow),
    datasetRow: asNumber(datasetRow),
    codeVersionRow: asNumber(codeVersionRow),
    codeVersion: asText(codeVersion),
    datasetHash: asText(contentHash) || null,
  };
}

const SELECT_ENROLMENT = `
  SELECT configurations.id, member.dataset_id, member.code_version_id, code_versions.name, datasets.content_hash
  FROM runs
  JOIN configurations ON configurations.configuration_id = ?
  JOIN sweep_configurations AS member
    ON member.sweep_id = runs.sweep_id AND member.configuration_id = configurations.id
  JOIN code_versions ON code_versions.id = member.code_version_id
  JOIN datasets ON datasets.id = member.dataset_id
  WHERE runs.id = ?`;

/** @returns whether it is new */
function storeVerdict(
  connection: Connection,
  runId: RunId,
  enrolment: Enrolment,
  outcome: OutcomeRecord & { kind: 'completed' },
  dataset: DatasetRecord,
): boolean {
  checkDataset(enrolment, outcome);
  const { configurationRow, datasetRow, codeVersionRow } = enrolment;
  const summary = summaryOf(outcome.result, outcome.verdict);
  const checksum = verdictChecksum({
    ...summary,
    configurationId: outcome.configurationId,
    configuration: readConfiguration(connection, configurationRow, dataset),
    dataset,
    codeVersion: enrolment.codeVersion,
    durationMs: outcome.durationMs,
  });
  const { changes, lastId } = connection.run(
    `INSERT INTO verdicts (
       dataset_id, code_version_id, configuration_id, run_id, duration_ms, passed, checks_passed, smallest_margin,
       weakest_check, tune_edge_mae_ratio, tune_auc, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    datasetRow,
    codeVersionRow,
    configurationRow,
    runId,
    outcome.durationMs,
    Number(summary.passed),
    summary.gatesPassed,
    summary.smallestMargin,
    summary.weakestGate,
    summary.tuneEdgeMaeRatio,
    summary.tuneAuc,
    checksum,
  );
  if (changes === 0) return false;
  storeMetrics(connection, lastId, checksum, outcome);
  storeDocuments(connection, lastId, outcome);
  connection.run(
    'DELETE FROM failures WHERE dataset_id = ? AND code_version_id = ? AND configuration_id = ?',
    datasetRow,
    codeVersionRow,
    configurationRow,
  );
  return true;
}

function checkDataset(enrolment: Enrolment, outcome: OutcomeRecord): void {
  if (outcome.datasetHash === enrolment.datasetHash) return;
  throw new Error(
    `configuration ${outcome.configurationId} is enrolled on dataset ${enrolment.datasetHash}, its outcome is of ${outcome.datasetHash}`,
  );
}

function storeMetrics(connection: Connection, verdictRow: number, verdictSum: number, { result }: Judgement): void {
  const values = METRIC_GROUPS.flatMap((group) => {
    const metrics = group.columns.map((column) => {
      const value = column.valueOf(result);
      // SQLite would take NaN for NULL, and JSON would lose both.
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new Error(`${column.name}: ${value} is no metric`);
      return value;
    });
    return [...metrics, groupChecksum(verdictSum, metrics)];
  });
  connection.run(INSERT_METRICS, verdictRow, ...values);
}

const STORED_COLUMNS = METRIC_GROUPS.flatMap((group) => [
  ...group.columns.map((column) => column.name),
  checksumColumn(group),
]);
const INSERT_METRICS = `
  INSERT INTO verdict_metrics (verdict_id, ${STORED_COLUMNS.join(', ')})
  VALUES (?${', ?'.repeat(STORED_COLUMNS.length)})`;

function storeDocuments(connection: Connection, verdictRow: number, judgement: Judgement): void {
  const result = JSON.stringify(judgement.result);
  const verdict = JSON.stringify(judgement.verdict);
  const dailyLosses = encodeDailyLosses(judgement.dailyLosses);
  connection.run(
    'INSERT INTO verdict_documents (verdict_id, result, verdict, daily_losses, digest) VALUES (?, ?, ?, ?, ?)',
    verdictRow,
    result,
    verdict,
    dailyLosses,
    documentDigest(result, verdict, dailyLosses),
  );
}

/** @returns false where a verdict stands */
function storeFailure(
  connection: Connection,
  runId: RunId,
  enrolment: Enrolment,
  outcome: OutcomeRecord & { kind: 'failed' },
): boolean {
  // `enrol` left the configuration with its verdict on content that could be built once.
  if (outcome.datasetHash === null && enrolment.datasetHash !== null) return false;
  checkDataset(enrolment, outcome);
  const key = [enrolment.datasetRow, enrolment.codeVersionRow, enrolment.configurationRow] as const;
  const { durationMs, attempts, error } = outcome;
  if (connection.get(SELECT_VERDICT, ...key) !== undefined) return false;
  connection.run(PUT_FAILURE, ...key, runId, durationMs, attempts, error.name, error.message);
  return true;
}

const SELECT_VERDICT = 'SELECT id FROM verdicts WHERE dataset_id = ? AND code_version_id = ? AND configuration_id = ?';

const PUT_FAILURE = `
  INSERT INTO failures (
    dataset_id, code_version_id, configuration_id, run_id, duration_ms, attempts, error_name, error_message)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    run_id = excluded.run_id, duration_ms = excluded.duration_ms, attempts = excluded.attempts,
    error_name = excluded.error_name, error_message = excluded.error_message`;
