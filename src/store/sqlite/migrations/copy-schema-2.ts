import { createHash, randomUUID } from 'node:crypto';
import type { ExperimentResult } from '../../../experiment/results.ts';
import type { Verdict } from '../../../experiment/verdict.ts';
import { lossDaysOf, lossSumsOf } from '../../daily-losses.ts';
import { encodeMetrics } from '../../metric-values.ts';
import { DamagedValue } from '../../sql/damaged-value.ts';
import { digestOf, isSame, sealOf } from '../../sql/seal.ts';
import { asBytes, asJson, asNumber, asNumberOrNull, asText, asTextOrNull } from '../../sql/values.ts';
import { metricsSeal, verdictSeal } from '../../sql/verdict-seal.ts';
import { fitStatusBits } from '../../unconverged-fits.ts';
import { documentOf } from '../../verdict-document.ts';
import { summaryOf } from '../../verdict-summary.ts';
import type { Row, SqliteConnection } from '../connection.ts';
import { schema1Checksum } from './schema-1-checksum.ts';
import { decodeSchema1Losses } from './schema-1-losses.ts';

/**
 * Fills the tables of schema 3 from those of schema 2, which are `old_…` by now. Each verdict is held against its old
 * checksums first, so that no damage gets a new seal.
 *
 * Schema 2 did not know data: what has one baseline run, place and generation counts as one, where the n-th content of
 * an ages set and cap is of the n-th generation.
 */
export function copySchema2(connection: SqliteConnection): void {
  copySmallTables(connection);
  const dataOf = copyData(connection);
  copyRuns(connection, dataOf);
  copyVerdicts(connection);
  copyFailures(connection, dataOf);
  connection.exec(`
    INSERT INTO looks
    SELECT DISTINCT runs.data_id, verdicts.configuration_id FROM verdicts JOIN runs ON runs.id = verdicts.run_id`);
}

function copySmallTables(connection: SqliteConnection): void {
  for (const [id, name] of connection.all('SELECT id, name FROM old_code_versions')) {
    // The old name is the code's hash now: what was judged by it is other code than any that has a hash.
    const version = asText(name);
    connection.run('INSERT INTO codes VALUES (?, ?, ?, ?)', asNumber(id), version, version, sealOf([version, version]));
  }
  connection.exec(`
    INSERT INTO selections (ages_minutes, max_rows_per_split)
    SELECT DISTINCT ages_minutes, max_rows_per_split FROM old_datasets;
    INSERT INTO configurations
    SELECT id, configuration_id, canonical, (
        SELECT selections.id FROM old_sweep_configurations AS member
        JOIN old_datasets ON old_datasets.id = member.dataset_id
        JOIN selections ON selections.ages_minutes = old_datasets.ages_minutes
          AND selections.max_rows_per_split = old_datasets.max_rows_per_split
        WHERE member.configuration_id = old_configurations.id LIMIT 1),
      regressor_alpha, huber_epsilon, regressor_max_iter, regression_target_clip_bps
    FROM old_configurations
    WHERE id IN (SELECT configuration_id FROM old_sweep_configurations)`);
  for (const [selection, hash, rows] of connection.all(SELECT_CONTENTS)) {
    connection.run(
      `INSERT INTO contents (selection_id, content_hash, row_count, seal) VALUES (?, ?, ?, 0)`,
      asNumber(selection),
      asText(hash),
      asNumber(rows),
    );
  }
  for (const [id, name, createdAt, definition] of connection.all(SELECT_SWEEPS)) {
    const values = [asText(name), asText(definition), asText(createdAt)] as const;
    connection.run('INSERT INTO sweeps VALUES (?, ?, ?, ?, ?)', asNumber(id), ...values, sealOf(values));
  }
  connection.exec('INSERT INTO sweep_configurations SELECT sweep_id, configuration_id FROM old_sweep_configurations');
}

const OF_SELECTION = `
  JOIN selections ON selections.ages_minutes = old_datasets.ages_minutes
    AND selections.max_rows_per_split = old_datasets.max_rows_per_split`;

const SELECT_CONTENTS = `
  SELECT selections.id, content_hash, row_count FROM old_datasets ${OF_SELECTION}
  WHERE content_hash <> '' ORDER BY old_datasets.id`;

const SELECT_SWEEPS = `
  SELECT old_sweeps.id, name, created_at, definition FROM old_sweeps
  JOIN old_runs ON old_runs.id = (SELECT max(id) FROM old_runs WHERE sweep_id = old_sweeps.id)`;

/** old dataset's row → data's row */
type DataOf = ReadonlyMap<number, number>;

function copyData(connection: SqliteConnection): DataOf {
  const dataOf = new Map<number, number>();
  const generations = new Map<string, number>();
  const rows = connection.all(
    `SELECT id, baseline_run_id, data_root, ages_minutes, max_rows_per_split, content_hash FROM old_datasets ORDER BY id`,
  );
  for (const [id, runId, root, ages, cap, contentHash] of rows) {
    const place = JSON.stringify([asText(runId), asText(ages), asNumber(cap)]);
    const generation = (generations.get(place) ?? 0) + 1;
    // A dataset that could not be built says nothing of the data.
    if (asText(contentHash) !== '') generations.set(place, generation);
    dataOf.set(asNumber(id), putOldData(connection, asText(runId), asText(root), generation));
  }
  return dataOf;
}

function putOldData(connection: SqliteConnection, runId: string, root: string, generation: number): number {
  const values = [runId, `unknown-${generation}`, root, null, '{}'] as const;
  connection.run(
    `INSERT INTO data (baseline_run_id, hash, data_root, files, reading, seal) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (baseline_run_id, hash) DO UPDATE SET data_root = excluded.data_root, seal = excluded.seal`,
    ...values,
    sealOf(values),
  );
  const row = connection.get('SELECT id FROM data WHERE baseline_run_id = ? AND hash = ?', values[0], values[1]);
  return asNumber(row?.[0]);
}

function copyRuns(connection: SqliteConnection, dataOf: DataOf): void {
  for (const [dataset, code, selection, hash] of connection.all(SELECT_DATASETS)) {
    connection.run(
      `INSERT INTO datasets SELECT ?, ?, ?, (SELECT id FROM contents WHERE selection_id = ? AND content_hash = ?)
       WHERE true ON CONFLICT DO UPDATE SET content_id = coalesce(excluded.content_id, content_id)`,
      dataOf.get(asNumber(dataset))!,
      asNumber(code),
      asNumber(selection),
      asNumber(selection),
      asText(hash),
    );
  }
  for (const row of connection.all(SELECT_RUNS)) {
    const [id, sweepRow, codeRow, codeName, sweepName, dataset] = row;
    const dataRow = dataset === null ? putOldData(connection, 'unknown', '.', 0) : dataOf.get(asNumber(dataset))!;
    const uuid = randomUUID();
    const outcome = asText(row[15]);
    const values = [
      uuid,
      asText(sweepName),
      asNumber(row[6]),
      asText(row[7]),
      asText(row[8]),
      asTextOrNull(row[9]),
      asNumberOrNull(row[10]),
      asText(row[11]),
      '{}',
      asText(row[12]),
      asText(row[13]),
      null,
      null,
      asText(row[14]),
      asTextOrNull(row[16]),
      outcome,
      null,
    ] as const;
    connection.run(
      `INSERT INTO runs (
         id, sweep_id, code_id, data_id, uuid, sweep_name, configuration_count, definition, options, git_commit,
         git_dirty, node_version, packages, cpu_model, platform, host, user_name, started_at, finished_at, outcome,
         reason, seal)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      asNumber(id),
      asNumber(sweepRow),
      asNumber(codeRow),
      dataRow,
      ...values,
      sealOf([asText(codeName), hashOfData(connection, dataRow), ...values]),
    );
  }
}

function hashOfData(connection: SqliteConnection, dataRow: number): string {
  return asText(connection.get('SELECT hash FROM data WHERE id = ?', dataRow)?.[0]);
}

const SELECT_DATASETS = `
  SELECT old_datasets.id, used.code_version_id, selections.id, old_datasets.content_hash
  FROM (
    SELECT dataset_id, code_version_id FROM old_verdicts
    UNION SELECT dataset_id, code_version_id FROM old_sweep_configurations) AS used
  JOIN old_datasets ON old_datasets.id = used.dataset_id ${OF_SELECTION}
  ORDER BY old_datasets.id`;

// The data of a run are those of the last dataset that it made a verdict on, else of one that its sweep shows.
const SELECT_RUNS = `
  SELECT old_runs.id, old_runs.sweep_id, old_runs.code_version_id, old_code_versions.name, old_sweeps.name,
    coalesce(
      (SELECT max(dataset_id) FROM old_verdicts WHERE run_id = old_runs.id),
      (SELECT max(dataset_id) FROM old_sweep_configurations WHERE sweep_id = old_runs.sweep_id),
      (SELECT max(id) FROM old_datasets)),
    configuration_count, definition, options, git_commit, git_dirty, node_version, cpu_model, platform, started_at,
    outcome, finished_at
  FROM old_runs
  JOIN old_code_versions ON old_code_versions.id = old_runs.code_version_id
  JOIN old_sweeps ON old_sweeps.id = old_runs.sweep_id`;

function copyVerdicts(connection: SqliteConnection): void {
  const days = new Map<number, string>();
  for (let last = 0; ; ) {
    const page = connection.all(SELECT_VERDICTS, last);
    for (const row of page) {
      last = asNumber(row[0]);
      copyVerdict(connection, row, days);
    }
    if (page.length === 0) break;
  }
  for (const row of connection.all(
    `SELECT contents.id, ages_minutes, max_rows_per_split, content_hash, row_count
     FROM contents JOIN selections ON selections.id = selection_id`,
  )) {
    const contentRow = asNumber(row[0]);
    const daysText = days.get(contentRow) ?? null;
    const values = [asText(row[1]), asNumber(row[2]), asText(row[3]), asNumber(row[4]), daysText];
    connection.run('UPDATE contents SET days = ?, seal = ? WHERE id = ?', daysText, sealOf(values), contentRow);
  }
}

const PAGE_SIZE = 500;
const SELECT_VERDICTS = `
  SELECT old_verdicts.id, contents.id, old_verdicts.code_version_id, old_verdicts.configuration_id, run_id, duration_ms,
    checksum, result, verdict, daily_losses, digest, configurations.configuration_id, old_code_versions.name,
    old_datasets.ages_minutes, old_datasets.max_rows_per_split, old_datasets.content_hash, old_datasets.row_count,
    regressor_alpha, huber_epsilon, regressor_max_iter, regression_target_clip_bps
  FROM old_verdicts
  JOIN old_verdict_documents ON old_verdict_documents.verdict_id = old_verdicts.id
  JOIN old_datasets ON old_datasets.id = old_verdicts.dataset_id ${OF_SELECTION}
  JOIN contents ON contents.selection_id = selections.id AND contents.content_hash = old_datasets.content_hash
  JOIN configurations ON configurations.id = old_verdicts.configuration_id
  JOIN old_code_versions ON old_code_versions.id = old_verdicts.code_version_id
  WHERE old_verdicts.id > ? ORDER BY old_verdicts.id LIMIT ${PAGE_SIZE}`;

function copyVerdict(connection: SqliteConnection, row: Row, days: Map<number, string>): void {
  const [verdictRow, contentRow, codeRow, configurationRow, runRow, durationMs, checksum] = row.map((value) =>
    typeof value === 'number' ? value : 0,
  ) as [number, number, number, number, number, number, number];
  const configurationId = asText(row[11]);
  const [resultText, verdictText, oldLosses] = [asText(row[7]), asText(row[8]), asBytes(row[9])];
  if (!isSame(schema1Digest(resultText, verdictText, oldLosses), asBytes(row[10]))) {
    throw new DamagedValue(`the documents of verdict ${verdictRow} differ from their digest`);
  }
  // The digest says that these are what was written, from values of these types.
  const [result, verdict] = [asJson(resultText) as ExperimentResult, asJson(verdictText) as Verdict];
  const summary = summaryOf(result, verdict);
  const alpha = asNumber(row[17]);
  const epsilon = asNumberOrNull(row[18]);
  const maxIter = asNumber(row[19]);
  const content = {
    row: contentRow,
    agesMinutes: asJson(row[13]) as number[],
    maxRowsPerSplit: asNumber(row[14]),
    contentHash: asText(row[15]),
    rowCount: asNumber(row[16]),
    daysText: null,
  };
  const code = { hash: asText(row[12]), version: asText(row[12]) };
  const known = {
    ...summary,
    configurationId,
    configuration: {
      agesMinutes: content.agesMinutes,
      maxRowsPerSplit: content.maxRowsPerSplit,
      regressor:
        epsilon === null
          ? { kind: 'ridge' as const, alpha, maxIter }
          : { kind: 'huber' as const, alpha, epsilon, maxIter },
      regressionTargetClipBps: asNumber(row[20]),
    },
    durationMs,
  };
  if (schema1Checksum(known, content, code.version) !== checksum) {
    throw new DamagedValue(`the verdict of ${configurationId} differs from its checksum`);
  }
  const losses = decodeSchema1Losses(oldLosses);
  const daysText = JSON.stringify(lossDaysOf(losses));
  if ((days.get(contentRow) ?? daysText) !== daysText) {
    throw new DamagedValue(`the losses of ${configurationId} are of other days than those of its dataset`);
  }
  days.set(contentRow, daysText);
  const document = documentOf(result, verdict);
  const sums = new Uint8Array(lossSumsOf(losses).buffer);
  const digest = digestOf(document, daysText, sums);
  const metrics = encodeMetrics(result);
  connection.insert(
    'INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    verdictRow,
    contentRow,
    codeRow,
    configurationRow,
    runRow,
    durationMs,
    Number(summary.passed),
    summary.gatesPassed,
    summary.smallestMargin,
    summary.weakestGate,
    summary.tuneEdgeMaeRatio,
    summary.tuneAuc,
    fitStatusBits(summary.unconverged),
    digest,
    verdictSeal(known, content, code, runRow),
  );
  connection.insert('INSERT INTO verdict_metrics VALUES (?, ?, ?)', verdictRow, metrics, metricsSeal(digest, metrics));
  connection.insert('INSERT INTO verdict_documents VALUES (?, ?, ?)', verdictRow, sums, document);
}

/** Half a SHA-256, as schema 1 and 2 have it. */
function schema1Digest(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}\0`).update(part);
  return new Uint8Array(hash.digest().subarray(0, 16));
}

function copyFailures(connection: SqliteConnection, dataOf: DataOf): void {
  const rows = connection.all(
    `SELECT dataset_id, code_version_id, configuration_id, run_id, duration_ms, attempts, error_name, error_message
     FROM old_failures WHERE configuration_id IN (SELECT id FROM configurations) ORDER BY id`,
  );
  for (const [dataset, code, configuration, run, duration, attempts, name, message] of rows) {
    connection.run(
      `INSERT INTO failures (
         data_id, code_id, configuration_id, run_id, duration_ms, attempts, error_name, error_message)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      dataOf.get(asNumber(dataset))!,
      asNumber(code),
      asNumber(configuration),
      asNumber(run),
      asNumber(duration),
      asNumber(attempts),
      asText(name),
      asText(message),
    );
  }
}
