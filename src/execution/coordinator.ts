import { contentHash } from '../dataset/content-hash.ts';
import { planDataset } from '../dataset/dataset.ts';
import { type BarGaps, composeStateFrame, type StateFrame } from '../dataset/state-frame.ts';
import type { RunFacts, StateRows } from '../dataset/state-rows.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { OutcomeRecord, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { PlannedConfiguration, PlannedDataset, SweepPlan } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { DatasetBatches } from './dataset-batches.ts';
import type { Engine, PreparedDataset } from './engine.ts';
import { failureText } from './messages.ts';
import type { SweepCounts, SweepObserver } from './observer.ts';
import { outcomeOf } from './promise-outcome.ts';
import { VerdictWriter } from './verdict-writer.ts';

export type CoordinatorSetup = {
  readonly plan: SweepPlan;
  readonly store: VerdictStore;
  readonly runId: RunId;
  readonly codeVersion: string;
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

  /** Builds a dataset, judges those of its configurations that the store does not know, stores the outcomes. */
  async runDataset(rows: StateRows, planned: PlannedDataset): Promise<void> {
    const { store, runId, observer, options, isFirst } = this.#setup;
    await using writer = new VerdictWriter(store, runId);
    let frame: StateFrame;
    try {
      frame = composeStateFrame(rows, { ...planned, barGaps: options.barGaps });
    } catch (error) {
      await this.#failUnbuilt(writer, rows.run, planned, error);
      return;
    }
    // Where nothing can be known yet, workers need not wait until the frame's hash says so.
    const early = isFirst ? outcomeOf(this.#prepare(frame, rows.run)) : null;
    const datasetHash = contentHash(frame);
    const dataset = { ...this.#datasetRecord(rows.run, planned), contentHash: datasetHash, rowCount: frame.rowCount };
    await store.enrol(runId, dataset, planned.configurations.map(recordOf));
    const remaining = await this.#remaining(planned, datasetHash);
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
  async #failUnbuilt(writer: VerdictWriter, run: RunFacts, planned: PlannedDataset, error: unknown): Promise<void> {
    const { store, runId, options } = this.#setup;
    const known = options.retryFailed || options.fresh ? new Set<string>() : await this.#failedBefore(planned);
    const left = planned.configurations.filter(({ id }) => !known.has(id));
    this.#count('known', known.size);
    this.#failedBeforeCount += known.size;
    if (error instanceof UserError) {
      const record = { ...this.#datasetRecord(run, planned), contentHash: null, rowCount: null };
      await store.enrol(runId, record, left.map(recordOf));
    }
    this.#failAll(writer, left, null, error);
  }

  /** Configurations whose dataset could not be built before, by this code; a dataset without content has no hash to ask by. */
  async #failedBefore(planned: PlannedDataset): Promise<Set<string>> {
    const { plan, store, codeVersion } = this.#setup;
    const ids = new Set(planned.configurations.map(({ id }) => id));
    const { failed } = await store.outcomes({ sweep: plan.name });
    const isKnown = (outcome: (typeof failed)[number]): boolean =>
      ids.has(outcome.configurationId) && outcome.dataset.contentHash === null && outcome.codeVersion === codeVersion;
    return new Set(failed.filter(isKnown).map(({ configurationId }) => configurationId));
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

  #datasetRecord(run: RunFacts, { agesMinutes, maxRowsPerSplit }: PlannedDataset) {
    const { dataRoot } = this.#setup.plan.baseline;
    return { agesMinutes, maxRowsPerSplit, baselineRunId: run.runId, dataRoot };
  }

  async #remaining(planned: PlannedDataset, datasetHash: string): Promise<readonly PlannedConfiguration[]> {
    const { store, codeVersion, options } = this.#setup;
    if (options.fresh) return planned.configurations;
    const ids = planned.configurations.map(({ id }) => id);
    const outcomes = await store.outcomesOf({ datasetHash, codeVersion }, ids);
    const remaining = planned.configurations.filter(({ id }) => {
      const outcome = outcomes.get(id);
      return outcome === undefined || (outcome === 'failed' && options.retryFailed);
    });
    this.#count('known', planned.configurations.length - remaining.length);
    if (!options.retryFailed)
      this.#failedBeforeCount += [...outcomes.values()].filter((kind) => kind === 'failed').length;
    return remaining;
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

function recordOf({ id, configuration }: PlannedConfiguration) {
  return { id, configuration, canonical: canonicalConfiguration(configuration) };
}
