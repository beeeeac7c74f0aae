import { RUN_LEASE_SECONDS } from '../verdict-store.ts';
import { LONG_MS } from './limits.ts';
import { openPool } from './pool.ts';
import { explain } from './postgres-errors.ts';
import { SCHEMA } from './schema.ts';
import { postgresLocation } from './url.ts';

/** Who is at work on a database's sweeps, and what came out otherwise. Ages are by the database's clock. */
export type StoreActivity = {
  readonly runs: readonly ActiveRun[];
  /** Verdicts that came out otherwise than those that are stored, the first ones first. */
  readonly alarms: readonly Alarm[];
};

/** A run that has not ended: of whoever coordinates, or of a host that judges. */
export type ActiveRun = {
  readonly runId: string;
  readonly sweep: string;
  readonly host: string | null;
  readonly startedAt: string;
  /** Verdicts that it has stored. */
  readonly judged: number;
  /** How long ago it said that it is alive. */
  readonly quietSeconds: number;
  /** It has not said so for longer than it may: its host is taken for dead. */
  readonly isSilent: boolean;
};

/** Two hosts came to different verdicts under one key; the stored one stands. */
export type Alarm = {
  readonly configurationId: string;
  readonly sweep: string;
  readonly storedDigest: string;
  readonly storedBy: string | null;
  readonly otherDigest: string;
  readonly otherBy: string | null;
};

/** @throws UserError when the database cannot be reached or holds no store */
export async function storeActivity(url: string): Promise<StoreActivity> {
  const location = postgresLocation(url);
  const pool = await openPool(location, { query_timeout: LONG_MS });
  try {
    const runs = await pool.query<Record<keyof ActiveRun, unknown>>(RUNS);
    const alarms = await pool.query<Record<keyof Alarm, unknown>>(ALARMS);
    return {
      runs: runs.rows.map((run) => ({
        runId: String(run.runId),
        sweep: String(run.sweep),
        host: textOrNull(run.host),
        startedAt: String(run.startedAt),
        judged: Number(run.judged),
        quietSeconds: Math.max(0, Math.round(Number(run.quietSeconds))),
        isSilent: run.isSilent === true,
      })),
      alarms: alarms.rows.map((alarm) => ({
        configurationId: String(alarm.configurationId),
        sweep: String(alarm.sweep),
        storedDigest: String(alarm.storedDigest),
        storedBy: textOrNull(alarm.storedBy),
        otherDigest: String(alarm.otherDigest),
        otherBy: textOrNull(alarm.otherBy),
      })),
    };
  } catch (error) {
    throw explain(location.shown, error);
  } finally {
    await pool.end();
  }
}

const RUNS = `
  SELECT runs.uuid AS "runId", runs.sweep_name AS sweep, runs.host, runs.started_at AS "startedAt",
    (SELECT count(*) FROM ${SCHEMA}.verdicts WHERE run_id = runs.id) AS judged,
    extract(epoch FROM now() - (until - interval '${RUN_LEASE_SECONDS} seconds')) AS "quietSeconds",
    until < now() AS "isSilent"
  FROM ${SCHEMA}.runs JOIN ${SCHEMA}.run_leases ON run_id = runs.id
  WHERE outcome = 'running' ORDER BY runs.id`;

const ALARMS = `
  SELECT configurations.configuration_id AS "configurationId", theirs.sweep_name AS sweep,
    encode(verdicts.digest, 'hex') AS "storedDigest", ours.host AS "storedBy",
    encode(conflicts.digest, 'hex') AS "otherDigest", theirs.host AS "otherBy"
  FROM ${SCHEMA}.conflicts
    JOIN ${SCHEMA}.verdicts ON verdicts.id = conflicts.verdict_id
    JOIN ${SCHEMA}.configurations ON configurations.id = verdicts.configuration_id
    JOIN ${SCHEMA}.runs AS ours ON ours.id = verdicts.run_id
    JOIN ${SCHEMA}.runs AS theirs ON theirs.id = conflicts.run_id
  ORDER BY conflicts.id`;

function textOrNull(value: unknown): string | null {
  return value === null ? null : String(value);
}
