import type { Json } from '../canonical-json.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { baselineData } from '../execution/baseline-data.ts';
import type { HostOptions } from '../execution/host.ts';
import type { SliceEngine } from '../execution/slice-engine.ts';
import type { Provenance, RecordCounts, RunId, StoredRun } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { storedDefinition } from '../sweep/definition-change.ts';
import { planSweep } from '../sweep/plan.ts';
import { expandSlice, type SlicePayload } from '../sweep/slice-payload.ts';
import { UnfitHost } from '../unfit-host.ts';
import { UserError } from '../user-error.ts';
import { ChildEngine, type HostFacts } from './child-engine.ts';
import { keepRuns } from './keep-runs.ts';

export type SiteOptions = {
  /** Where the baseline run of these data lies on this machine, fetched when it has to be. */
  readonly dataRootOf: (data: StoredRun['data']) => Promise<string>;
  readonly host: Omit<HostOptions, 'barGaps' | 'featureOrderFile'>;
  /** @throws UnfitHost where this machine computes otherwise than it should */
  readonly proveHost: () => Promise<void>;
  /** Who judges here; definition and options are the sweep's. */
  readonly provenanceOf: (run: StoredRun) => Promise<Provenance>;
  readonly notice: (text: string) => void;
  /** For tests: what judges is reached through this. */
  readonly through?: ((engine: WorkerEngine) => WorkerEngine) | undefined;
};

/** What judges on this machine, once its data are read. */
export type WorkerEngine = SliceEngine & AsyncDisposable & Pick<ChildEngine, 'open' | 'kill'>;

/** A run of this host's, and what it has recorded. */
type OwnRun = { readonly id: RunId; recorded: Pick<RecordCounts, 'completed' | 'failed'> };

/**
 * What this machine has ready for slices of a sweep: its data, proved to be the sweep's, an engine that has read them, and a
 * run of the sweep for this host, so that every verdict says who made it. It stays from one slice to the next.
 */
export class WorkSite {
  readonly engine: WorkerEngine;
  readonly #store: VerdictStore;
  #run: StoredRun;
  readonly #options: SiteOptions;
  readonly #facts: HostFacts;
  /** Of the engine, by their keys. */
  readonly #datasets: ReadonlySet<string>;
  /** By whether gates of what it judges are sealed. */
  readonly #runs = new Map<boolean, OwnRun>();
  readonly #keeping: Disposable;

  private constructor(
    store: VerdictStore,
    run: StoredRun,
    options: SiteOptions,
    engine: WorkerEngine,
    facts: HostFacts,
    datasets: ReadonlySet<string>,
  ) {
    this.#store = store;
    this.#run = run;
    this.#options = options;
    this.engine = engine;
    this.#facts = facts;
    this.#datasets = datasets;
    this.#keeping = keepRuns(store, () => [...this.#runs.values()].map(({ id }) => id), options.notice);
  }

  /**
   * @param run of the sweep: its definition, data and options
   * @throws UnfitHost when this machine has other data, or cannot read them or give them memory
   */
  static async open(store: VerdictStore, run: StoredRun, options: SiteOptions): Promise<WorkSite> {
    const { notice } = options;
    const dataRoot = await ofThisHost(() => options.dataRootOf(run.data));
    const barGaps = barGapsOf(run);
    const here = await ofThisHost(() => baselineData(dataRoot, run.data.baselineRunId, undefined, { barGaps }));
    if (here.hash !== run.data.hash) {
      throw new UnfitHost(
        `baseline run ${run.data.baselineRunId}: what lies in ${dataRoot} is not what sweep ` +
          `${JSON.stringify(run.sweepName)} is on. Name the place of the right one with --data`,
      );
    }
    const { baseline, datasets } = planOf(run, dataRoot);
    const shapes = datasets.map(({ agesMinutes, maxRowsPerSplit }) => ({ agesMinutes, maxRowsPerSplit }));
    const child = new ChildEngine({
      work: { baseline, datasets: shapes },
      options: { ...options.host, barGaps },
      observer: {
        cacheProblem: notice,
        batchLost: ({ reason }) => notice(reason),
        childLost: (reason) => notice(`the engine's process ended (${reason}); what it had in hand is tried again`),
      },
      proveHost: options.proveHost,
    });
    const engine = options.through?.(child) ?? child;
    // Read and built before anything is claimed: a host that cannot holds up no slice.
    const facts = await ofThisHost(() => engine.open());
    return new WorkSite(store, run, options, engine, facts, new Set(datasets.map(({ key }) => key)));
  }

  get dataHash(): string {
    return this.#run.data.hash;
  }

  /**
   * From now on another sweep is judged here, where it is on the same data and the engine was opened for all of its datasets:
   * what was read and built stays.
   *
   * @returns whether that is so
   */
  async turnTo(run: StoredRun): Promise<boolean> {
    if (run.data.hash !== this.dataHash) return false;
    if (!planOf(run, '').datasets.every(({ key }) => this.#datasets.has(key))) return false;
    await this.#finishRuns(OTHER_WORK);
    this.#run = run;
    return true;
  }

  isFor(slice: SlicePayload): boolean {
    const isOfSweep = slice.sweep === this.#run.sweepName && slice.dataHash === this.dataHash;
    return isOfSweep && this.#datasets.has(expandSlice(slice).key);
  }

  /** This host's run of the sweep, begun with the first slice of it. */
  async runOf({ seals }: SlicePayload): Promise<RunId> {
    const known = this.#runs.get(seals);
    if (known !== undefined) return known.id;
    const run = this.#run;
    const id = await this.#store.beginRun({
      ...(await this.#options.provenanceOf(run)),
      definition: run.definition,
      options: run.options,
      sweepName: run.sweepName,
      replaces: false,
      configurations: [],
      configurationCount: run.configurationCount,
      data: run.data,
      evaluations: this.#facts.evaluations,
      seals,
      shard: null,
    });
    this.#runs.set(seals, { id, recorded: { completed: 0, failed: 0 } });
    return id;
  }

  /** Counts what a run has recorded: it is asked for when the run ends. */
  add(runId: RunId, { completed, failed }: Pick<RecordCounts, 'completed' | 'failed'>): void {
    for (const run of this.#runs.values()) {
      if (run.id !== runId) continue;
      run.recorded = { completed: run.recorded.completed + completed, failed: run.recorded.failed + failed };
    }
  }

  /** @param reason null: a signal */
  async leave(reason: string | null): Promise<void> {
    this.#keeping[Symbol.dispose]();
    await this.engine[Symbol.asyncDispose]();
    await this.#finishRuns(reason);
  }

  async #finishRuns(reason: string | null): Promise<void> {
    for (const { id, recorded } of this.#runs.values()) {
      const finishedAt = new Date().toISOString();
      const end =
        reason === null
          ? ({ outcome: 'interrupted', reason: 'stopped by a signal', finishedAt } as const)
          : ({ outcome: 'finished', reason, finishedAt } as const);
      await this.#store.finishRun(id, end, recorded);
    }
    this.#runs.clear();
  }
}

/** Why a host's run of a sweep ends before the host does. */
export const OTHER_WORK = 'work on other data, or of another sweep';

/** What a user can mend of this host's data or memory: another host may do the work. */
async function ofThisHost<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof UnfitHost) throw error;
    throw new UnfitHost(error.message.split('\n'), { cause: error });
  }
}

/** What a run's definition and options come to. */
function planOf(run: StoredRun, dataRoot: string) {
  const definition = storedDefinition(run.definition, run.sweepName);
  const limit = optionOf(run, 'limit');
  const limits = { limit: typeof limit === 'number' ? limit : undefined };
  return planSweep({ ...definition, baseline: { ...definition.baseline, dataRoot } }, limits);
}

function barGapsOf({ data: { reading } }: StoredRun): BarGaps {
  const isDrop = typeof reading === 'object' && reading !== null && 'barGaps' in reading && reading.barGaps === 'drop';
  return isDrop ? 'drop' : 'keep';
}

function optionOf({ options }: StoredRun, name: string): Json | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return undefined;
  return Object.entries(options).find(([key]) => key === name)?.[1];
}
