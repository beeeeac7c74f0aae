import type { Pool } from 'pg';
import { deadLetterOf, QUEUE_PREFIX } from './queue-names.ts';

/** What a queue holds, by state. */
export type QueueState = {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly dead: number;
};

/** What of a sweep is on its way. */
export type OpenSlices = {
  /** Those that are no audits. */
  readonly slices: number;
  readonly audits: number;
  /** Of both, those that a host is judging. */
  readonly active: number;
};

/** Audits that wait for another host than the one that has judged them. */
export type WaitingAudits = { readonly sweep: string; readonly judgedBy: string; readonly slices: number };

/** What came of a queue in the last ten minutes, by the database's clock, its audits aside. */
export type RecentSlices = {
  /** Of the slices that were ended. */
  readonly configurations: number;
  /** Since the first of them was begun; at most those ten minutes. */
  readonly spanMs: number;
};

/** @param schema where the queue's tables are */
export async function readStates(pool: Pool, schema: string): Promise<QueueState[]> {
  const sql = `SELECT name, state::text AS state, count(*) AS count FROM ${schema}.job WHERE starts_with(name, $1) GROUP BY 1, 2`;
  const { rows } = await pool.query<{ name: string; state: string; count: string }>(sql, [QUEUE_PREFIX]);
  const names = [...new Set(rows.map(({ name }) => name.replace(/-dead$/, '')))].sort();
  const countOf = (name: string, states: readonly string[]) =>
    rows
      .filter((row) => row.name === name && states.includes(row.state))
      .reduce((sum, { count }) => sum + Number(count), 0);
  return names.map((queue) => ({
    queue,
    waiting: countOf(queue, ['created', 'retry']),
    active: countOf(queue, ['active']),
    completed: countOf(queue, ['completed']),
    dead: countOf(deadLetterOf(queue), ['created', 'retry', 'active']),
  }));
}

/** @param schema where the queue's tables are */
export async function readWaitingFor(pool: Pool, schema: string, host: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT DISTINCT name FROM ${schema}.job
     WHERE starts_with(name, $1) AND state < 'active' AND (group_id IS NULL OR group_id <> $2)`,
    [QUEUE_PREFIX, host],
  );
  return new Set(rows.map(({ name }) => name));
}

/** @param schema where the queue's tables are */
export async function readOpen(pool: Pool, schema: string, queue: string, sweep: string): Promise<OpenSlices> {
  const { rows } = await pool.query<{ slices: string; audits: string; active: string }>(
    `SELECT count(*) FILTER (WHERE group_id IS NULL) AS slices, count(group_id) AS audits,
       count(*) FILTER (WHERE state = 'active') AS active
     FROM ${schema}.job WHERE name = $1 AND state <= 'active' AND data->'slice'->>'sweep' = $2`,
    [queue, sweep],
  );
  const [row] = rows;
  return { slices: Number(row?.slices), audits: Number(row?.audits), active: Number(row?.active) };
}

/** @param schema where the queue's tables are */
export async function readWaitingAudits(pool: Pool, schema: string): Promise<WaitingAudits[]> {
  const { rows } = await pool.query<{ sweep: string; judged_by: string; count: string }>(
    `SELECT data->'slice'->>'sweep' AS sweep, group_id AS judged_by, count(*) AS count
     FROM ${schema}.job WHERE starts_with(name, $1) AND state < 'active' AND group_id IS NOT NULL AND name !~ '-dead$'
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [QUEUE_PREFIX],
  );
  return rows.map((row) => ({ sweep: row.sweep, judgedBy: row.judged_by, slices: Number(row.count) }));
}

/** @param schema where the queue's tables are */
export async function readRecent(pool: Pool, schema: string, queue: string): Promise<RecentSlices> {
  const { rows } = await pool.query<{ configurations: string | null; span: string | null }>(
    `SELECT sum((data->'slice'->>'count')::bigint) AS configurations,
       extract(epoch FROM now() - greatest(min(started_on), now() - interval '10 minutes')) AS span
     FROM ${schema}.job WHERE name = $1 AND state = 'completed' AND completed_on > now() - interval '10 minutes'
       AND group_id IS NULL`,
    [queue],
  );
  return { configurations: Number(rows[0]?.configurations ?? 0), spanMs: 1000 * Number(rows[0]?.span ?? 0) };
}
