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

/** What came of a queue in the last ten minutes, by the database's clock. */
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

/**
 * What waits in a queue, or is being judged.
 *
 * @param schema where the queue's tables are
 */
export async function readOpen(pool: Pool, schema: string, queue: string): Promise<number> {
  const sql = `SELECT count(*) AS count FROM ${schema}.job WHERE name = $1 AND state <= 'active'`;
  const { rows } = await pool.query<{ count: string }>(sql, [queue]);
  return Number(rows[0]?.count);
}

/** @param schema where the queue's tables are */
export async function readRecent(pool: Pool, schema: string, queue: string): Promise<RecentSlices> {
  const { rows } = await pool.query<{ configurations: string | null; span: string | null }>(
    `SELECT sum((data->'slice'->>'count')::bigint) AS configurations,
       extract(epoch FROM now() - greatest(min(started_on), now() - interval '10 minutes')) AS span
     FROM ${schema}.job WHERE name = $1 AND state = 'completed' AND completed_on > now() - interval '10 minutes'`,
    [queue],
  );
  return { configurations: Number(rows[0]?.configurations ?? 0), spanMs: 1000 * Number(rows[0]?.span ?? 0) };
}
