import { UserError } from '../../user-error.ts';
import type { MetricColumn } from '../metric-columns.ts';
import type { FailedConfiguration, JudgedConfiguration, OutcomeQuery, OutcomeSet } from '../records.ts';
import type { Connection, Row } from './connection.ts';
import { CheckedMetrics } from './metric-checksums.ts';
import {
  CONFIGURATION_COLUMN_COUNT,
  CONFIGURATION_COLUMNS,
  configurationOf,
  readCodeVersions,
  readDatasets,
  referenced,
} from './read-configuration.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asNumber, asNumberOrNull, asText } from './values.ts';
import { type VerdictRow, verdictChecksum } from './verdict-row.ts';

/** See `VerdictStore.outcomes`. */
export function readOutcomes(connection: Connection, query: OutcomeQuery): OutcomeSet {
  return connection.read(() => {
    const sweepRow = query.sweep === undefined ? null : sweepRowOf(connection, query.sweep);
    const judged = readVerdicts(connection, sweepRow, query.metrics ?? []);
    const failed = readFailures(connection, sweepRow);
    return {
      judged,
      failed,
      pendingCount:
        sweepRow === null
          ? pendingCount(connection)
          : memberCount(connection, sweepRow) - judged.length - failed.length,
      lockedSplitCounts: lockedSplitCounts(connection),
    };
  });
}

/** See `VerdictStore.outcomesOf`. */
export function readOutcomesOf(
  connection: Connection,
  datasetHash: string,
  codeVersion: string,
  configurationIds: Iterable<string>,
): ReadonlyMap<string, 'completed' | 'failed'> {
  const stored = new Map<string, 'completed' | 'failed'>();
  connection.read(() => {
    for (const [table, kind] of [
      ['failures', 'failed'],
      ['verdicts', 'completed'],
    ] as const) {
      for (const row of connection.iterate(idsWithOutcomeIn(table), codeVersion, datasetHash))
        stored.set(asText(row[0]), kind);
    }
  });
  const found = new Map<string, 'completed' | 'failed'>();
  for (const id of configurationIds) {
    const kind = stored.get(id);
    if (kind !== undefined) found.set(id, kind);
  }
  return found;
}

/** See `VerdictStore.pages`. A page is a read of its own: nothing is held between two. */
export function readPage(
  connection: Connection,
  query: OutcomeQuery,
  afterRow: number,
  pageSize: number,
): { verdicts: JudgedConfiguration[]; lastRow: number } {
  return connection.read(() => {
    const sweepRow = query.sweep === undefined ? null : sweepRowOf(connection, query.sweep);
    let lastRow = afterRow;
    const page = { afterRow, pageSize, onRow: (row: number) => (lastRow = row) };
    const verdicts = readVerdicts(connection, sweepRow, query.metrics ?? [], page);
    return { verdicts, lastRow };
  });
}

/** @throws UserError when there is no such sweep */
export function sweepRowOf(connection: Connection, name: string): number {
  const row = connection.get('SELECT id FROM sweeps WHERE name = ?', name);
  if (row !== undefined) return asNumber(row[0]);
  const names = connection
    .all('SELECT name FROM sweeps ORDER BY id DESC LIMIT 6')
    .map((found) => JSON.stringify(found[0]));
  const known = names.length === 0 ? 'none' : names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  throw new UserError(`sweep ${JSON.stringify(name)}: not in this store, which has ${known}`);
}

type Page = { readonly afterRow: number; readonly pageSize: number; readonly onRow: (verdictRow: number) => void };

function readVerdicts(
  connection: Connection,
  sweepRow: number | null,
  metrics: readonly MetricColumn[],
  page?: Page,
): JudgedConfiguration[] {
  const datasets = readDatasets(connection);
  const codeVersions = readCodeVersions(connection);
  const checked = new CheckedMetrics(metrics);
  const rows = connection.iterate(
    selectVerdicts(sweepRow !== null, checked.names, page !== undefined),
    ...(sweepRow === null ? [] : [sweepRow]),
    ...(page === undefined ? [] : [page.afterRow, page.pageSize]),
  );
  const verdicts: JudgedConfiguration[] = [];
  for (const row of rows) {
    const dataset = referenced(datasets, asNumber(row[2]), 'dataset');
    const verdict: VerdictRow = {
      configurationId: asText(row[1]),
      configuration: configurationOf(row, VERDICT_COLUMN_COUNT, dataset),
      dataset,
      codeVersion: referenced(codeVersions, asNumber(row[3]), 'code version'),
      durationMs: asNumber(row[4]),
      passed: asNumber(row[5]) === 1,
      gatesPassed: asNumber(row[6]),
      smallestMargin: asNumberOrNull(row[7]),
      weakestGate: asNumber(row[8]),
      tuneEdgeMaeRatio: asNumberOrNull(row[9]),
      tuneAuc: asNumberOrNull(row[10]),
    };
    const checksum = verdictChecksum(verdict);
    if (checksum !== asNumber(row[11])) {
      throw new DamagedValue(`the verdict of ${verdict.configurationId} differs from its checksum`);
    }
    page?.onRow(asNumber(row[0]));
    const values =
      metrics.length === 0 ? NO_METRICS : checked.read(row, METRICS_OFFSET, checksum, verdict.configurationId);
    verdicts.push({ ...verdict, metrics: values });
  }
  return verdicts;
}

const VERDICT_COLUMNS = `
  verdicts.id, configurations.configuration_id, verdicts.dataset_id, verdicts.code_version_id, verdicts.duration_ms,
  verdicts.passed, verdicts.checks_passed, verdicts.smallest_margin, verdicts.weakest_check,
  verdicts.tune_edge_mae_ratio, verdicts.tune_auc, verdicts.checksum`;
const VERDICT_COLUMN_COUNT = 12;
const METRICS_OFFSET = VERDICT_COLUMN_COUNT + CONFIGURATION_COLUMN_COUNT;
const NO_METRICS: readonly never[] = [];

// Built of names from our own lists only; what a user typed goes in as a value.
function selectVerdicts(isOfSweep: boolean, metrics: readonly string[], isPage: boolean): string {
  const names = metrics.map((name) => `, ${name}`).join('');
  return `
    SELECT ${VERDICT_COLUMNS}, ${CONFIGURATION_COLUMNS}${names}
    FROM verdicts
    JOIN configurations ON configurations.id = verdicts.configuration_id
    ${isOfSweep ? `JOIN sweep_configurations AS member ON member.sweep_id = ? AND ${sameKey('verdicts')}` : ''}
    ${metrics.length > 0 ? 'LEFT JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id' : ''}
    ${isPage ? 'WHERE verdicts.id > ? ORDER BY verdicts.id LIMIT ?' : ''}`;
}

function sameKey(table: 'verdicts' | 'failures'): string {
  return ['configuration_id', 'dataset_id', 'code_version_id']
    .map((column) => `member.${column} = ${table}.${column}`)
    .join(' AND ');
}

function readFailures(connection: Connection, sweepRow: number | null): FailedConfiguration[] {
  const datasets = readDatasets(connection);
  const codeVersions = readCodeVersions(connection);
  const sql = `
    SELECT configurations.configuration_id, failures.dataset_id, failures.code_version_id, failures.duration_ms,
      failures.attempts, failures.error_name, failures.error_message, ${CONFIGURATION_COLUMNS}
    FROM failures
    JOIN configurations ON configurations.id = failures.configuration_id
    ${sweepRow === null ? '' : `JOIN sweep_configurations AS member ON member.sweep_id = ? AND ${sameKey('failures')}`}`;
  return connection.all(sql, ...(sweepRow === null ? [] : [sweepRow])).map((row: Row) => {
    const dataset = referenced(datasets, asNumber(row[1]), 'dataset');
    return {
      configurationId: asText(row[0]),
      configuration: configurationOf(row, 7, dataset),
      dataset,
      codeVersion: referenced(codeVersions, asNumber(row[2]), 'code version'),
      durationMs: asNumber(row[3]),
      attempts: asNumber(row[4]),
      error: { name: asText(row[5]), message: asText(row[6]) },
    };
  });
}

function memberCount(connection: Connection, sweepRow: number): number {
  const sql = 'SELECT count(*) FROM sweep_configurations WHERE sweep_id = ?';
  return asNumber(connection.get(sql, sweepRow)?.[0]);
}

/** Of the whole store. Two sweeps may wait for the same configuration; and not every outcome is still some sweep's. */
function pendingCount(connection: Connection): number {
  const sql = `
    SELECT count(*) FROM (
      SELECT DISTINCT configuration_id, dataset_id, code_version_id FROM sweep_configurations AS member
      WHERE NOT EXISTS (SELECT 1 FROM verdicts WHERE ${sameKey('verdicts')})
        AND NOT EXISTS (SELECT 1 FROM failures WHERE ${sameKey('failures')}))`;
  return asNumber(connection.get(sql)?.[0]);
}

function lockedSplitCounts(connection: Connection): ReadonlyMap<string, number> {
  const rows = connection.all(`
    SELECT datasets.baseline_run_id, count(DISTINCT verdicts.configuration_id)
    FROM verdicts JOIN datasets ON datasets.id = verdicts.dataset_id
    GROUP BY datasets.baseline_run_id`);
  return new Map(rows.map((row) => [asText(row[0]), asNumber(row[1])]));
}

function idsWithOutcomeIn(table: 'verdicts' | 'failures'): string {
  return `
    SELECT configurations.configuration_id
    FROM datasets
    JOIN code_versions ON code_versions.name = ?
    JOIN ${table} AS outcome ON outcome.dataset_id = datasets.id AND outcome.code_version_id = code_versions.id
    JOIN configurations ON configurations.id = outcome.configuration_id
    WHERE datasets.content_hash = ?`;
}
