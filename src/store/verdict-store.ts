import type {
  ConfigurationRecord,
  DatasetRecord,
  JudgedConfiguration,
  OutcomeQuery,
  OutcomeRecord,
  OutcomeSet,
  RecordCounts,
  RunId,
  RunOutcome,
  RunStart,
  StoredOutcome,
  SweepSummary,
} from './records.ts';
import type { UnconvergedFit } from './unconverged-fits.ts';

/**
 * Where sweeps keep what they found. A verdict's key is its configuration, its dataset's content and the code's version.
 *
 * Guarantees
 * - A stored verdict never changes. Recording the same verdict twice is one verdict; the first stays.
 * - A failed outcome is replaced by a later outcome of the same key; a completed one never is.
 * - `record` stores all its outcomes or none, and they outlive the process from the moment it returns, `kill -9` included.
 * - A run is known before its first verdict, and every verdict knows the run that made it.
 * - One process writes; `openVerdictStore` refuses a second. Any number may read meanwhile, and each read sees one
 *   moment: whole transactions, none that begin during it.
 * - A configuration of two sweeps is judged once; both sweeps show the verdict.
 * - What a verdict comes down to is shown as it was recorded, whatever is read of it: its identity and summary
 *   (configuration, dataset, version, duration, passed, checks, margin, tune's AUC and edge MAE ratio) are held against a
 *   checksum, its documents against a digest, and the columns of metrics, which `outcomes` and `pages` give for further
 *   fields and `unconvergedFits` reads, against a checksum of their model and split; a difference is an error. `check`
 *   also holds each column against the documents, and finds what a damaged file no longer shows at all. Checksums are for
 *   damage, not for forgery.
 *
 * Every method throws a UserError for what a user can mend: a full disk, a lock, a damaged file, an unknown name.
 */
export interface VerdictStore extends AsyncDisposable {
  /** As it was given to `openVerdictStore`. */
  readonly path: string;

  /**
   * A sweep starts, or starts again: it is known by its name. Runs that are still `running` have died, since this
   * process alone writes; they become `interrupted`.
   */
  beginRun(run: RunStart): Promise<RunId>;

  /**
   * Makes configurations part of the run's sweep, to be judged on this dataset by the run's code. Call it once for each
   * dataset, as soon as it is built or has failed to be. What the sweep shows of these configurations from now on is the
   * outcome on this dataset; an earlier one stays in the store. Where the dataset could not be built, configurations
   * that have a verdict keep showing it.
   */
  enrol(runId: RunId, dataset: DatasetRecord, configurations: readonly ConfigurationRecord[]): Promise<void>;

  /** Which of these configurations have an outcome on this content by this code; the others are still to be run. */
  outcomesOf(
    key: { readonly datasetHash: string; readonly codeVersion: string },
    configurationIds: Iterable<string>,
  ): Promise<ReadonlyMap<string, 'completed' | 'failed'>>;

  /** Stores outcomes of enrolled configurations, in one transaction. */
  record(runId: RunId, outcomes: readonly OutcomeRecord[]): Promise<RecordCounts>;

  finishRun(runId: RunId, outcome: Exclude<RunOutcome, 'running'>, finishedAt: string): Promise<void>;

  /** The sweeps of the store, the one that ran last first. */
  sweeps(): Promise<readonly SweepSummary[]>;

  /** What a leaderboard is made of, in no particular order. */
  outcomes(query?: OutcomeQuery): Promise<OutcomeSet>;

  /**
   * One outcome in full, by a prefix of its configuration's id. Of several outcomes of that configuration it is the
   * sweep's, or without a sweep the one that was made last.
   */
  find(idPrefix: string, query?: Pick<OutcomeQuery, 'sweep'>): Promise<StoredOutcome>;

  /** Of each of these verdicts, in their order, the fits that did not converge. */
  unconvergedFits(verdicts: readonly JudgedConfiguration[]): Promise<readonly (readonly UnconvergedFit[])[]>;

  /** How many characters tell these ids from every other id of the store: at least 7. */
  shortIdLength(configurationIds: Iterable<string>): Promise<number>;

  /** All verdicts, page by page, in the order in which they were stored. */
  pages(query?: OutcomeQuery, pageSize?: number): AsyncIterable<readonly JudgedConfiguration[]>;

  /** Reads everything and names what is damaged, one line each; empty when all is well. Takes a while. */
  check(): Promise<readonly string[]>;

  close(): Promise<void>;
}

export type StoreOptions = {
  /**
   * `read` needs an existing store. `write` makes a missing one, and holds the writer's lock until it is closed. A
   * store of an older schema is brought forward in both, after a copy of it was put beside it.
   */
  readonly mode: 'read' | 'write';
  /** How long to wait for another process that writes; 0 by default. */
  readonly waitMs?: number | undefined;
  /** Called once, with who holds the store, when there is something to wait for. */
  readonly onWait?: ((holder: string) => void) | undefined;
  /** Called when a store of an older schema is about to be brought forward, and a copy of it lies beside it. */
  readonly onMigrate?: ((migration: StoreMigration) => void) | undefined;
  /** How long one statement waits for a lock of a program that is not ours; 10,000 by default. */
  readonly busyTimeoutMs?: number | undefined;
};

/** From one schema to another; `backup` is the path of the copy. */
export type StoreMigration = { readonly from: number; readonly to: number; readonly backup: string };
