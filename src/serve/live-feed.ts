import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { LiveDataset, LiveProgress, LiveRow } from '../page-data/live.ts';
import type { CountFacts } from '../page-data/report.ts';
import type { SweepSummary } from '../store/records.ts';
import type { StoreMoment, VerdictStore } from '../store/verdict-store.ts';
import { UserError } from '../user-error.ts';
import { ArrivalRate } from './arrival-rate.ts';
import { datasetLabel, liveRow } from './live-rows.ts';
import { sizesOfDatasets } from './sweep-sizes.ts';

export type LiveFeedOptions = {
  /** Opens the store to be read. */
  readonly open: () => Promise<VerdictStore>;
  /** The sweep to follow; without it the one that ran last, whichever that is. */
  readonly sweep?: string | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
};

/** Verdicts that are read at once. */
const PAGE_SIZE = 2000;
/** A read is followed by this many times its own duration without one: a large store costs no more than a fifth of a core. */
const REST = 4;
/** How often a run that stores nothing is asked after. */
const SILENCE_MS = 2000;

/**
 * What a store has of a sweep, followed while others write it. The store is asked, never the process that writes, so that a
 * run of another terminal is shown, its death survived and its successor taken up.
 */
export class LiveFeed {
  /** In the order in which they were stored. */
  readonly rows: LiveRow[] = [];
  /** Names what the places of rows are good for: another one when rows have begun anew. */
  epoch = '';
  /** Counts what was read anew. */
  version = 0;
  /** Null until there is one to read. */
  store: VerdictStore | null = null;

  readonly #options: LiveFeedOptions;
  #moment: StoreMoment | null = null;
  #summary: SweepSummary | null = null;
  #problem: string | null = null;
  /** Files that had the store's name, as far as can be told. */
  #files = 0;
  #rate: ArrivalRate;
  #lastArrivalAt: number;
  #restUntil = -Infinity;
  #askAgainAt = -Infinity;
  #datasets = new Map<string, number>();
  #current: string | null = null;
  #known = 0;
  #best: LiveRow | null = null;
  #bestPass: LiveRow | null = null;
  #sizes: { readonly run: string; readonly sizes: ReadonlyMap<string, number> | null } | null = null;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#rate = new ArrivalRate(options.now());
    this.#lastArrivalAt = options.now();
  }

  /** The sweep that is shown; null while there is none. */
  get sweep(): string | null {
    return this.#summary?.name ?? null;
  }

  get isFinal(): boolean {
    return this.#summary !== null && isFinal(this.#summary);
  }

  /**
   * Looks whether anything was stored, and reads it. What a user can mend is told to the page, and tried again.
   *
   * @param isLast whether nobody will look again: then it is looked at once
   */
  async poll(isLast = false): Promise<void> {
    const startedAt = this.#options.now();
    if (startedAt < this.#restUntil && !isLast) return;
    try {
      this.store ??= await this.#options.open();
      const moment = await this.store.moment();
      const hasChanged = moment.file !== this.#moment?.file || moment.version !== this.#moment.version;
      if (!hasChanged && this.#problem === null && !(await this.#hasDied(this.store, startedAt))) return;
      if (moment.file !== this.#moment?.file) this.#files += 1;
      await this.#read(this.store, startedAt);
      this.#askAgainAt = startedAt + SILENCE_MS;
      this.#moment = moment;
      this.#problem = null;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (this.#problem === error.message) return;
      this.#problem = error.message;
      // Another file may have the name when it can be read again.
      this.#moment = null;
    }
    this.version += 1;
    const endedAt = this.#options.now();
    this.#restUntil = endedAt + REST * (endedAt - startedAt);
  }

  /** How it stands at this moment. */
  progress(): LiveProgress {
    const now = this.#options.now();
    const summary = this.#summary;
    // Where there is nothing to be read yet, that is no problem but the beginning.
    const problem = this.store === null && summary === null ? null : this.#problem;
    const counts = countsOf(summary);
    const state = summary === null ? 'waiting' : summary.lastRun.outcome;
    const perMinute = state === 'running' ? this.#rate.perMinute(now) : null;
    return {
      sweep: this.sweep,
      state,
      isFinal: this.isFinal,
      counts,
      known: this.#known,
      perMinute,
      secondsLeft: perMinute === null ? null : Math.round((60 * counts.pending) / perMinute),
      quietMs: Math.round(now - this.#lastArrivalAt),
      best: this.#best,
      bestPass: this.#bestPass,
      datasets: this.#datasetFacts(),
      current: state === 'running' ? this.#current : null,
      problem,
    };
  }

  async close(): Promise<void> {
    await this.store?.close();
    this.store = null;
  }

  /** A run that dies stores nothing: its lease or its lock is gone, and the store stays as it was. */
  async #hasDied(store: VerdictStore, now: number): Promise<boolean> {
    const followed = this.#summary;
    if (followed?.lastRun.outcome !== 'running' || now < this.#askAgainAt) return false;
    const summary = await store.summary(followed.name);
    const endedAt = this.#options.now();
    this.#askAgainAt = endedAt + Math.max(SILENCE_MS, REST * (endedAt - now));
    return summary?.lastRun.outcome !== 'running';
  }

  async #read(store: VerdictStore, now: number): Promise<void> {
    const summaries = await store.sweeps();
    const { sweep } = this.#options;
    const summary = sweep === undefined ? summaries[0] : summaries.find(({ name }) => name === sweep);
    if (summary === undefined) {
      if (this.#summary !== null) this.#begin('', now);
      this.#summary = null;
      return;
    }
    const epoch = epochOf(summary, this.#files);
    const isNew = epoch !== this.epoch;
    if (isNew) this.#begin(epoch, now);
    // Before its rows, which say whose they are.
    if (summary.lastRun.runId !== this.#summary?.lastRun.runId) this.#rate = new ArrivalRate(now);
    this.#summary = summary;
    await this.#readRows(store, summary, now, isNew);
    // What the sweep shows since a run has begun may have been stored long before, for another sweep: behind no place.
    if (this.rows.length < judgedOf(summary) && !isNew) {
      this.#files += 1;
      this.#begin(epochOf(summary, this.#files), now);
      await this.#readRows(store, summary, now, true);
    }
  }

  /** @param isFirst whether what comes was there before anybody looked, and says nothing of how fast it comes */
  async #readRows(store: VerdictStore, summary: SweepSummary, now: number, isFirst: boolean): Promise<void> {
    const { runId } = summary.lastRun;
    let came = 0;
    for (;;) {
      const page = await store.verdictsAfter(this.rows.at(-1)?.place ?? 0, { sweep: summary.name }, PAGE_SIZE);
      for (const placed of page) {
        const row = liveRow(placed);
        const { verdict } = placed;
        this.rows.push(row);
        this.#current = datasetLabel(verdict.dataset);
        this.#datasets.set(this.#current, (this.#datasets.get(this.#current) ?? 0) + 1);
        if (verdict.runId === runId) came += 1;
        else this.#known += 1;
        this.#keepBest(row);
      }
      if (page.length < PAGE_SIZE) break;
    }
    if (came > 0 && !isFirst) {
      this.#rate.add(came, now);
      this.#lastArrivalAt = now;
    }
  }

  #keepBest(row: LiveRow): void {
    if (row.tune === null) return;
    if (this.#best === null || row.tune < this.#best.tune!) this.#best = row;
    if (row.verdict === 'pass' && (this.#bestPass === null || row.tune < this.#bestPass.tune!)) this.#bestPass = row;
  }

  #begin(epoch: string, now: number): void {
    this.epoch = epoch;
    this.rows.length = 0;
    this.#datasets = new Map();
    this.#current = null;
    this.#known = 0;
    this.#best = null;
    this.#bestPass = null;
    this.#rate = new ArrivalRate(now);
    this.#lastArrivalAt = now;
  }

  #datasetFacts(): LiveDataset[] {
    const summary = this.#summary;
    if (summary === null) return [];
    if (this.#sizes?.run !== summary.lastRun.runId) {
      this.#sizes = { run: summary.lastRun.runId, sizes: sizesOfDatasets(summary) };
    }
    const { sizes } = this.#sizes;
    const labels = new Set([...this.#datasets.keys(), ...(sizes?.keys() ?? [])]);
    return [...labels].map((label) => ({
      label,
      judged: this.#datasets.get(label) ?? 0,
      of: sizes?.get(label) ?? null,
    }));
  }
}

/** Rows of one epoch are one sweep's, on one data, by one code, of one file. */
function epochOf({ name, dataHash, code, lastRun }: SweepSummary, files: number): string {
  const text = canonicalJson([name, dataHash, code.hash, lastRun.definition, files]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function isFinal({ lastRun, pendingCount }: SweepSummary): boolean {
  return lastRun.outcome !== 'running' && pendingCount === 0;
}

function judgedOf({ configurationCount, pendingCount, errorCount }: SweepSummary): number {
  return configurationCount - pendingCount - errorCount;
}

function countsOf(summary: SweepSummary | null): CountFacts {
  const { configurationCount = 0, passedCount = 0, notReadyCount = 0, unconvergedCount = 0 } = summary ?? {};
  const { errorCount = 0, pendingCount = 0 } = summary ?? {};
  return {
    configurations: configurationCount,
    pass: passedCount,
    notReady: notReadyCount,
    unconverged: unconvergedCount,
    // Whatever is judged and is none of the others.
    sealed: configurationCount - passedCount - notReadyCount - unconvergedCount - errorCount - pendingCount,
    error: errorCount,
    pending: pendingCount,
  };
}
