import type { Pool } from 'pg';
import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { InFlight } from '../store/postgres/in-flight.ts';
import { patiently } from '../store/postgres/patience.ts';
import { missingPackage, openPool } from '../store/postgres/pool.ts';
import { explain } from '../store/postgres/postgres-errors.ts';
import { postgresLocation } from '../store/postgres/url.ts';
import type { Alongside } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';
import { deadLetterOf, QUEUE_TIMES, type QueueTimes } from './queue-names.ts';
import { type QueueState, type RecentSlices, readRecent, readStates } from './queue-states.ts';
import { type SliceJob, sliceJobOf } from './slice-job.ts';

/** A slice takes a minute; one that takes this long is not on its way. */
const EXPIRE_SECONDS = 6 * 3600;
const LONGEST_RETRY_DELAY_SECONDS = 60;
/** Jobs that are done are kept for who looks at the queue. */
const KEEP_SECONDS = 24 * 3600;
/** Slices that wait, and dead letters, are never thrown away unseen: nobody leaves a sweep lying for a year. */
const WAIT_SECONDS = 365 * 24 * 3600;
/** A statement of a queue takes milliseconds; a link that drops packets silently is noticed by this. */
const QUERY_TIMEOUT_MS = 8_000;
export const SCHEMA = 'pgboss';

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

/** A slice that was given up. */
export type DeadLetter = {
  readonly job: SliceJob;
  /** Takes it away, in the transaction that stores what became of its configurations. */
  readonly settle: Alongside;
};

/**
 * Slices on their way to hosts, in PostgreSQL: pg-boss, which this file alone knows. A slice is delivered at least once; its
 * end is fenced to the attempt, in one transaction with its last verdicts.
 */
export class SliceQueue implements AsyncDisposable {
  readonly #location: string;
  readonly #pool: Pool;
  readonly #boss: PgBoss;
  readonly #times: QueueTimes;
  readonly #inFlight: InFlight;
  readonly #there = new Set<string>();

  private constructor(location: string, pool: Pool, boss: PgBoss, times: QueueTimes) {
    this.#location = location;
    this.#pool = pool;
    this.#boss = boss;
    this.#times = times;
    this.#inFlight = new InFlight(pool);
  }

  /**
   * @param role a coordinator makes the queue's tables where there are none; the others may not; a reader changes nothing
   * @throws UserError when the database cannot be reached, or has no queue
   */
  static async open(
    url: string,
    role: 'coordinator' | 'worker' | 'reader',
    times: QueueTimes = QUEUE_TIMES,
  ): Promise<SliceQueue> {
    const location = postgresLocation(url);
    // A thousand workers have a thousand times as many connections.
    const max = role === 'worker' ? 1 : 2;
    const pool = await openPool(location, { max, query_timeout: QUERY_TIMEOUT_MS });
    const superviseSeconds = role === 'worker' ? times.workerSuperviseSeconds : times.superviseSeconds;
    try {
      const { PgBoss } = await loadBoss();
      const boss = new PgBoss({
        db: { executeSql: (text, values) => pool.query(text, values) },
        schema: SCHEMA,
        migrate: role === 'coordinator',
        createSchema: role === 'coordinator',
        schedule: false,
        supervise: role !== 'reader',
        // Hosts that look at the same moment do the same work.
        superviseIntervalSeconds: superviseSeconds + Math.floor(Math.random() * superviseSeconds * 0.3),
        monitorIntervalSeconds: superviseSeconds,
        registerInstance: false,
        // For who owns the tables, which a worker's role does not.
        reindex: false,
        monitorVacuum: false,
        openTelemetry: { enabled: false },
      });
      // What is lost in the background is met by who asks next, and told there.
      boss.on('error', () => {});
      if (role !== 'coordinator' && !(await boss.isInstalled()))
        throw new UserError(`${location.shown}: holds no queue yet. Make it with sweep db init`);
      await boss.start();
      return new SliceQueue(location.shown, pool, boss, times);
    } catch (error) {
      await pool.end();
      throw explain(location.shown, error);
    }
  }

  /** Makes the queue of a code and data, where there is none. */
  async make(queue: string): Promise<void> {
    const { heartbeatSeconds, retryLimit, retryDelaySeconds } = this.#times;
    await this.#asked(async () => {
      // pg-boss leaves a queue that is there as it is.
      await this.#boss.createQueue(deadLetterOf(queue), {
        policy: 'standard',
        retentionSeconds: WAIT_SECONDS,
        deleteAfterSeconds: KEEP_SECONDS,
      });
      await this.#boss.createQueue(queue, {
        policy: 'exclusive',
        deadLetter: deadLetterOf(queue),
        heartbeatSeconds,
        expireInSeconds: EXPIRE_SECONDS,
        retryLimit,
        retryDelay: retryDelaySeconds,
        retryBackoff: true,
        retryDelayMax: LONGEST_RETRY_DELAY_SECONDS,
        retentionSeconds: WAIT_SECONDS,
        deleteAfterSeconds: KEEP_SECONDS,
      });
    });
  }

  /** Sends slices, in this order. One that is on its way already is not sent twice. @returns how many were sent */
  async publish(queue: string, jobs: readonly SliceJob[]): Promise<number> {
    let sent = 0;
    for (let i = 0; i < jobs.length; i += PUBLISH_CHUNK) {
      const some = jobs.slice(i, i + PUBLISH_CHUNK);
      const inserted = await this.#asked(() =>
        this.#boss.insert(
          queue,
          some.map((job) => ({ data: job, singletonKey: keyOf(job) })),
          { returnId: true },
        ),
      );
      sent += inserted?.length ?? 0;
    }
    return sent;
  }

  /** Claims the next slice, or null where none waits, or nobody has published any. */
  async claim(queue: string): Promise<ClaimedSlice | null> {
    if (!(await this.#isThere(queue))) return null;
    const [job] = await this.#asked(() => this.#boss.fetch<object>(queue, { includeMetadata: true }));
    return job === undefined ? null : this.#claimed(queue, job);
  }

  #claimed(queue: string, job: JobWithMetadata<object>): ClaimedSlice {
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
      heartbeatSeconds: job.heartbeatSeconds ?? this.#times.heartbeatSeconds,
      attempts: slice.attempts + job.retryCount,
      get isLost() {
        return end === 'lost';
      },
      // Asked again by the heartbeat.
      touch: async () => stands(await patiently(this.#location, 0, () => this.#boss.touch(queue, attempt))),
      complete: async (query) => {
        if (stands(await this.#boss.complete(queue, attempt, null, { db: { executeSql: query } }))) end = 'ended';
      },
      giveBack: (isRenewed = false) => this.#giveBack(queue, job, slice, isRenewed),
      fail: async (reason) => {
        stands(await this.#asked(() => this.#boss.fail(queue, attempt, { message: reason })));
      },
    };
  }

  /**
   * Taken away and sent anew in one transaction, since pg-boss counts every other way back as an attempt. It keeps the
   * attempts that it has left.
   */
  async #giveBack(
    queue: string,
    { id, retryCount, retryLimit }: JobWithMetadata<object>,
    slice: SliceJob,
    isRenewed: boolean,
  ): Promise<void> {
    const client = await this.#pool.connect();
    let broken: unknown;
    try {
      await client.query('BEGIN');
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      const taken = await this.#boss.deleteJob(queue, { id, retryCount }, { db });
      if (affected(taken) > 0) {
        const data = { ...slice, attempts: slice.attempts + retryCount };
        const left = isRenewed ? {} : { retryLimit: retryLimit - retryCount };
        const job = { data, singletonKey: keyOf(data), priority: 1, ...left };
        await this.#boss.insert(queue, [job], { db });
      }
      await client.query('COMMIT');
    } catch (error) {
      broken = error;
      throw explain(this.#location, error);
    } finally {
      // One whose transaction was not ended is not used again.
      client.release(broken instanceof Error ? broken : undefined);
    }
  }

  /** Takes slices back from hosts that are silent, now. It happens by itself all the time. */
  async supervise(): Promise<void> {
    await this.#asked(() => this.#boss.supervise());
  }

  /** A queue that is there stays. */
  async #isThere(queue: string): Promise<boolean> {
    if (this.#there.has(queue)) return true;
    if ((await this.#asked(() => this.#boss.getQueue(queue))) === null) return false;
    this.#there.add(queue);
    return true;
  }

  /** Configurations of a slice that a host has begun alone and not ended. */
  begunAlone(slice: string): Promise<ReadonlySet<string>> {
    return this.#asked(() => this.#inFlight.of(slice));
  }

  /** Notes that a configuration is begun alone, before it is. */
  beginAlone(slice: string, configuration: string): Promise<void> {
    return this.#asked(() => this.#inFlight.begin(slice, configuration));
  }

  endAlone(slice: string, configuration: string): Promise<void> {
    return this.#asked(() => this.#inFlight.end(slice, configuration));
  }

  /** Every queue of ours. */
  states(): Promise<QueueState[]> {
    return this.#asked(() => readStates(this.#pool, SCHEMA));
  }

  /** How fast it goes. */
  recent(queue: string): Promise<RecentSlices> {
    return this.#asked(() => readRecent(this.#pool, SCHEMA, queue));
  }

  /** What waits in a queue, or is being judged. */
  async open(queue: string): Promise<number> {
    const state = (await this.states()).find((each) => each.queue === queue);
    return state === undefined ? 0 : state.waiting + state.active;
  }

  /** Slices that were given up, a thousand at the most. Each stays until it is settled, whoever has looked at it. */
  async deadLetters(queue: string): Promise<DeadLetter[]> {
    const name = deadLetterOf(queue);
    if (!(await this.#isThere(name))) return [];
    const jobs = await this.#asked(() => this.#boss.findJobs<object>(name, { queued: true, limit: MOST_LETTERS }));
    return jobs.map((job) => ({
      job: sliceJobOf(job.data),
      settle: async (query) => {
        await this.#boss.complete(name, job.id, null, { includeQueued: true, db: { executeSql: query } });
      },
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
    await this.#pool.end();
  }

  /** A server that does not answer is waited for. */
  #asked<T>(work: () => Promise<T>): Promise<T> {
    return patiently(this.#location, PATIENCE_MS, work);
  }
}

/** Longer than most servers take to be mended. */
const PATIENCE_MS = 24 * 3600 * 1000;
const PUBLISH_CHUNK = 500;
const MOST_LETTERS = 1_000;

/** One slice of one sweep on its way at a time, whoever sends it. */
function keyOf({ slice }: SliceJob): string {
  return slice.sliceHash;
}

function affected(response: object): number {
  return 'affected' in response && typeof response.affected === 'number' ? response.affected : 0;
}

async function loadBoss(): Promise<typeof import('pg-boss')> {
  try {
    return await import('pg-boss');
  } catch (error) {
    throw missingPackage(error, 'pg-boss');
  }
}
