import type { Json } from '../../canonical-json.ts';
import type { RunOutcome, StoredRun, SweepSummary } from '../records.ts';
import type { Connection, Row } from './connection.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asJson, asNumber, asNumberOrNull, asText, asTextOrNull } from './values.ts';

export function readRun(connection: Connection, runRow: number): StoredRun {
  const row = connection.get(`${SELECT_RUN} WHERE runs.id = ?`, runRow);
  if (row === undefined) throw new DamagedValue(`run ${runRow} is missing`);
  return runOf(row);
}

/** See `VerdictStore.sweeps`. */
export function readSweeps(connection: Connection): SweepSummary[] {
  return connection.read(() => {
    const lastRuns = connection.all(
      `${SELECT_RUN} WHERE runs.id IN (SELECT max(id) FROM runs GROUP BY sweep_id) ORDER BY runs.id DESC`,
    );
    return lastRuns.map((row) => summaryOf(connection, runOf(row)));
  });
}

function summaryOf(connection: Connection, lastRun: StoredRun): SweepSummary {
  const sweep = connection.get(SELECT_SWEEP, lastRun.sweepName) ?? [];
  const sweepRow = asNumber(sweep[0]);
  const counts = (connection.get(COUNT_OUTCOMES, sweepRow) ?? []).map(asNumber);
  const [configurationCount = 0, judgedCount = 0, passedCount = 0, failedCount = 0] = counts;
  return {
    name: lastRun.sweepName,
    createdAt: asText(sweep[1]),
    configurationCount,
    passedCount,
    notReadyCount: judgedCount - passedCount,
    failedCount,
    pendingCount: configurationCount - judgedCount - failedCount,
    baselineRunIds: connection.all(SELECT_BASELINE_RUNS, sweepRow).map((row) => asText(row[0])),
    runCount: asNumber(sweep[2]),
    lastRun,
  };
}

const SELECT_SWEEP = `
  SELECT id, created_at, (SELECT count(*) FROM runs WHERE runs.sweep_id = sweeps.id) FROM sweeps WHERE name = ?`;

// A key has a verdict or a failure, never both.
const COUNT_OUTCOMES = `
  SELECT count(*), count(verdicts.id), coalesce(sum(verdicts.passed), 0), count(failures.id)
  FROM sweep_configurations AS member
  LEFT JOIN verdicts ON verdicts.dataset_id = member.dataset_id
    AND verdicts.code_version_id = member.code_version_id AND verdicts.configuration_id = member.configuration_id
  LEFT JOIN failures ON failures.dataset_id = member.dataset_id
    AND failures.code_version_id = member.code_version_id AND failures.configuration_id = member.configuration_id
  WHERE member.sweep_id = ?`;

const SELECT_BASELINE_RUNS = `
  SELECT DISTINCT baseline_run_id FROM datasets
  WHERE id IN (SELECT DISTINCT dataset_id FROM sweep_configurations WHERE sweep_id = ?) ORDER BY baseline_run_id`;

const SELECT_RUN = `
  SELECT runs.id, sweeps.name, runs.configuration_count, code_versions.name, runs.git_commit, runs.git_dirty,
    runs.node_version, runs.cpu_model, runs.platform, runs.definition, runs.options, runs.started_at, runs.finished_at,
    runs.outcome
  FROM runs
  JOIN sweeps ON sweeps.id = runs.sweep_id
  JOIN code_versions ON code_versions.id = runs.code_version_id`;

function runOf(row: Row): StoredRun {
  const gitDirty = asNumberOrNull(row[5]);
  return {
    runId: asNumber(row[0]),
    sweepName: asText(row[1]),
    configurationCount: asNumber(row[2]),
    codeVersion: asText(row[3]),
    gitCommit: asTextOrNull(row[4]),
    gitDirty: gitDirty === null ? null : gitDirty === 1,
    nodeVersion: asText(row[6]),
    cpuModel: asText(row[7]),
    platform: asText(row[8]),
    // What JSON.parse gives is Json.
    definition: asJson(row[9]) as Json,
    options: asJson(row[10]) as Json,
    startedAt: asText(row[11]),
    finishedAt: asTextOrNull(row[12]),
    outcome: runOutcomeOf(asText(row[13])),
  };
}

function runOutcomeOf(text: string): RunOutcome {
  if (text === 'running' || text === 'finished' || text === 'interrupted') return text;
  throw new DamagedValue(`a run cannot end as ${JSON.stringify(text)}`);
}
