import { setImmediate } from 'node:timers/promises';
import { contentHash } from '../dataset/content-hash.ts';
import { planDataset } from '../dataset/dataset.ts';
import { type BarGaps, composeStateFrame, type StateFrame } from '../dataset/state-frame.ts';
import type { StateRows } from '../dataset/state-rows.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { DatasetDays } from '../store/records.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import type { BatchEngine, PreparedDataset } from './batch-engine.ts';
import { DatasetBatches } from './dataset-batches.ts';
import { barsByDay, datasetDaysOf } from './dataset-days.ts';
import type { SweepObserver } from './observer.ts';
import { withPairCells } from './pair-cells.ts';
import { outcomeOf } from './promise-outcome.ts';
import type { OpenSlice, OutcomeSink, SliceEngine } from './slice-engine.ts';

export type HostEngineSetup = {
  readonly rows: StateRows;
  /** Puts the state rows where the next run finds them; judging does not wait for it. */
  readonly keepRows: () => Promise<void>;
  readonly engine: BatchEngine;
  /** where datasets are laid out: one, or two by turns */
  readonly places: readonly SharedArena[];
  readonly barGaps: BarGaps;
  readonly observer: Pick<SweepObserver, 'phase' | 'batchLost'>;
};

/** A slice on its way to be judged, and whether it can be. */
type Prepared = { readonly slice: PlannedDataset; readonly open: OpenSlice } & (
  | { readonly kind: 'nothing remains' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'ready'; readonly datasetHash: string; readonly prepared: PreparedDataset }
);

/** A dataset that lies in one of the places until another takes it. */
type Kept = {
  readonly key: string;
  readonly datasetHash: string;
  readonly rowCount: number;
  readonly prepared: PreparedDataset;
};

/** Where a dataset is laid out, once workers and memory are free for that. */
type Turn = { readonly place: SharedArena; readonly whenFree: () => Promise<void> };

/** A slice that is being judged. */
type Judging = { readonly allBegun: Promise<unknown>; readonly ended: Promise<void> };

/**
 * Judges slices on this host, one after another: builds the dataset of each in shared memory and has the batch engine's
 * workers judge it. While one is judged, the next is built; it is prepared where workers have nothing left to begin.
 */
export class HostEngine implements SliceEngine, Disposable {
  readonly #setup: HostEngineSetup;
  /** What of each place's memory is taken when no dataset lies there. */
  readonly #empty: readonly number[];
  #turns = 0;
  #kept: Kept | null = null;
  #bars: DatasetDays['bars'] | undefined;

  constructor(setup: HostEngineSetup) {
    this.#setup = setup;
    this.#empty = setup.places.map((place) => place.mark());
  }

  async run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    const kept = outcomeOf(this.#setup.keepRows());
    await this.#judgeAll(slices, sink, signal);
    const keeping = await kept;
    if (keeping.status === 'rejected') throw keeping.reason;
  }

  /** What still runs is dropped. */
  [Symbol.dispose](): void {
    this.#setup.engine[Symbol.dispose]();
  }

  async #judgeAll(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    const { places } = this.#setup;
    const coming = slices[Symbol.asyncIterator]();
    const prepareNext = async (isFree: Promise<unknown>): Promise<Prepared | null> => {
      const next = await coming.next();
      if (next.done === true) return null;
      const kept = this.#kept;
      if (kept?.key === next.value.key) return this.#openAgain(next.value, sink, kept);
      const turn = this.#turns % places.length;
      this.#turns += 1;
      const place = places[turn]!;
      const whenFree = async (): Promise<void> => {
        await isFree;
        this.#kept = null;
        place.release(this.#empty[turn]!);
        signal.throwIfAborted();
      };
      return this.#prepare(next.value, sink, { place, whenFree });
    };
    try {
      let next = outcomeOf(prepareNext(Promise.resolve()));
      for (;;) {
        const prepared = await next;
        if (prepared.status === 'rejected') throw prepared.reason;
        if (prepared.value === null || signal.aborted) break;
        const { allBegun, ended } = this.#judge(prepared.value, signal);
        next = outcomeOf(prepareNext(places.length > 1 ? allBegun : ended));
        const end = await outcomeOf(ended);
        if (end.status === 'fulfilled') continue;
        // Workers may be at work on the next one.
        await next;
        throw end.reason;
      }
    } finally {
      await coming.return?.();
    }
  }

  /** A slice's dataset, told to the sink, and prepared where something of it is to be judged. It rejects of bugs alone. */
  async #prepare(slice: PlannedDataset, sink: OutcomeSink, { place, whenFree }: Turn): Promise<Prepared> {
    const { rows, engine, barGaps, observer } = this.#setup;
    // What is being judged has its batches sent to the workers first.
    await setImmediate();
    observer.phase?.({ phase: 'laying out', planned: slice });
    let frame: StateFrame;
    try {
      frame = composeStateFrame(rows, { ...slice, barGaps });
    } catch (error) {
      return { kind: 'failed', slice, open: await sink.open(slice, { kind: 'unbuilt', error }), error };
    }
    const prepare = async (): Promise<PreparedDataset> => {
      await whenFree();
      observer.phase?.({ phase: 'classifiers', planned: slice });
      const dataset = withPairCells(planDataset(frame, place), this.#barsOf(rows));
      return engine.prepare(dataset, rows.run.features.featureOrder, place);
    };
    // Where nothing can be known yet, workers need not wait until the frame's hash says so.
    const early = sink.knowsNothing ? outcomeOf(prepare()) : null;
    await setImmediate();
    const datasetHash = contentHash(frame);
    const open = await sink.open(slice, { kind: 'built', contentHash: datasetHash, rowCount: frame.rowCount });
    const remains = open.remaining.length > 0;
    // What was begun early is awaited in any case: the next dataset takes the memory that it writes.
    const prepared = await (early ?? (remains || open.wantsDays ? outcomeOf(prepare()) : null));
    if (prepared?.status === 'fulfilled' && open.wantsDays) {
      const { dataset, contexts } = prepared.value;
      await open.tellDays(datasetDaysOf(dataset, contexts, this.#barsOf(rows)));
    }
    if (prepared?.status === 'fulfilled') {
      this.#kept = { key: slice.key, datasetHash, rowCount: frame.rowCount, prepared: prepared.value };
    }
    if (prepared === null || !remains) return { kind: 'nothing remains', slice, open };
    if (prepared.status === 'rejected') return { kind: 'failed', slice, open, error: prepared.reason };
    return { kind: 'ready', slice, open, datasetHash, prepared: prepared.value };
  }

  /** More of the dataset that was prepared last: nothing is built, and it lies where it lies. */
  async #openAgain(slice: PlannedDataset, sink: OutcomeSink, kept: Kept): Promise<Prepared> {
    const { datasetHash, rowCount, prepared } = kept;
    const open = await sink.open(slice, { kind: 'built', contentHash: datasetHash, rowCount });
    if (open.wantsDays) {
      const { dataset, contexts } = prepared;
      await open.tellDays(datasetDaysOf(dataset, contexts, this.#barsOf(this.#setup.rows)));
    }
    return open.remaining.length === 0
      ? { kind: 'nothing remains', slice, open }
      : { kind: 'ready', slice, open, datasetHash, prepared };
  }

  /** Counted once a run: they are the same for all of its datasets. */
  #barsOf({ run }: StateRows): DatasetDays['bars'] {
    this.#bars ??= barsByDay(run);
    return this.#bars;
  }

  /** Begins to judge a slice. */
  #judge(next: Prepared, signal: AbortSignal): Judging {
    const { engine, observer } = this.#setup;
    const { slice, open } = next;
    const endOf = async (work: () => Promise<void> | void): Promise<void> => {
      await using _storing = open;
      await work();
    };
    open.begin();
    if (next.kind !== 'nothing remains') observer.phase?.({ phase: 'judging', planned: slice });
    if (next.kind !== 'ready') {
      const ended = endOf(() => (next.kind === 'failed' ? open.fail(next.error) : undefined));
      return { allBegun: ended, ended };
    }
    const batches = new DatasetBatches(
      {
        engine,
        prepared: next.prepared,
        datasetHash: next.datasetHash,
        onOutcome: (outcome) => open.settle(outcome),
        onBatchLost: (event) => observer.batchLost?.(event),
        stored: () => open.stored(),
        signal,
      },
      open.remaining,
    );
    return { allBegun: batches.allBegun(), ended: endOf(() => batches.end()) };
  }
}
