import { setImmediate } from 'node:timers/promises';
import { contentHash } from '../dataset/content-hash.ts';
import { planDataset } from '../dataset/dataset.ts';
import { type BarGaps, composeStateFrame, type StateFrame } from '../dataset/state-frame.ts';
import type { StateRows } from '../dataset/state-rows.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { Conflict, DatasetDays, OutcomeRecord, RecordCounts, RowSelection, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { PlannedConfiguration, PlannedDataset } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { DatasetBatches } from './dataset-batches.ts';
import { barsByDay, datasetDaysOf } from './dataset-days.ts';
import type { Engine, PreparedDataset } from './engine.ts';
import { failureText } from './messages.ts';
import type { SweepCounts, SweepObserver } from './observer.ts';
import { outcomeOf } from './promise-outcome.ts';
import { VerdictWriter } from './verdict-writer.ts';

export type CoordinatorSetup = {
  readonly datasets: readonly PlannedDataset[];
  readonly store: VerdictStore;
  readonly runId: RunId;
  readonly engine: Engine;
  /** where datasets are laid out: one, or two by turns */
  readonly places: readonly SharedArena[];
  readonly observer: SweepObserver;
  readonly options: {
    readonly barGaps: BarGaps;
    readonly fresh: boolean;
    readonly retryErrors: boolean;
    readonly signal: AbortSignal;
  };
  /** nothing is in the store yet */
  readonly isFirst: boolean;
};

/** What is to be judged of a dataset; `errorBefore` of the rest could not be judged before. */
type Open = { readonly remaining: readonly PlannedConfiguration[]; readonly errorBefore: number };

/** A dataset on its way to be judged; `prepared` is null where nothing remains. */
type BuiltDataset =
  | { readonly kind: 'unbuilt'; readonly planned: PlannedDataset; readonly error: unknown }
  | (Open & {
      readonly kind: 'built';
      readonly planned: PlannedDataset;
      readonly rowCount: number;
      readonly datasetHash: string;
      readonly prepared: PromiseSettledResult<PreparedDataset> | null;
    });

/** Where a dataset is laid out, once workers and memory are free for that. */
type Turn = { readonly place: SharedArena; readonly whenFree: () => Promise<void> };

/** A dataset that is being judged. */
type Judging = { readonly allBegun: Promise<unknown>; readonly ended: Promise<void> };

/**
 * Takes datasets to their verdicts, one after another: builds each, has the engine judge it, stores every outcome. While
 * one is judged, the next is built; it is prepared where workers have nothing left to begin.
 */
export class Coordinator {
  #bars: DatasetDays['bars'] | undefined;
  readonly #setup: CoordinatorSetup;
  #counts: SweepCounts = { known: 0, completed: 0, failed: 0 };
  #errorBeforeCount = 0;

  #recorded = { completed: 0, failed: 0 };
  readonly #conflicts: Conflict[] = [];

  constructor(setup: CoordinatorSetup) {
    this.#setup = setup;
  }

  /** Of the known ones, those that could not be judged before and are not tried again. */
  get errorBefore(): number {
    return this.#errorBeforeCount;
  }

  get counts(): SweepCounts {
    return this.#counts;
  }

  /** What the store says that it has stored; it was asked for more where something was there already. */
  get recorded(): Pick<RecordCounts, 'completed' | 'failed'> {
    return this.#recorded;
  }

  /** Verdicts that came out otherwise than those that stand under their keys. */
  get conflicts(): readonly Conflict[] {
    return this.#conflicts;
  }

  /** Builds every dataset of the plan, judges those of its configurations that the store does not know, stores the outcomes. */
  async run(rows: StateRows): Promise<void> {
    const { datasets, places, options } = this.#setup;
    const empty = places.map((place) => place.mark());
    const build = (i: number, isFree: Promise<unknown>) => {
      const place = places[i % places.length]!;
      const whenFree = async (): Promise<void> => {
        await isFree;
        place.release(empty[i % places.length]!);
      };
      return outcomeOf(this.#build(rows, datasets[i]!, { place, whenFree }));
    };
    let next = build(0, Promise.resolve());
    for (let i = 0; i < datasets.length; i += 1) {
      const built = await next;
      if (built.status === 'rejected') throw built.reason;
      if (options.signal.aborted) break;
      const { allBegun, ended } = this.#judge(built.value);
      if (i + 1 < datasets.length) next = build(i + 1, places.length > 1 ? allBegun : ended);
      const end = await outcomeOf(ended);
      if (end.status === 'fulfilled') continue;
      // Workers may be at work on the next one.
      await next;
      throw end.reason;
    }
  }

  /** A dataset, told to the store, and prepared where something of it is to be judged. It rejects of bugs alone. */
  async #build(rows: StateRows, planned: PlannedDataset, { place, whenFree }: Turn): Promise<BuiltDataset> {
    const { store, runId, observer, options, isFirst } = this.#setup;
    // What is being judged has its batches sent to the workers first.
    await setImmediate();
    observer.phase?.({ phase: 'laying out', planned });
    let frame: StateFrame;
    try {
      frame = composeStateFrame(rows, { ...planned, barGaps: options.barGaps });
    } catch (error) {
      return { kind: 'unbuilt', planned, error };
    }
    const prepare = async (): Promise<PreparedDataset> => {
      await whenFree();
      options.signal.throwIfAborted();
      observer.phase?.({ phase: 'classifiers', planned });
      return this.#setup.engine.prepare(planDataset(frame, place), rows.run.features.featureOrder, place);
    };
    // Where nothing can be known yet, workers need not wait until the frame's hash says so.
    const early = isFirst ? outcomeOf(prepare()) : null;
    await setImmediate();
    const { rowCount } = frame;
    const datasetHash = contentHash(frame);
    await store.datasetBuilt(runId, selectionOf(planned), { contentHash: datasetHash, rowCount });
    const open = await this.#remaining(planned);
    // A store of an older version gets the days of its datasets when they are built again.
    const isWanted = open.remaining.length > 0 || !(await store.hasDatasetDays(runId, selectionOf(planned)));
    // What was begun early is awaited in any case: the next dataset takes the memory that it writes.
    const prepared = await (early ?? (isWanted ? outcomeOf(prepare()) : null));
    if (prepared?.status === 'fulfilled') {
      const { dataset, contexts } = prepared.value;
      const days = datasetDaysOf(dataset, contexts, (this.#bars ??= barsByDay(rows.run)));
      await store.datasetDaysMade(runId, selectionOf(planned), days);
    }
    const isJudged = open.remaining.length > 0;
    return { kind: 'built', planned, rowCount, datasetHash, ...open, prepared: isJudged ? prepared : null };
  }

  /** Begins to judge a dataset. */
  #judge(built: BuiltDataset): Judging {
    const { store, runId, engine, observer, options } = this.#setup;
    const writer = new VerdictWriter(store, runId, (counts) => this.#stored(counts));
    const endOf = async (work: Promise<void>): Promise<void> => {
      await using _storing = writer;
      await work;
    };
    if (built.kind === 'unbuilt') {
      observer.phase?.({ phase: 'judging', planned: built.planned });
      const ended = endOf(this.#failUnbuilt(writer, built.planned, built.error));
      return { allBegun: ended, ended };
    }
    const { planned, rowCount, datasetHash, remaining, prepared } = built;
    this.#countKnown(planned, built);
    observer.datasetBuilt?.({ planned, rowCount, datasetHash, remaining: remaining.length });
    if (prepared === null) return { allBegun: Promise.resolve(), ended: Promise.resolve() };
    observer.phase?.({ phase: 'judging', planned });
    if (prepared.status === 'rejected') {
      const { reason } = prepared;
      const ended = endOf((async () => this.#failAll(writer, remaining, datasetHash, reason))());
      return { allBegun: ended, ended };
    }
    const batches = new DatasetBatches(
      {
        engine,
        prepared: prepared.value,
        datasetHash,
        onOutcome: (outcome) => this.#settle(writer, outcome),
        onBatchLost: (event) => observer.batchLost?.(event),
        stored: () => writer.stored(),
        signal: options.signal,
      },
      remaining,
    );
    return { allBegun: batches.allBegun(), ended: endOf(batches.end()) };
  }

  /** A dataset that could not be built is an outcome of those configurations that are not known to have failed of it. */
  async #failUnbuilt(writer: VerdictWriter, planned: PlannedDataset, error: unknown): Promise<void> {
    const { store, runId } = this.#setup;
    if (error instanceof UserError) {
      await store.datasetBuilt(runId, selectionOf(planned), { contentHash: null, rowCount: null });
    }
    const open = await this.#remaining(planned);
    this.#countKnown(planned, open);
    this.#failAll(writer, open.remaining, null, error);
  }

  /** What a user can mend is an outcome of each configuration; any other error is a bug and stops the sweep. */
  #failAll(
    writer: VerdictWriter,
    configurations: readonly PlannedConfiguration[],
    datasetHash: string | null,
    error: unknown,
  ): void {
    if (!(error instanceof UserError)) throw error;
    const failure = { kind: 'failed', datasetHash, durationMs: 0, attempts: 1, error: failureText(error) } as const;
    for (const { id } of configurations) this.#settle(writer, { ...failure, configurationId: id });
  }

  /** Those that nothing is known of, or that are to be judged again. */
  async #remaining(planned: PlannedDataset): Promise<Open> {
    const { store, runId, options } = this.#setup;
    if (options.fresh) return { remaining: planned.configurations, errorBefore: 0 };
    const outcomes = await store.outcomesOf(runId, selectionOf(planned));
    const kindOf = ({ id }: PlannedConfiguration) => outcomes.get(id);
    const remaining = planned.configurations.filter((configuration) => {
      const outcome = kindOf(configuration);
      return outcome === undefined || (outcome === 'failed' && options.retryErrors);
    });
    const failed = planned.configurations.filter((each) => kindOf(each) === 'failed').length;
    return { remaining, errorBefore: options.retryErrors ? 0 : failed };
  }

  #countKnown(planned: PlannedDataset, { remaining, errorBefore }: Open): void {
    this.#count('known', planned.configurations.length - remaining.length);
    this.#errorBeforeCount += errorBefore;
  }

  #stored({ completed, failed, conflicts }: RecordCounts): void {
    this.#recorded = { completed: this.#recorded.completed + completed, failed: this.#recorded.failed + failed };
    this.#conflicts.push(...conflicts);
  }

  #settle(writer: VerdictWriter, outcome: OutcomeRecord): void {
    writer.add(outcome);
    this.#count(outcome.kind, 1);
    this.#setup.observer.outcome?.(outcome, this.#counts);
  }

  #count(kind: keyof SweepCounts, by: number): void {
    this.#counts = { ...this.#counts, [kind]: this.#counts[kind] + by };
  }
}

function selectionOf({ agesMinutes, maxRowsPerSplit }: PlannedDataset): RowSelection {
  return { agesMinutes, maxRowsPerSplit };
}
