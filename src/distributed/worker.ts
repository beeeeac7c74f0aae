import { shortHash } from '../short-hash.ts';
import { openVerdictStore } from '../store/open-verdict-store.ts';
import { isLost } from '../store/postgres/postgres-errors.ts';
import type { StoredRun, SweepSummary } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { UnfitHost } from '../unfit-host.ts';
import type { UserError } from '../user-error.ts';
import type { ClaimedSlice } from './claimed-slice.ts';
import { Heartbeat } from './heartbeat.ts';
import { type ClaimEnd, judgeClaim } from './judge-claim.ts';
import { SliceQueue } from './queue.ts';
import { type QueueTimes, queueName } from './queue-names.ts';
import { PATIENCE_MS, pause, whenThere } from './waiting.ts';
import { OTHER_WORK, type SiteOptions, WorkSite } from './work-site.ts';

export type WorkerOptions = SiteOptions & {
  readonly url: string;
  readonly codeHash: string;
  /** This machine's: it is given no audit of what it has judged itself, whether or not its runs keep their host. */
  readonly hostName: string;
  /** Ends after so long without work; null: never. */
  readonly idleExitMs: number | null;
  /** Ends after so many slices; null: never. */
  readonly maxSlices: number | null;
  readonly times?: QueueTimes | undefined;
  /** How often it looks for work when there is none; by default every half second, and every 10 s when there was none for a minute. */
  readonly pollMs?: number | undefined;
  /** What is in hand is judged and stored, the rest given back, and it ends. */
  readonly signal: AbortSignal;
  /** How long all of that may take: what is not judged by then is another host's to judge. */
  readonly graceMs?: number | undefined;
};

export type WorkerSummary = {
  readonly slices: number;
  readonly completed: number;
  readonly failed: number;
  readonly conflicts: number;
};

const POLL_MS = 500;
const IDLE_POLL_MS = 10_000;
const IDLE_AFTER_MS = 60_000;
const GRACE_MS = 60_000;
/** Of the grace, for what is in hand; the rest is for giving back what is not judged by then. */
const GRACE_SHARE = 0.8;
/** Slices one after another whose preparation ends the engine: that is this machine. */
const MOST_FAILED = 2;

/**
 * Judges what waits in a queue, on this machine, until it is told to stop: a coordinator over the common store, as of a sweep
 * on one machine, with an engine in a process of its own. Data are there before the first slice is claimed.
 *
 * @throws UnfitHost when this machine may not work: other data than the sweep's, no memory for them
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerSummary> {
  const { url, times, signal } = options;
  await using parts = new AsyncDisposableStack();
  // A database that has no tables yet, does not answer or has no connection left.
  const mayWait = (error: UserError) => isLost(error.cause) || /no queue yet|no sweep store/.test(error.message);
  const { notice, pollMs = POLL_MS, idleExitMs } = options;
  const waiting = { mayWait, waitMs: idleExitMs ?? Infinity, pollMs, signal, notice };
  const queue = parts.use(await whenThere(() => SliceQueue.open(url, 'worker', { times, notice }), waiting));
  if (queue === null) return NOTHING;
  const storeOptions = { mode: 'write', waitMs: PATIENCE_MS, connections: 1 } as const;
  const store = parts.use(await whenThere(() => openVerdictStore(url, storeOptions), waiting));
  if (store === null) return NOTHING;
  const worker = parts.use(new Worker(queue, store, options));
  const grace = (): void => {
    setTimeout(() => void worker.giveUp(), GRACE_SHARE * (options.graceMs ?? GRACE_MS)).unref();
  };
  signal.addEventListener('abort', grace, { once: true });
  try {
    await worker.run();
    return worker.summary;
  } finally {
    signal.removeEventListener('abort', grace);
  }
}

const NOTHING: WorkerSummary = { slices: 0, completed: 0, failed: 0, conflicts: 0 };

class Worker implements AsyncDisposable {
  readonly #queue: SliceQueue;
  readonly #store: VerdictStore;
  readonly #options: WorkerOptions;
  #site: WorkSite | null = null;
  /** Sweeps of other code that were told. */
  readonly #passedBy = new Set<string>();
  #failedInARow = 0;
  summary = NOTHING;

  constructor(queue: SliceQueue, store: VerdictStore, options: WorkerOptions) {
    this.#queue = queue;
    this.#store = store;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal, idleExitMs, maxSlices, pollMs } = this.#options;
    let idleSince = performance.now();
    while (!signal.aborted && this.summary.slices < (maxSlices ?? Infinity)) {
      const claim = await this.#claim();
      if (claim !== null) {
        await this.#judge(claim);
        idleSince = performance.now();
        continue;
      }
      const idleMs = performance.now() - idleSince;
      if (idleExitMs !== null && idleMs >= idleExitMs) return;
      await pause(pollMs ?? (idleMs < IDLE_AFTER_MS ? POLL_MS : IDLE_POLL_MS), signal);
    }
  }

  /** A slice on data that this machine has ready, or null where none waits. */
  async #claim(): Promise<ClaimedSlice | null> {
    const { codeHash, hostName, signal } = this.#options;
    const claim = (dataHash: string) => this.#queue.claim(queueName(codeHash, dataHash), hostName);
    const here = this.#site === null ? null : await claim(this.#site.dataHash);
    if (here !== null) return here;
    const run = await this.#runThatWaits();
    if (run === null) return null;
    await this.#moveTo(run);
    return signal.aborted ? null : claim(run.data.hash);
  }

  /** The last run of a sweep of this code, slices on whose data wait, which are not this site's: of those none could be claimed. */
  async #runThatWaits(): Promise<StoredRun | null> {
    const { codeHash, hostName } = this.#options;
    const waiting = await this.#queue.waitingFor(hostName);
    if (waiting.size === 0) return null;
    const sweeps = (await this.#store.sweeps()).filter((sweep) =>
      waiting.has(queueName(sweep.code.hash, sweep.dataHash)),
    );
    const own = sweeps.filter(({ code }) => code.hash === codeHash);
    if (own.length === 0) for (const sweep of sweeps) this.#passBy(sweep);
    return own.find(({ dataHash }) => dataHash !== this.#site?.dataHash)?.lastRun ?? null;
  }

  /** Says of a sweep once that its slices are for other code. */
  #passBy({ name, code }: SweepSummary): void {
    const { codeHash, notice } = this.#options;
    const passed = `${name} ${code.hash}`;
    if (this.#passedBy.has(passed)) return;
    this.#passedBy.add(passed);
    notice(
      `waiting: the slices of sweep ${JSON.stringify(name)} are for code ${shortHash(code.hash)} (version ${code.version}), ` +
        `which this is not (${shortHash(codeHash)}). Install one version on all machines`,
    );
  }

  async #moveTo(run: StoredRun): Promise<WorkSite> {
    if ((await this.#site?.turnTo(run)) === true) return this.#site!;
    await this.#site?.leave(OTHER_WORK);
    this.#site = null;
    this.#site = await WorkSite.open(this.#store, run, this.#options);
    return this.#site;
  }

  async #judge(claim: ClaimedSlice): Promise<void> {
    using heartbeat = new Heartbeat(claim, this.#options.notice);
    const site = await this.#siteOf(claim);
    if (site === null) return;
    const { signal, notice } = this.#options;
    const { lost } = heartbeat;
    const runId = await site.runOf(claim.job.slice);
    const { engine } = site;
    const found = await judgeClaim(claim, {
      queue: this.#queue,
      store: this.#store,
      runId,
      engine,
      signal,
      lost,
      notice,
    });
    site.add(runId, found.recorded);
    this.#count(found);
    this.#failedInARow = found.end === 'failed' ? this.#failedInARow + 1 : 0;
    if (this.#failedInARow === MOST_FAILED) {
      throw new UnfitHost(
        `the preparation of ${MOST_FAILED} slices ended the engine's process on this machine: memory, most often`,
      );
    }
  }

  /** Where the claim's sweep is judged; null where the store does not have it any more. */
  async #siteOf(claim: ClaimedSlice): Promise<WorkSite | null> {
    const { slice } = claim.job;
    if (this.#site?.isFor(slice) === true) return this.#site;
    const sweep = await this.#store.summary(slice.sweep);
    if (sweep === null || sweep.dataHash !== slice.dataHash) {
      await claim.fail(`sweep ${JSON.stringify(slice.sweep)} is not on these data any more`);
      return null;
    }
    try {
      const site = await this.#moveTo(sweep.lastRun);
      if (site.isFor(slice)) return site;
    } catch (error) {
      await claim.giveBack();
      throw error;
    }
    await claim.fail(`sweep ${JSON.stringify(slice.sweep)} has no such dataset any more`);
    return null;
  }

  #count({ end, completed, failed, conflicts }: ClaimEnd): void {
    this.summary = {
      slices: this.summary.slices + (end === 'done' ? 1 : 0),
      completed: this.summary.completed + completed,
      failed: this.summary.failed + failed,
      conflicts: this.summary.conflicts + conflicts.length,
    };
  }

  /** What is in hand takes too long. */
  async giveUp(): Promise<void> {
    await this.#site?.engine.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#site?.leave(this.#options.signal.aborted ? null : 'no slice waits');
  }
}
