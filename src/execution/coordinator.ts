import type { Conflict, OutcomeRecord, RecordCounts, RowSelection, RunId } from '../store/records.ts';
import type { Alongside, VerdictStore } from '../store/verdict-store.ts';
import { idsOf } from '../sweep/ids-of.ts';
import type { PlannedConfiguration, PlannedDataset } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { failureText } from './messages.ts';
import type { SweepCounts, SweepObserver } from './observer.ts';
import type { OpenSlice, OutcomeSink, SliceEngine, SliceRows } from './slice-engine.ts';
import { VerdictWriter } from './verdict-writer.ts';

export type CoordinatorSetup = {
  /** Those of one dataset together. */
  readonly slices: Iterable<PlannedDataset> | AsyncIterable<PlannedDataset>;
  readonly store: VerdictStore;
  readonly runId: RunId;
  readonly observer: SweepObserver;
  readonly options: {
    readonly fresh: boolean;
    readonly retryErrors: boolean;
    readonly signal: AbortSignal;
  };
  /** nothing is in the store yet */
  readonly isFirst: boolean;
  /** Outcomes wait so long for company before they are stored, in ms. */
  readonly storeEveryMs?: number | undefined;
  /** What is judged of a slice, where that is not the same for all: what nothing is known of, what was an error too, all. */
  readonly judges?: ((slice: PlannedDataset) => 'new' | 'errors' | 'all') | undefined;
  /** What ends a slice, all of which is judged, in the transaction of its last outcomes. */
  readonly endOf?: ((slice: PlannedDataset) => Alongside | undefined) | undefined;
  /** Called once a slice is over, and whether all of it was judged. */
  readonly sliceOver?: ((slice: PlannedDataset, isWhole: boolean) => void) | undefined;
};

/** What is to be judged of a slice; `errorBefore` of the rest could not be judged before. */
type Left = { readonly remaining: readonly PlannedConfiguration[]; readonly errorBefore: number };

/**
 * Takes a run's slices to their verdicts: asks the store what is known of each once its rows are, has an engine judge the
 * rest, stores every outcome as it comes, and counts. It knows no threads, no memory and no kind of store.
 */
export class Coordinator implements OutcomeSink {
  readonly knowsNothing: boolean;
  readonly #setup: CoordinatorSetup;
  #counts: SweepCounts = { known: 0, completed: 0, failed: 0 };
  #errorBeforeCount = 0;

  #recorded = { completed: 0, failed: 0 };
  readonly #conflicts: Conflict[] = [];

  constructor(setup: CoordinatorSetup) {
    this.#setup = setup;
    this.knowsNothing = setup.isFirst;
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

  /** Has the engine judge what the store does not know of the run's slices. */
  async run(engine: SliceEngine): Promise<void> {
    await engine.run(oneByOne(this.#setup.slices), this, this.#setup.options.signal);
  }

  async open(slice: PlannedDataset, rows: SliceRows): Promise<OpenSlice> {
    const { store, runId } = this.#setup;
    const selection = selectionOf(slice);
    if (rows.kind === 'built') {
      const { contentHash, rowCount } = rows;
      await store.datasetBuilt(runId, selection, { contentHash, rowCount });
    } else if (rows.error instanceof UserError) {
      await store.datasetBuilt(runId, selection, { contentHash: null, rowCount: null });
    }
    const left = await this.#left(slice);
    // A store of an older version gets the days of its datasets when they are built again.
    const wantsDays = rows.kind === 'built' && !(await store.hasDatasetDays(runId, selection));
    const { storeEveryMs, endOf, sliceOver } = this.#setup;
    const writer = new VerdictWriter(store, runId, (counts) => this.#stored(counts), storeEveryMs);
    const datasetHash = rows.kind === 'built' ? rows.contentHash : null;
    let settled = 0;
    const settle = (outcome: OutcomeRecord) => {
      settled += 1;
      this.#settle(writer, outcome);
    };
    const close = async () => {
      const isWhole = settled === left.remaining.length;
      await writer.end(isWhole ? endOf?.(slice) : undefined);
      sliceOver?.(slice, isWhole);
    };
    return {
      remaining: left.remaining,
      wantsDays,
      tellDays: (days) => store.datasetDaysMade(runId, selection, days),
      begin: () => this.#begin(slice, rows, left),
      settle,
      fail: (error) => {
        for (const outcome of failuresOf(left.remaining, datasetHash, error)) settle(outcome);
      },
      stored: () => writer.keptUp(),
      [Symbol.asyncDispose]: close,
    };
  }

  /** Those that nothing is known of, or that are to be judged again. */
  async #left(slice: PlannedDataset): Promise<Left> {
    const { store, runId, options, judges } = this.#setup;
    const wanted = judges?.(slice) ?? (options.fresh ? 'all' : options.retryErrors ? 'errors' : 'new');
    if (wanted === 'all') return { remaining: slice.configurations, errorBefore: 0 };
    const outcomes = await store.outcomesOf(runId, selectionOf(slice), idsOf(slice));
    const kindOf = ({ id }: PlannedConfiguration) => outcomes.get(id);
    const remaining = slice.configurations.filter((configuration) => {
      const outcome = kindOf(configuration);
      return outcome === undefined || (outcome === 'failed' && wanted === 'errors');
    });
    const failed = slice.configurations.filter((each) => kindOf(each) === 'failed').length;
    return { remaining, errorBefore: wanted === 'errors' ? 0 : failed };
  }

  #begin(planned: PlannedDataset, rows: SliceRows, { remaining, errorBefore }: Left): void {
    this.#count('known', planned.configurations.length - remaining.length);
    this.#errorBeforeCount += errorBefore;
    if (rows.kind === 'unbuilt') return;
    const { contentHash: datasetHash, rowCount } = rows;
    this.#setup.observer.datasetBuilt?.({ planned, rowCount, datasetHash, remaining: remaining.length });
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

/** What a user can mend is an outcome of each configuration; any other error is a bug and stops the sweep. */
function failuresOf(
  configurations: readonly PlannedConfiguration[],
  datasetHash: string | null,
  error: unknown,
): OutcomeRecord[] {
  if (!(error instanceof UserError)) throw error;
  const failure = { kind: 'failed', datasetHash, durationMs: 0, attempts: 1, error: failureText(error) } as const;
  return configurations.map(({ id }) => ({ ...failure, configurationId: id }));
}

async function* oneByOne<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}

function selectionOf({ agesMinutes, maxRowsPerSplit }: PlannedDataset): RowSelection {
  return { agesMinutes, maxRowsPerSplit };
}
