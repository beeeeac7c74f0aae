import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { codeOf } from './postgres-errors.ts';

/**
 * Whether a transaction whose end was not heard was committed: it may be that the server took it, and the link was lost
 * before it could say so. One that the server has not noticed to be lost is waited for; it ends it when it has idled for 15 s.
 *
 * @param number of the transaction, as the server has it
 */
export async function wasCommitted(client: PoolClient, number: string): Promise<boolean> {
  for (;;) {
    const status = await statusOf(client, number);
    if (status !== 'in progress') return status === 'committed';
    await sleep(PAUSE_MS);
  }
}

const PAUSE_MS = 100;

async function statusOf(client: PoolClient, number: string): Promise<string | null> {
  try {
    const sql = 'SELECT txid_status($1::bigint) AS status';
    const { rows } = await client.query<{ status: string | null }>(sql, [number]);
    return rows[0]?.status ?? null;
  } catch (error) {
    // A server that has not come to that number yet was restored from an older state, or has lost it with its power.
    if (codeOf(error) === NOT_THAT_FAR) return null;
    throw error;
  }
}

const NOT_THAT_FAR = '22023';
