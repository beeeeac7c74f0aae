import type { ClientConfig, Pool, QueryConfig } from 'pg';
import type { PgBoss } from 'pg-boss';
import { InFlight } from '../store/postgres/in-flight.ts';
import { LONG_MS, QUICK_MS } from '../store/postgres/limits.ts';
import { patiently } from '../store/postgres/patience.ts';
import { missingPackage, openPool } from '../store/postgres/pool.ts';
import { explain, isLost } from '../store/postgres/postgres-errors.ts';
import { postgresLocation } from '../store/postgres/url.ts';
import type { Alongside } from '../store/verdict-store.ts';
import type { SlicePayload } from '../sweep/slice-payload.ts';
import { messageOf, UserError } from '../user-error.ts';
import type { Audit } from './audit.ts';
import { type ClaimedSlice, claimedSlice, jobOf } from './claimed-slice.ts';
import { deadLetterOf, QUEUE_TIMES, type QueueTimes } from './queue-names.ts';
import {
  type OpenSlices,
  type QueueState,
  type RecentSlices,
  readOpen,
  readRecent,
  readStates,
  readWaitingAudits,
  readWaitingFor,
  type WaitingAudits,
} from './queue-states.ts';
import { type SliceJob, sliceJobOf } from './slice-job.ts';
import { PATIENCE_MS } from './waiting.ts';

/** A slice takes a minute; one that takes this long is not on its way. */
const EXPIRE_SECONDS = 6 * 3600;
const LONGEST_RETRY_DELAY_SECONDS = 60;
/** Jobs that are done are kept for who looks at the queue. */
const KEEP_SECONDS = 24 * 3600;
/** Slices that wait, and dead letters, are never thrown away unseen: nobody leaves a sweep lying for a year. */
const WAIT_SECONDS = 365 * 24 * 3600;
export const SCHEMA = 'pgboss';

export type QueueOptions = {
  readonly times?: QueueTimes | undefined;
  readonly notice?: ((sentence: string) => void) | undefined;
};

/** A slice that was given up. */
export type DeadLetter = {
  readonly job: SliceJob;
  /** Takes it away, in the transaction that stores what became of its configurations. */
  readonly settle: Alongside;
};

/**
 * Slices on their way to hosts, in PostgreSQL: pg-boss, which this file and a claim alone know. A slice is delivered at least once; its
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
   * @param options.notice told what goes wrong in the background, each thing once
   * @throws UserError when the database cannot be reached, or has no queue
   */
  static async open(
    url: string,
    role: 'coordinator' | 'worker' | 'reader',
    { times = QUEUE_TIMES, notice }: QueueOptions = {},
  ): Promise<SliceQueue> {
    const location = postgresLocation(url);
    // A thousand workers have a thousand times as many connections.
    const max = role === 'worker' ? 1 : 2;
    const pool = await openPool(location, { max });
    // Whoever makes the tables, or brings them forward, waits for that.
    let limitMs = role === 'coordinator' ? LONG_MS : QUICK_MS;
    const withLimit = (text: string, values?: unknown[]): QueryConfig & Pick<ClientConfig, 'query_timeout'> => {
      return { text, ...(values === undefined ? {} : { values }), query_timeout: limitMs };
    };
    const superviseSeconds = role === 'worker' ? times.workerSuperviseSeconds : times.superviseSeconds;
    try {
      const { PgBoss } = await loadBoss();
      const boss = new PgBoss({
        db: { executeSql: (text, values) => pool.query(withLimit(text, values)) },
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
      boss.on('error', upkeepListener(location.shown, notice));
      if (role !== 'coordinator' && !(await boss.isInstalled()))
        throw new UserError(`${location.shown}: holds no queue yet. Make it with sweep db init`);
      await boss.start();
      limitMs = QUICK_MS;
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
  publish(queue: string, slices: readonly SlicePayload[]): Promise<number> {
    return this.#send(
      queue,
      slices.map((slice) => ({ slice, attempts: 0, judgedBy: null })),
    );
  }

  /** Sends slices to be judged again, each by another host than the one that has judged it. @returns how many were sent */
  publishAudits(queue: string, audits: readonly Audit[]): Promise<number> {
    return this.#send(
      queue,
      audits.map((audit) => ({ ...audit, attempts: 0 })),
    );
  }

  async #send(queue: string, sent: readonly SliceJob[]): Promise<number> {
    const jobs = sent.map(jobOf);
    let count = 0;
    for (let i = 0; i < jobs.length; i += PUBLISH_CHUNK) {
      const some = jobs.slice(i, i + PUBLISH_CHUNK);
      const inserted = await this.#asked(() => this.#boss.insert(queue, some, { returnId: true }));
      count += inserted?.length ?? 0;
    }
    return count;
  }

  /**
   * Claims the next slice, or null where none waits for this host, or nobody has published any.
   *
   * @param host is given no audit of what it has judged itself
   */
  async claim(queue: string, host: string): Promise<ClaimedSlice | null> {
    if (!(await this.#isThere(queue))) return null;
    const [job] = await this.#asked(() =>
      this.#boss.fetch<object>(queue, { includeMetadata: true, ignoreGroups: [host] }),
    );
    if (job === undefined) return null;
    const place = { boss: this.#boss, pool: this.#pool, queue, location: this.#location };
    return claimedSlice(place, job, this.#times.heartbeatSeconds);
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

  /** The queues of ours in which something waits that a host may claim. */
  waitingFor(host: string): Promise<ReadonlySet<string>> {
    return this.#asked(() => readWaitingFor(this.#pool, SCHEMA, host));
  }

  /** What of a sweep waits in a queue, or is being judged. */
  open(queue: string, sweep: string): Promise<OpenSlices> {
    return this.#asked(() => readOpen(this.#pool, SCHEMA, queue, sweep));
  }

  /** Audits of all sweeps that wait for another host. */
  waitingAudits(): Promise<WaitingAudits[]> {
    return this.#asked(() => readWaitingAudits(this.#pool, SCHEMA));
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

const PUBLISH_CHUNK = 500;
const MOST_LETTERS = 1_000;

/**
 * Hears what goes wrong where pg-boss looks for hosts that died. A link that is lost is met by who asks next, and told there;
 * anything else would go on unheard, and slices of the dead would wait for ever.
 */
function upkeepListener(shown: string, notice: QueueOptions['notice']): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    if (isLost(error)) return;
    const why = messageOf(explain(shown, error));
    if (told.has(why)) return;
    told.add(why);
    notice?.(`looking for hosts that died fails: ${why}`);
  };
}

async function loadBoss(): Promise<typeof import('pg-boss')> {
  try {
    return await import('pg-boss');
  } catch (error) {
    throw missingPackage(error, 'pg-boss');
  }
}
