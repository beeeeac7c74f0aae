import { canonicalJson, type Json } from '../../canonical-json.ts';
import { countOf, countText } from '../../counts.ts';
import { UserError } from '../../user-error.ts';
import type { RecordCounts, RunEnd, RunId, RunOutcome, RunStart } from '../records.ts';
import { RUN_LEASE_SECONDS } from '../verdict-store.ts';
import { putCode } from './codes.ts';
import { putConfigurations } from './configurations.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { putData } from './data.ts';
import { putEvaluations } from './evaluations.ts';
import {
  COLUMNS,
  checkedValues,
  HAS_NO_LEASE,
  outcomeCounts,
  type RunRow,
  SELECT_RUNS,
  type StoredColumns,
  WITHOUT_A_WORD,
} from './read-runs.ts';
import { putRunShard } from './run-shards.ts';
import { sealOf } from './seal.ts';
import { sealRun } from './sealed-verdicts.ts';
import { putSweep, withoutPlace } from './sweeps.ts';
import { asJson, asNumber } from './values.ts';

/** See `VerdictStore.beginRun`. */
export function* beginRun(connection: Connection, run: RunStart): Sql<RunId> {
  const runId = connection.newRunId();
  yield* connection.write(function* () {
    yield* interruptDeadRuns(connection);
    const sweepRow = yield* putSweep(connection, run);
    yield* enrol(connection, sweepRow, run);
    const values: StoredColumns = {
      uuid: runId,
      sweep_name: run.sweepName,
      configuration_count: run.shard?.configurationCount ?? run.configurationCount ?? run.configurations.length,
      definition: canonicalJson(run.definition),
      options: canonicalJson(run.options),
      git_commit: run.gitCommit,
      git_dirty: run.gitDirty === null ? null : Number(run.gitDirty),
      node_version: run.nodeVersion,
      packages: canonicalJson(run.packages),
      cpu_model: run.cpuModel,
      platform: run.platform,
      host: run.host,
      user_name: run.user,
      started_at: run.startedAt,
      finished_at: null,
      outcome: 'running',
      reason: null,
    };
    const row = COLUMNS.map((name) => values[name]);
    const dataRow = yield* putData(connection, run.data);
    const runRow = yield* insertRun(connection, [
      sweepRow,
      yield* putCode(connection, run.code),
      dataRow,
      ...row,
      sealOf([run.code.hash, run.data.hash, ...row]),
    ]);
    if (connection.dialect === 'postgres') yield* connection.run(LEASE, runRow);
    if (run.seals === true) yield* sealRun(connection, runRow);
    if (run.shard) yield* putRunShard(connection, runRow, runId, run.shard);
    yield* putEvaluations(connection, dataRow, run.evaluations ?? {});
  });
  return runId;
}

const LEASE = `INSERT INTO run_leases VALUES (?, now() + interval '${RUN_LEASE_SECONDS} seconds')`;

function* enrol(connection: Connection, sweepRow: number, { replaces, configurations }: RunStart): Sql<void> {
  if (replaces) yield* connection.run('DELETE FROM sweep_configurations WHERE sweep_id = ?', sweepRow);
  const rows = yield* putConfigurations(connection, configurations);
  yield* connection.runEach(
    'INSERT INTO sweep_configurations VALUES (?, ?) ON CONFLICT DO NOTHING',
    rows.map((row) => [sweepRow, row]),
  );
}

/** Runs that died without a word: in a file all, since this process alone writes; elsewhere those whose lease is over. */
function* interruptDeadRuns(connection: Connection): Sql<void> {
  const isDead = connection.dialect === 'sqlite' ? "outcome = 'running'" : HAS_NO_LEASE;
  for (const row of yield* connection.all(`${SELECT_RUNS} WHERE ${isDead}`)) {
    yield* end(connection, row, { outcome: 'interrupted', reason: WITHOUT_A_WORD, finishedAt: null });
  }
}

/** The data and code of a run. */
export function* runPlaceOf(connection: Connection, runId: RunId): Sql<{ dataRow: number; codeRow: number }> {
  const row = yield* connection.get('SELECT data_id, code_id FROM runs WHERE uuid = ?', runId);
  if (row === undefined) throw new Error(`run ${runId} was never begun`);
  return { dataRow: asNumber(row[0]), codeRow: asNumber(row[1]) };
}

/** See `VerdictStore.finishRun`. */
export function* finishRun(
  connection: Connection,
  runId: RunId,
  runEnd: RunEnd,
  recorded: Pick<RecordCounts, 'completed' | 'failed'>,
): Sql<void> {
  yield* connection.write(function* () {
    const row = yield* connection.get(`${SELECT_RUNS} WHERE uuid = ?`, runId);
    if (row === undefined) throw new Error(`run ${runId} was never begun`);
    yield* checkRecorded(connection, asNumber(row[0]), recorded);
    yield* end(connection, row, runEnd);
  });
}

function* checkRecorded(
  connection: Connection,
  runRow: number,
  recorded: Pick<RecordCounts, 'completed' | 'failed'>,
): Sql<void> {
  const { completed, failed } = yield* outcomeCounts(connection, runRow);
  if (completed >= recorded.completed && failed >= recorded.failed) return;
  throw new UserError(
    `the store holds ${countText(completed)} of ${countOf(recorded.completed, 'verdict')} and ${countText(failed)} of ${countOf(recorded.failed, 'failure')} ` +
      'that this run recorded: another program has changed it. Look with `sweep doctor`, then run the sweep again',
  );
}

function* end(
  connection: Connection,
  row: Row,
  { outcome, reason, finishedAt }: { outcome: RunOutcome; reason: string; finishedAt: string | null },
): Sql<void> {
  const values = yield* checkedValues(connection, row);
  const ended = { ...values.columns, outcome, reason, finished_at: finishedAt };
  yield* connection.run(
    'UPDATE runs SET outcome = ?, reason = ?, finished_at = ?, seal = ? WHERE id = ?',
    outcome,
    reason,
    finishedAt,
    sealOf([values.codeHash, values.dataHash, ...COLUMNS.map((name) => ended[name])]),
    asNumber(row[0]),
  );
}

/** Puts a run of another store, with rows of this one. A run that is known is told how it ended, where it was not over. */
export function* mergeRun(connection: Connection, run: RunRow): Sql<{ readonly row: number; readonly isNew: boolean }> {
  const { sweepRow, codeRow, dataRow, columns, codeHash, dataHash } = run;
  const values = COLUMNS.map((name) => columns[name]);
  const seal = sealOf([codeHash, dataHash, ...values]);
  const known = yield* connection.get('SELECT id, finished_at FROM runs WHERE uuid = ?', columns.uuid);
  if (known === undefined)
    return { row: yield* insertRun(connection, [sweepRow, codeRow, dataRow, ...values, seal]), isNew: true };
  const row = asNumber(known[0]);
  // A sweep that was removed here, and is brought back.
  yield* connection.run('UPDATE runs SET sweep_id = ? WHERE id = ? AND sweep_id IS NULL', sweepRow, row);
  if (known[1] === null && columns.outcome !== 'running') {
    const { outcome, reason, finished_at: finishedAt } = columns;
    const sql = 'UPDATE runs SET outcome = ?, reason = ?, finished_at = ?, seal = ? WHERE id = ?';
    yield* connection.run(sql, outcome, reason, finishedAt, seal, row);
  }
  return { row, isNew: false };
}

function* insertRun(connection: Connection, values: readonly (string | number | null)[]): Sql<number> {
  return yield* connection.insert(
    `INSERT INTO runs (sweep_id, code_id, data_id, ${COLUMNS.join(', ')}, seal)
     VALUES (?, ?, ?${', ?'.repeat(COLUMNS.length + 1)})`,
    ...values,
  );
}

/** Options that are paths say where something lay on this machine, and nothing of the numbers. */
function withoutPaths(options: Json): Json {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  return Object.fromEntries(Object.entries(options).filter(([name]) => !PATH_OPTIONS.has(name)));
}

const PATH_OPTIONS: ReadonlySet<string> = new Set(['cache', 'featureOrder', 'file']);

/** Takes host, user, CPU and paths out of every run of a store that is given away. */
export function* forgetMachines(connection: Connection): Sql<void> {
  for (const row of yield* connection.all(SELECT_RUNS)) {
    const { codeHash, dataHash, columns } = yield* checkedValues(connection, row);
    const definition = canonicalJson(withoutPlace(asJson(columns.definition) as Json));
    const options = canonicalJson(withoutPaths(asJson(columns.options) as Json));
    const left = { ...columns, definition, options, host: null, user_name: null, cpu_model: null };
    const seal = sealOf([codeHash, dataHash, ...COLUMNS.map((name) => left[name])]);
    const sql = `UPDATE runs SET definition = ?, options = ?, host = NULL, user_name = NULL, cpu_model = NULL, seal = ?
      WHERE id = ?`;
    yield* connection.run(sql, definition, options, seal, asNumber(row[0]));
  }
}
