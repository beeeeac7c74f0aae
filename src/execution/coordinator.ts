import { contentHash } from '../dataset/content-hash.ts';
import { planDataset } from '../dataset/dataset.ts';
import { type BarGaps, composeStateFrame, type StateFrame } from '../dataset/state-frame.ts';
import type { RunFacts, StateRows } from '../dataset/state-rows.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { Conflict, OutcomeRecord, RecordCounts, RowSelection, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { PlannedConfiguration, PlannedDataset } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { DatasetBatches } from './dataset-batches.ts';
import type { Engine, PreparedDataset } from './engine.ts';
import { failureText } from './messages.ts';
import type { SweepCounts, SweepObserver } from './observer.ts';
import { outcomeOf } from './promise-outcome.ts';
import { VerdictWriter } from './verdict-writer.ts';

export type CoordinatorSetup = {
  readonly store: VerdictStore;
  readonly runId: RunId;
  readonly engine: Engine;
  /** where matrices are laid out */
  readonly arena: SharedArena;
  readonly observer: SweepObserver;
  readonly options: { readonly barGaps: BarGaps; readonly fresh: boolean; readonly retryFailed: boolean };
  /** nothing is in the store yet */
  readonly isFirst: boolean;
};

/** Takes datasets to their verdicts, one after another: builds each, has the engine judge it, stores every outcome. */
export class Coordinator {
  readonly #setup: CoordinatorSetup;
  #counts: SweepCounts = { known: 0, completed: 0, failed: 0 };
  #failedBeforeCount = 0;

  #recorded = { completed: 0, failed: 0 };
  readonly #conflicts: Conflict[] = [];

  constructor(setup: CoordinatorSetup) {
    this.#setup = setup;
  }

  /** Of the known ones, those that could not be judged before and are not tried again. */
  get failedBefore(): number {
    return this.#failedBeforeCount;
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

  /** Builds a dataset, judges those of its configurations that the store does not know, stores the outcomes. */
  async runDataset(rows: StateRows, planned: PlannedDataset): Promise<void> {
    const { store, runId, observer, options, isFirst } = this.#setup;
    await using writer = new VerdictWriter(store, runId, (counts) => this.#stored(counts));
    let frame: StateFrame;
    try {
      frame = composeStateFrame(rows, { ...planned, barGaps: options.barGaps });
    } catch (error) {
      await this.#failUnbuilt(writer, planned, error);
      return;
    }
    // Where nothing can be known yet, workers need not wait until the frame's hash says so.
    const early = isFirst ? outcomeOf(this.#prepare(frame, rows.run)) : null;
    const datasetHash = contentHash(frame);
    await store.datasetBuilt(runId, selectionOf(planned), { contentHash: datasetHash, rowCount: frame.rowCount });
    const remaining = await this.#remaining(planned);
    observer.datasetBuilt?.({ planned, rowCount: frame.rowCount, datasetHash, remaining: remaining.length });
    // Awaited in any case: the next dataset takes the memory that it writes.
    const ready = await early;
    if (remaining.length === 0) return;
    const prepared = ready ?? (await outcomeOf(this.#prepare(frame, rows.run)));
    if (prepared.status === 'rejected') this.#failAll(writer, remaining, datasetHash, prepared.reason);
    else await this.#judge(writer, prepared.value, remaining, datasetHash);
  }

  async #prepare(frame: StateFrame, run: RunFacts): Promise<PreparedDataset> {
    const dataset = planDataset(frame, this.#setup.arena);
    const contexts = await this.#setup.engine.prepare(dataset);
    return { dataset, contexts, featureOrder: run.features.featureOrder };
  }

  async #judge(
    writer: VerdictWriter,
    prepared: PreparedDataset,
    configurations: readonly PlannedConfiguration[],
    datasetHash: string,
  ): Promise<void> {
    const { engine, observer } = this.#setup;
    const batches = new DatasetBatches({
      engine,
      prepared,
      datasetHash,
      onOutcome: (outcome) => this.#settle(writer, outcome),
      onBatchLost: (event) => observer.batchLost?.(event),
      stored: () => writer.stored(),
    });
    await batches.run(configurations);
  }

  /** A dataset that could not be built is an outcome of those configurations that are not known to have failed of it. */
  async #failUnbuilt(writer: VerdictWriter, planned: PlannedDataset, error: unknown): Promise<void> {
    const { store, runId } = this.#setup;
    if (error instanceof UserError) {
      await store.datasetBuilt(runId, selectionOf(planned), { contentHash: null, rowCount: null });
    }
    this.#failAll(writer, await this.#remaining(planned), null, error);
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
  async #remaining(planned: PlannedDataset): Promise<readonly PlannedConfiguration[]> {
    const { store, runId, options } = this.#setup;
    if (options.fresh) return planned.configurations;
    const outcomes = await store.outcomesOf(runId, selectionOf(planned));
    const kindOf = ({ id }: PlannedConfiguration) => outcomes.get(id);
    const remaining = planned.configurations.filter((configuration) => {
      const outcome = kindOf(configuration);
      return outcome === undefined || (outcome === 'failed' && options.retryFailed);
    });
    this.#count('known', planned.configurations.length - remaining.length);
    if (!options.retryFailed) {
      this.#failedBeforeCount += planned.configurations.filter((each) => kindOf(each) === 'failed').length;
    }
    return remaining;
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
