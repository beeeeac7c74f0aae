import { canonicalJson } from '../../canonical-json.ts';
import type { ConfigurationRecord, DatasetRecord, RunId, RunStart, StoredRun } from '../records.ts';
import type { Connection } from './connection.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asNumber } from './values.ts';
import { canonicalChecksum } from './verdict-row.ts';

/** See `VerdictStore.beginRun`. */
export function beginRun(connection: Connection, run: RunStart): RunId {
  return connection.write(() => {
    connection.run(`UPDATE runs SET outcome = 'interrupted' WHERE outcome = 'running'`);
    connection.run(
      'INSERT INTO sweeps (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
      run.sweepName,
      run.startedAt,
    );
    connection.run('INSERT INTO code_versions (name) VALUES (?) ON CONFLICT DO NOTHING', run.codeVersion);
    return connection.run(
      `INSERT INTO runs (
         sweep_id, code_version_id, configuration_count, git_commit, git_dirty, node_version, cpu_model, platform,
         definition, options, started_at, outcome)
       SELECT sweeps.id, code_versions.id, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running' FROM sweeps, code_versions
       WHERE sweeps.name = ? AND code_versions.name = ?`,
      run.configurationCount,
      run.gitCommit,
      run.gitDirty === null ? null : Number(run.gitDirty),
      run.nodeVersion,
      run.cpuModel,
      run.platform,
      canonicalJson(run.definition),
      canonicalJson(run.options),
      run.startedAt,
      run.sweepName,
      run.codeVersion,
    ).lastId;
  });
}

export function finishRun(
  connection: Connection,
  runId: RunId,
  outcome: Exclude<StoredRun['outcome'], 'running'>,
  finishedAt: string,
): void {
  const { changes } = connection.run(
    'UPDATE runs SET outcome = ?, finished_at = ? WHERE id = ?',
    outcome,
    finishedAt,
    runId,
  );
  if (changes === 0) throw new Error(`run ${runId} was never begun`);
}

/** See `VerdictStore.enrol`. */
export function enrol(
  connection: Connection,
  runId: RunId,
  dataset: DatasetRecord,
  configurations: readonly ConfigurationRecord[],
): void {
  connection.write(() => {
    const run = connection.get('SELECT sweep_id, code_version_id FROM runs WHERE id = ?', runId);
    if (run === undefined) throw new Error(`run ${runId} was never begun`);
    const sweepId = asNumber(run[0]);
    const codeVersionId = asNumber(run[1]);
    const datasetId = putDataset(connection, dataset);
    for (const configuration of configurations) {
      const configurationId = putConfiguration(connection, configuration);
      if (dataset.contentHash !== null) {
        connection.run(MOVE_TO_BUILT, sweepId, configurationId, datasetId, codeVersionId);
        // It could not be built before, and now it was.
        connection.run(FORGET_UNBUILT, configurationId, codeVersionId, dataset.baselineRunId, dataset.dataRoot);
      } else {
        connection.run(MOVE_TO_UNBUILT, sweepId, configurationId, datasetId, codeVersionId);
      }
    }
  });
}

function putDataset(connection: Connection, dataset: DatasetRecord): number {
  const { contentHash, maxRowsPerSplit, rowCount, baselineRunId, dataRoot } = dataset;
  const agesMinutes = JSON.stringify(dataset.agesMinutes);
  const values = [contentHash ?? '', agesMinutes, maxRowsPerSplit, rowCount, baselineRunId, dataRoot] as const;
  const insert = `INSERT INTO datasets (content_hash, ages_minutes, max_rows_per_split, row_count, baseline_run_id, data_root)
    VALUES (?, ?, ?, ?, ?, ?)`;
  const row =
    contentHash === null
      ? connection.get(
          `${insert} ON CONFLICT (data_root, baseline_run_id, ages_minutes, max_rows_per_split) WHERE content_hash = ''
           DO UPDATE SET row_count = NULL RETURNING id, content_hash`,
          ...values,
        )
      : connection.get(
          `${insert} ON CONFLICT (content_hash, ages_minutes, max_rows_per_split) WHERE content_hash <> ''
           DO UPDATE SET baseline_run_id = excluded.baseline_run_id, data_root = excluded.data_root RETURNING id, content_hash`,
          ...values,
        );
  if (row?.[1] !== (contentHash ?? '')) throw new DamagedValue('an index points to another dataset');
  return asNumber(row[0]);
}

function putConfiguration(connection: Connection, { id, configuration, canonical }: ConfigurationRecord): number {
  const { regressor, regressionTargetClipBps } = configuration;
  const text = canonicalJson(canonical);
  const stored = connection.get('SELECT id, canonical FROM configurations WHERE configuration_id = ?', id);
  if (stored !== undefined) {
    // An id is made of the canonical form: two forms of one id are damage.
    if (stored[1] !== text) throw new DamagedValue(`configuration ${id} is stored as another`);
    return asNumber(stored[0]);
  }
  return connection.run(
    `INSERT INTO configurations (
       configuration_id, canonical, canonical_checksum, regressor_kind, regressor_alpha, huber_epsilon,
       regressor_max_iter, regression_target_clip_bps)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    text,
    canonicalChecksum(id, text),
    regressor.kind,
    regressor.alpha,
    regressor.kind === 'huber' ? regressor.epsilon : null,
    regressor.maxIter,
    regressionTargetClipBps,
  ).lastId;
}

const MOVE_TO_BUILT = `
  INSERT INTO sweep_configurations (sweep_id, configuration_id, dataset_id, code_version_id) VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET dataset_id = excluded.dataset_id, code_version_id = excluded.code_version_id`;

// A dataset that cannot be built today does not hide the verdict of a day when it could.
const MOVE_TO_UNBUILT = `${MOVE_TO_BUILT}
  WHERE NOT EXISTS (
    SELECT 1 FROM verdicts
    WHERE verdicts.configuration_id = sweep_configurations.configuration_id
      AND verdicts.dataset_id = sweep_configurations.dataset_id
      AND verdicts.code_version_id = sweep_configurations.code_version_id)`;

const FORGET_UNBUILT = `
  DELETE FROM failures WHERE configuration_id = ? AND code_version_id = ? AND dataset_id IN (
    SELECT id FROM datasets WHERE content_hash = '' AND baseline_run_id = ? AND data_root = ?)`;
