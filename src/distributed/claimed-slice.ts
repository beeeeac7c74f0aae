import type { Pool } from 'pg';
import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { sha256Json } from '../canonical-json.ts';
import { shortHash } from '../short-hash.ts';
import { patiently } from '../store/postgres/patience.ts';
import { explain } from '../store/postgres/postgres-errors.ts';
import type { Alongside } from '../store/verdict-store.ts';
import { type SliceJob, sliceJobOf } from './slice-job.ts';
import { PATIENCE_MS } from './waiting.ts';

/** A slice that this host has claimed. */
export type ClaimedSlice = {
  readonly job: SliceJob;
  /** What is noted of it is noted under this. */
  readonly key: string;
  readonly heartbeatSeconds: number;
  /** How often its configurations were begun before, by hosts that are gone. */
  readonly attempts: number;
  /** Another host has it, or has ended it: what this one says of it changes nothing. */
  readonly isLost: boolean;
  /** Says that it is being judged. @returns whether the claim still stands */
  touch(): Promise<boolean>;
  /** Ends it, in a transaction of the store. Where the claim has lapsed it does nothing. */
  readonly complete: Alongside;
  /**
   * Somebody else is to have it, next, and no attempt is spent.
   *
   * @param isRenewed it has all its attempts again, since one of them has found what the others died of
   */
  giveBack(isRenewed?: boolean): Promise<void>;
  /** An attempt is spent: somebody has it after a pause, or it is given up. */
  fail(reason: string): Promise<void>;
};

/** Where a claim is held: the queue's connections, its name, and the server's for errors. */
export type ClaimPlace = {
  readonly boss: PgBoss;
  readonly pool: Pool;
  readonly queue: string;
  readonly location: string;
};

/** A job as it is sent: one of a slice on its way at a time, whoever sends it, and of an audit one for each host. */
export function jobOf(data: SliceJob) {
  // A host's group is what that host does not ask for.
  const audit = data.judgedBy === null ? {} : { group: { id: data.judgedBy } };
  return { data, singletonKey: keyOf(data), ...audit };
}

function keyOf({ slice, judgedBy }: SliceJob): string {
  return judgedBy === null ? slice.sliceHash : `${slice.sliceHash}.${shortHash(sha256Json(judgedBy))}`;
}

/**
 * A job of pg-boss as the slice that it is, in the hands of this host. All that is said of it is fenced to the attempt.
 *
 * @param heartbeatSeconds where the job has none
 */
export function claimedSlice(
  { boss, pool, queue, location }: ClaimPlace,
  job: JobWithMetadata<object>,
  heartbeatSeconds: number,
): ClaimedSlice {
  const attempt = { id: job.id, retryCount: job.retryCount };
  const slice = sliceJobOf(job.data);
  let end: 'open' | 'ended' | 'lost' = 'open';
  // What was ended here is lost to nobody, whoever asks once more: a commit whose answer was lost is done again.
  const stands = (response: object): boolean => {
    if (end === 'open' && affected(response) === 0) end = 'lost';
    return end !== 'lost';
  };
  return {
    job: slice,
    key: `${queue} ${keyOf(slice)}`,
    heartbeatSeconds: job.heartbeatSeconds ?? heartbeatSeconds,
    attempts: slice.attempts + job.retryCount,
    get isLost() {
      return end === 'lost';
    },
    // Asked again by the heartbeat.
    touch: async () => stands(await patiently(location, 0, () => boss.touch(queue, attempt))),
    complete: async (query) => {
      if (stands(await boss.complete(queue, attempt, null, { db: { executeSql: query } }))) end = 'ended';
    },
    giveBack: (isRenewed = false) => giveBack({ boss, pool, queue, location }, job, slice, isRenewed),
    fail: async (reason) => {
      stands(await patiently(location, PATIENCE_MS, () => boss.fail(queue, attempt, { message: reason })));
    },
  };
}

/**
 * Taken away and sent anew in one transaction, since pg-boss counts every other way back as an attempt. It keeps the
 * attempts that it has left.
 */
async function giveBack(
  { boss, pool, queue, location }: ClaimPlace,
  { id, retryCount, retryLimit }: JobWithMetadata<object>,
  slice: SliceJob,
  isRenewed: boolean,
): Promise<void> {
  const client = await pool.connect();
  let broken: unknown;
  try {
    await client.query('BEGIN');
    const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
    const taken = await boss.deleteJob(queue, { id, retryCount }, { db });
    if (affected(taken) > 0) {
      const data = { ...slice, attempts: slice.attempts + retryCount };
      const left = isRenewed ? {} : { retryLimit: retryLimit - retryCount };
      await boss.insert(queue, [{ ...jobOf(data), priority: 1, ...left }], { db });
    }
    await client.query('COMMIT');
  } catch (error) {
    broken = error;
    throw explain(location, error);
  } finally {
    // One whose transaction was not ended is not used again.
    client.release(broken instanceof Error ? broken : undefined);
  }
}

function affected(response: object): number {
  return 'affected' in response && typeof response.affected === 'number' ? response.affected : 0;
}
