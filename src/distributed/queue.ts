import type { Pool } from 'pg';
import type { PgBoss } from 'pg-boss';
import { InFlight } from '../store/postgres/in-flight.ts';
import { missingPackage, openPool } from '../store/postgres/pool.ts';
import { codeOf, explain, isLost } from '../store/postgres/postgres-errors.ts';
import { postgresLocation } from '../store/postgres/url.ts';
import type { Alongside } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';
import { type SliceJob, sliceJobOf } from './slice-job.ts';

/** How long a host may be silent, and how often a slice is begun anew. Times are the database's. */
export type QueueTimes = {
  /** A host that has said nothing for so long has died. */
  readonly heartbeatSeconds: number;
  /** After so many attempts beyond the first a slice is given up. */
  readonly retryLimit: number;
  /** The wait before the second attempt; it doubles. */
  readonly retryDelaySeconds: number;
  /** How often somebody looks for dead hosts. */
  readonly superviseSeconds: number;
};

export const QUEUE_TIMES: QueueTimes = {
  heartbeatSeconds: 30,
  retryLimit: 3,
  retryDelaySeconds: 1,
  superviseSeconds: 10,
};

/** A slice takes a minute; one that takes this long is not on its way. */
const EXPIRE_SECONDS = 6 * 3600;
const LONGEST_RETRY_DELAY_SECONDS = 60;
/** Jobs that are done are kept for who looks at the queue. */
const KEEP_SECONDS = 24 * 3600;
const SCHEMA = 'pgboss';
const PREFIX = 'sweep-';

/** What a queue holds, by state. */
export type QueueState = {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly completed: number;
  readonly dead: number;
};

/** A slice that this host has claimed. */
export type ClaimedSlice = {
  readonly job: SliceJob;
  /** How often its configurations were begun before, by hosts that are gone. */
  readonly attempts: number;
  /** @returns whether the claim still stands: another host has the slice where it does not */
  touch(): Promise<boolean>;
  /** Ends it, in a transaction of the store. Where the claim has lapsed it does nothing. */
  readonly complete: Alongside;
  /** Somebody else is to have it, and no attempt is spent. */
  giveBack(): Promise<void>;
  /** An attempt is spent. */
  fail(reason: string): Promise<void>;
};

/** The queue of the slices that one code judges on some data: whoever has others is given none of them. */
export function queueName(codeHash: string, dataHash: string): string {
  return `${PREFIX}${codeHash.slice(0, 12)}-${dataHash.slice(0, 12)}`;
}

function deadLetterOf(queue: string): string {
  return `${queue}-dead`;
}

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

  private constructor(location: string, pool: Pool, boss: PgBoss, times: QueueTimes) {
    this.#location = location;
    this.#pool = pool;
    this.#boss = boss;
    this.#times = times;
    this.#inFlight = new InFlight(pool);
  }

  /**
   * @param role a coordinator makes the queue's tables where there are none; a worker may not
   * @throws UserError when the database cannot be reached, or has no queue
   */
  static async open(url: string, role: 'coordinator' | 'worker', times: QueueTimes = QUEUE_TIMES): Promise<SliceQueue> {
    const location = postgresLocation(url);
    const pool = await openPool(location);
    try {
      const { PgBoss } = await loadBoss();
      const boss = new PgBoss({
        db: { executeSql: (text, values) => pool.query(text, values) },
        schema: SCHEMA,
        migrate: role === 'coordinator',
        createSchema: role === 'coordinator',
        schedule: false,
        supervise: true,
        // Hosts that look at the same moment do the same work.
        superviseIntervalSeconds: times.superviseSeconds + Math.floor(Math.random() * times.superviseSeconds * 0.3),
        monitorIntervalSeconds: times.superviseSeconds,
        registerInstance: false,
      });
      // What is lost in the background is met by who asks next, and told there.
      boss.on('error', () => {});
      if (role === 'worker' && !(await boss.isInstalled()))
        throw new UserError(`${location.shown}: holds no queue yet`);
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
      await this.#boss.createQueue(deadLetterOf(queue), { policy: 'standard', deleteAfterSeconds: KEEP_SECONDS });
      await this.#boss.createQueue(queue, {
        policy: 'exclusive',
        deadLetter: deadLetterOf(queue),
        heartbeatSeconds,
        expireInSeconds: EXPIRE_SECONDS,
        retryLimit,
        retryDelay: retryDelaySeconds,
        retryBackoff: true,
        retryDelayMax: LONGEST_RETRY_DELAY_SECONDS,
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

  /** Claims the next slice, or null where none waits. */
  async claim(queue: string): Promise<ClaimedSlice | null> {
    const [job] = await this.#asked(() => this.#boss.fetch<object>(queue));
    if (job === undefined) return null;
    const attempt = { id: job.id, retryCount: job.retryCount };
    const slice = sliceJobOf(job.data);
    return {
      job: slice,
      attempts: slice.attempts + job.retryCount,
      touch: async () => affected(await this.#asked(() => this.#boss.touch(queue, attempt))) > 0,
      complete: async (query) => {
        await this.#boss.complete(queue, attempt, null, { db: { executeSql: query } });
      },
      giveBack: () => this.#giveBack(queue, attempt, slice),
      fail: async (reason) => {
        await this.#asked(() => this.#boss.fail(queue, attempt, { reason }));
      },
    };
  }

  /** Ended and sent anew in one transaction, since pg-boss counts every other way back as an attempt. */
  async #giveBack(queue: string, attempt: { id: string; retryCount: number }, slice: SliceJob): Promise<void> {
    const client = await this.#pool.connect();
    let broken: unknown;
    try {
      await client.query('BEGIN');
      const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
      const ended = await this.#boss.complete(queue, attempt, null, { db });
      const job = { ...slice, attempts: slice.attempts + attempt.retryCount };
      if (affected(ended) > 0) await this.#boss.send(queue, job, { singletonKey: keyOf(job), priority: 1, db });
      await client.query('COMMIT');
    } catch (error) {
      broken = error;
      throw explain(this.#location, error);
    } finally {
      client.release(broken instanceof Error ? broken : undefined);
    }
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
  async states(): Promise<QueueState[]> {
    const { rows } = await this.#asked(() =>
      this.#pool.query<{ name: string; state: string; count: string }>(
        `SELECT name, state::text AS state, count(*) AS count FROM ${SCHEMA}.job WHERE name LIKE '${PREFIX}%' GROUP BY 1, 2`,
      ),
    );
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

  /** What waits in a queue, or is being judged. */
  async open(queue: string): Promise<number> {
    const state = (await this.states()).find((each) => each.queue === queue);
    return state === undefined ? 0 : state.waiting + state.active;
  }

  /** Slices that were given up. Each stays until `settle` is done with it. */
  async deadLetters(queue: string): Promise<{ readonly job: SliceJob; settle(): Promise<void> }[]> {
    const name = deadLetterOf(queue);
    const jobs = await this.#asked(() => this.#boss.fetch<object>(name, { batchSize: 100 }));
    return jobs.map((job) => ({
      job: sliceJobOf(job.data),
      settle: async () => {
        await this.#asked(() => this.#boss.complete(name, job.id));
      },
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false, close: false });
    await this.#pool.end();
  }

  async #asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw explain(this.#location, error);
    }
  }
}

/** Whether an error says that the server cannot be reached now. */
export function isLinkLost(error: unknown): boolean {
  return isLost(error) || (error instanceof UserError && isLost(error.cause)) || codeOf(error) === 'ECONNREFUSED';
}

const PUBLISH_CHUNK = 500;

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
