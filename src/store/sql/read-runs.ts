import type { Json } from '../../canonical-json.ts';
import type { Code, DataRecord, RunHistory, RunOutcome, RunShard, StoredRun } from '../records.ts';
import { readCodes, referenced } from './codes.ts';
import { type Connection, inTurn, type Row, type Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { readAllData } from './data.ts';
import { readRunShards } from './run-shards.ts';
import { checkSeal, type SealedValue } from './seal.ts';
import { sweepRowOf } from './sweeps.ts';
import { asJson, asNumber, asNumberOrNull, asText, asTextOrNull } from './values.ts';

/** Of a run that has died. */
export const WITHOUT_A_WORD = 'it ended without a word';

/** A run as its row is, for who copies it. */
export type RunRow = {
  readonly row: number;
  readonly sweepRow: number | null;
  readonly codeRow: number;
  readonly dataRow: number;
  readonly columns: StoredColumns;
  readonly codeHash: string;
  readonly dataHash: string;
};

/** Every run as its row is, held against its seal; what has died is said to be interrupted. */
export function* readRunRows(connection: Connection): Sql<RunRow[]> {
  const sweeps = new Map((yield* connection.all('SELECT id, sweep_id FROM runs')).map(([id, sweep]) => [id, sweep]));
  const rows = yield* connection.all(`${SELECT_RUNS} ORDER BY id`);
  const parts = yield* readParts(connection, rows);
  return rows.map((row) => ({
    row: asNumber(row[0]),
    sweepRow: asNumberOrNull(sweeps.get(row[0]!)),
    codeRow: asNumber(row[1]),
    dataRow: asNumber(row[2]),
    ...standing(parts, row),
  }));
}

/** Every run by its row. */
export function* readRuns(connection: Connection): Sql<ReadonlyMap<number, StoredRun>> {
  const rows = yield* connection.all(SELECT_RUNS);
  const parts = yield* readParts(connection, rows);
  return new Map(rows.map((row) => [asNumber(row[0]), runOf(parts, row)]));
}

export function* readRun(connection: Connection, runRow: number): Sql<StoredRun> {
  const row = yield* connection.get(`${SELECT_RUNS} WHERE id = ?`, runRow);
  if (row === undefined) throw new DamagedValue(`run ${runRow} is missing`);
  return runOf(yield* readParts(connection, [row]), row);
}

/** See `VerdictStore.history`. */
export function* readHistory(connection: Connection, sweep: string | undefined): Sql<RunHistory[]> {
  return yield* connection.read(function* () {
    const rows =
      sweep === undefined
        ? yield* connection.all(`${SELECT_RUNS} ORDER BY id`)
        : yield* connection.all(`${SELECT_RUNS} WHERE sweep_id = ? ORDER BY id`, yield* sweepRowOf(connection, sweep));
    const parts = yield* readParts(connection, rows);
    return yield* inTurn(rows, function* (row) {
      const { completed, failed } = yield* outcomeCounts(connection, asNumber(row[0]));
      return { ...runOf(parts, row), judgedCount: completed, errorCount: failed };
    });
  });
}

/** Columns of a run, in the order in which its seal has them. */
export const COLUMNS = [
  'uuid',
  'sweep_name',
  'configuration_count',
  'definition',
  'options',
  'git_commit',
  'git_dirty',
  'node_version',
  'packages',
  'cpu_model',
  'platform',
  'host',
  'user_name',
  'started_at',
  'finished_at',
  'outcome',
  'reason',
] as const;

export type StoredColumns = { readonly [column in (typeof COLUMNS)[number]]: string | number | null };

export const SELECT_RUNS = `SELECT id, code_id, data_id, seal, ${COLUMNS.join(', ')} FROM runs`;
const FIRST_COLUMN = 4;
const OUTCOME_COLUMN = FIRST_COLUMN + COLUMNS.indexOf('outcome');

type Parts = {
  readonly codes: ReadonlyMap<number, Code>;
  readonly data: ReadonlyMap<number, DataRecord>;
  readonly shards: ReadonlyMap<number, RunShard>;
  /** Runs that have died, whatever is stored of them. */
  readonly dead: ReadonlySet<string>;
};

/** @param rows runs, as they were read before */
function* readParts(connection: Connection, rows: readonly Row[]): Sql<Parts> {
  return {
    codes: yield* readCodes(connection),
    data: yield* readAllData(connection),
    shards: yield* readRunShards(connection),
    dead: rows.some((row) => row[OUTCOME_COLUMN] === 'running') ? yield* connection.abandonedRuns() : new Set(),
  };
}

/** Of a run in a database: its lease is over. */
export const HAS_NO_LEASE =
  "outcome = 'running' AND NOT EXISTS (SELECT 1 FROM run_leases WHERE run_leases.run_id = runs.id AND until > now())";

export function* checkedValues(connection: Connection, row: Row): Sql<ReturnType<typeof checked>> {
  return checked(yield* readParts(connection, []), row);
}

function checked({ codes, data }: Parts, row: Row) {
  const code = referenced(codes, asNumber(row[1]), 'code');
  const ofRun = referenced(data, asNumber(row[2]), 'data');
  const values: SealedValue[] = COLUMNS.map((_, i) => {
    const value = row[FIRST_COLUMN + i];
    return typeof value === 'number' || value === null ? value : asText(value);
  });
  checkSeal(`run ${asText(row[FIRST_COLUMN])}`, row[3], [code.hash, ofRun.hash, ...values]);
  const columns = Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]])) as StoredColumns;
  return { code, data: ofRun, codeHash: code.hash, dataHash: ofRun.hash, columns };
}

/** As the run is now: one whose lease or lock is gone has died, also before another run has written that down. */
function standing(parts: Parts, row: Row): ReturnType<typeof checked> {
  const found = checked(parts, row);
  const hasDied = found.columns.outcome === 'running' && parts.dead.has(asText(found.columns.uuid));
  if (!hasDied) return found;
  return { ...found, columns: { ...found.columns, outcome: 'interrupted', reason: WITHOUT_A_WORD } };
}

function runOf(parts: Parts, row: Row): StoredRun {
  const { code, data, columns } = standing(parts, row);
  const gitDirty = asNumberOrNull(columns.git_dirty);
  return {
    runId: asText(columns.uuid),
    sweepName: asText(columns.sweep_name),
    configurationCount: asNumber(columns.configuration_count),
    shard: parts.shards.get(asNumber(row[0])) ?? null,
    code,
    data,
    gitCommit: asTextOrNull(columns.git_commit),
    gitDirty: gitDirty === null ? null : gitDirty === 1,
    nodeVersion: asText(columns.node_version),
    // The seal says that these are what was written, from values of these types.
    packages: asJson(columns.packages) as StoredRun['packages'],
    cpuModel: asTextOrNull(columns.cpu_model),
    platform: asText(columns.platform),
    host: asTextOrNull(columns.host),
    user: asTextOrNull(columns.user_name),
    definition: asJson(columns.definition) as Json,
    options: asJson(columns.options) as Json,
    startedAt: asText(columns.started_at),
    finishedAt: asTextOrNull(columns.finished_at),
    outcome: runOutcomeOf(asText(columns.outcome)),
    reason: asTextOrNull(columns.reason),
  };
}

function runOutcomeOf(text: string): RunOutcome {
  if (text === 'running' || text === 'finished' || text === 'interrupted') return text;
  throw new DamagedValue(`a run cannot end as ${JSON.stringify(text)}`);
}

export function* outcomeCounts(connection: Connection, runRow: number): Sql<{ completed: number; failed: number }> {
  const count = function* (table: 'verdicts' | 'failures'): Sql<number> {
    return asNumber((yield* connection.get(`SELECT count(*) FROM ${table} WHERE run_id = ?`, runRow))?.[0]);
  };
  return { completed: yield* count('verdicts'), failed: yield* count('failures') };
}
