import type { RankedOutcomes } from './ranked-outcomes.ts';
import type {
  Conflict,
  DatasetContent,
  DatasetDays,
  FailedConfiguration,
  JudgedConfiguration,
  Note,
  OutcomeQuery,
  OutcomeRecord,
  OutcomeSet,
  PlacedVerdict,
  RecordCounts,
  Removal,
  RowSelection,
  RunEnd,
  RunHistory,
  RunId,
  RunStart,
  StoredDatasetDays,
  StoredLooks,
  StoredOutcome,
  StoredSweep,
  SweepSummary,
  Unsealed,
  UnsealTarget,
  VerdictChoice,
  VerdictLosses,
} from './records.ts';

/**
 * Where sweeps keep what they found. A verdict's key is its configuration, its dataset's content and the code's hash.
 *
 * Guarantees
 * - A stored verdict never changes. Recording the same verdict twice is one verdict; the first stays. A different verdict
 *   under a key that has one is a conflict: the stored one stands, and both digests are kept.
 * - A failed outcome is replaced by a later outcome of the same key; a completed one never is.
 * - `record` stores all its outcomes or none, and they outlive the process from the moment it returns, `kill -9` included.
 *   None is ignored silently: what is not stored was there before, or is an error.
 * - A sweep's configurations are known from its beginning, and every verdict knows the run that made it.
 * - What a sweep shows is on the data and by the code of its last run; others stay, and are reached by `data` and `code`.
 * - A configuration of two sweeps is judged once; both sweeps show the verdict.
 * - Of a sealed verdict no method tells what was measured on a locked split (`sealed.ts`), until it is unsealed.
 * - One process writes a file; `openVerdictStore` refuses a second. A database takes many, one transaction at a time. Any number may read meanwhile, and each read sees one
 *   moment: whole transactions, none that begin during it.
 * - What is shown is as it was recorded: every row and document is held against a digest wherever it is read, and a
 *   difference is an error. `check` reads all of them. Digests are for damage, not for forgery.
 *
 * Every method throws a UserError for what a user can mend: a full disk, a lock, a damaged file, an unknown name.
 */
export interface VerdictStore extends AsyncDisposable {
  /** Where it is, as it was given to `openVerdictStore`; for people, to tell stores apart. */
  readonly location: string;

  /** A sweep by its name, or null. */
  sweep(name: string): Promise<StoredSweep | null>;

  /**
   * A sweep starts, or starts again: it is known by its name. Its definition, data and code are those of this run from
   * now on, and its configurations are known at once. Runs that are stored as `running` and have died are stored as
   * `interrupted`: in a file all, since this process alone writes; in a database those whose lease is over.
   */
  beginRun(run: RunStart): Promise<RunId>;

  /** What an ages set and cap of the run's data holds, as soon as it is built or has failed to be. */
  datasetBuilt(runId: RunId, selection: RowSelection, content: DatasetContent): Promise<void>;

  /** What no regressor setting moves of a dataset that was built; the first that is told stays, being the same by the same code. */
  datasetDaysMade(runId: RunId, selection: RowSelection, days: DatasetDays): Promise<void>;

  /** Whether a dataset's days are known, by the run's code: those of older stores are not until it is built again. */
  hasDatasetDays(runId: RunId, selection: RowSelection): Promise<boolean>;

  /** The days of the datasets that a sweep shows, those that are known. */
  datasetDays(query: OutcomeQuery & { readonly sweep: string }): Promise<readonly StoredDatasetDays[]>;

  /** The content of a dataset of the run's data, by its code; null where it could not be built, or was not yet. */
  datasetHash(runId: RunId, selection: RowSelection): Promise<string | null>;

  /**
   * Of the configurations of this dataset, those that have an outcome on its content by the run's code.
   *
   * @param among ids of those that are asked for, which is quicker where they are few of very many; others may be told, too
   */
  outcomesOf(
    runId: RunId,
    selection: RowSelection,
    among?: readonly string[],
  ): Promise<ReadonlyMap<string, 'completed' | 'failed'>>;

  /**
   * Of the configurations of this dataset that have a verdict on its content by the run's code, the host that made it; null
   * where its run has kept that to itself.
   *
   * @param among as `outcomesOf` has it
   */
  authorsOf(
    runId: RunId,
    selection: RowSelection,
    among?: readonly string[],
  ): Promise<ReadonlyMap<string, string | null>>;

  /**
   * Stores outcomes of the run's sweep, in one transaction.
   *
   * @param alongside what else is done in that transaction, of a store in a database that others use, too: all of it or
   *   nothing is stored
   */
  record(runId: RunId, outcomes: readonly OutcomeRecord[], alongside?: Alongside): Promise<RecordCounts>;

  /**
   * Says that a run is alive, for the next `RUN_LEASE_SECONDS`: of a store that many processes write. In a file there is one
   * writer, whose lock says so.
   */
  keepRun(runId: RunId): Promise<void>;

  /**
   * Ends a run, after the store was asked whether it holds what the run recorded.
   *
   * @param recorded the sum of what `record` has returned
   * @throws UserError when verdicts are missing, or when the path no longer names the file that is open
   */
  finishRun(runId: RunId, end: RunEnd, recorded: Pick<RecordCounts, 'completed' | 'failed'>): Promise<void>;

  /** The sweeps of the store, the one that ran last first. */
  sweeps(): Promise<readonly SweepSummary[]>;

  /** As `sweeps` has it, of one sweep; null where there is none of this name. */
  summary(name: string): Promise<SweepSummary | null>;

  /** The name of the sweep that ran last; null where there is none. */
  lastSweep(): Promise<string | null>;

  /** The runs of a sweep, or of all, the first one first. @throws UserError when there is no such sweep */
  history(sweep?: string): Promise<readonly RunHistory[]>;

  /** What a leaderboard is made of, in no particular order. */
  outcomes(query?: OutcomeQuery): Promise<OutcomeSet>;

  /**
   * The same where outcomes are too many to be read. Null for a file, which this process reads as quickly as any other would
   * count it.
   */
  readonly ranked: RankedOutcomes | null;

  /**
   * One outcome in full, by a prefix of its configuration's id, or by a verdict's own (`CONFIGURATION@KEY`, both parts
   * of which may be cut short).
   *
   * @throws UserError naming the verdicts where a configuration has several and `choice` does not say which
   */
  find(id: string, choice?: VerdictChoice): Promise<StoredOutcome>;

  /** How many characters tell these ids from every other id of the store: at least 7. */
  shortIdLength(configurationIds: Iterable<string>): Promise<number>;

  /** All verdicts, page by page, in the order in which they were stored. */
  pages(query?: OutcomeQuery, pageSize?: number): AsyncIterable<readonly JudgedConfiguration[]>;

  /** Configurations that could not be judged, as `outcomes` has them. */
  failures(query?: OutcomeQuery): Promise<readonly FailedConfiguration[]>;

  /** Verdicts that came out otherwise than those that a sweep shows, as `outcomes` has them. @throws UserError when there is no such sweep */
  conflicts(sweep: string): Promise<readonly Conflict[]>;

  /**
   * Another one whenever anything may have been stored since, by whom ever, or when the location names another file: whoever
   * follows a store asks this often, and reads when it has changed. Cheap.
   *
   * @throws UserError also while the location names nothing that can be read: ask again, and read everything anew
   */
  moment(): Promise<StoreMoment>;

  /**
   * Does several reads of which each sees the same moment, while others write. Of a store that was opened to be read, one at
   * a time; only reads of this store belong into it.
   */
  atOneMoment<T>(work: () => Promise<T>): Promise<T>;

  /**
   * The verdicts that a sweep shows and that were stored behind a place, in the order in which they were stored.
   *
   * @param place 0 for the first ones, else that of the last verdict that is known: good for one `StoreMoment.file`
   * @throws UserError when there is no such sweep
   */
  verdictsAfter(
    place: number,
    query: OutcomeQuery & { readonly sweep: string },
    limit: number,
  ): Promise<readonly PlacedVerdict[]>;

  /** The losses by day of all verdicts, page by page, in the order in which they were stored. */
  losses(query?: OutcomeQuery, pageSize?: number): AsyncIterable<readonly VerdictLosses[]>;

  /**
   * Opens gates that a run has sealed: from now on every reader shows them, and the looks are counted. A verdict that was
   * open before stays so.
   *
   * @throws UserError as `find` does, and when there is no such sweep
   */
  unseal(target: UnsealTarget): Promise<Unsealed>;

  /** Every look at a locked split: they outlive verdicts, sweeps and rebuilt runs. A sealed verdict is none until it is unsealed. */
  lockedLooks(): Promise<StoredLooks>;

  /** The sweeps that showed a look first, removed ones, too. */
  lookedBy(): Promise<readonly string[]>;

  /** Writes a sentence or a tag to a verdict; the same one twice is one. @returns the verdict's id */
  addNote(id: string, choice: VerdictChoice, note: Note): Promise<string>;

  /** Takes what was written to a verdict away. @returns how many notes and tags that were */
  removeNote(id: string, choice: VerdictChoice, text: string): Promise<number>;

  /** What would go with a sweep; nothing changes. */
  removal(sweep: string): Promise<Removal>;

  /** Removes a sweep, the verdicts that no other sweep shows, and what belongs to them. The looks at locked splits stay counted. */
  removeSweep(sweep: string): Promise<Removal>;

  /** Copies the store as it is at one moment into a new file, whoever writes meanwhile. */
  backup(file: string, options?: { readonly withoutMachine?: boolean }): Promise<void>;

  /** Reads everything and names what is damaged, one line each; empty when all is well. Takes a while. */
  check(): Promise<readonly string[]>;

  close(): Promise<void>;
}

/** `file` tells files apart that had one name, `version` moments of one of them. */
export type StoreMoment = { readonly file: string; readonly version: string };

/** Statements of another part of the program, with values as `$1`, `$2`, …, in the transaction of `record`. */
export type Alongside = (
  query: (sql: string, values?: readonly unknown[]) => Promise<{ rows: unknown[] }>,
) => Promise<void>;

/** A run that has not said for so long that it is alive has died. By the database's clock. */
export const RUN_LEASE_SECONDS = 60;

export type StoreOptions = {
  /**
   * `read` needs an existing store. `write` makes a missing one, and holds the writer's lock until it is closed. A
   * store of an older schema is brought forward in both, after a copy of it was put beside it.
   */
  readonly mode: 'read' | 'write';
  /** How long to wait for another process that writes, or for a server that does not answer; 0 by default. */
  readonly waitMs?: number | undefined;
  /** Connections to a database at the most; 2 by default. A thousand hosts have a thousand times as many. */
  readonly connections?: number | undefined;
  /** Called once, with who holds the store, when there is something to wait for. */
  readonly onWait?: ((holder: string) => void) | undefined;
  /** Called when a store of an older schema is about to be brought forward, and a copy of it lies beside it. */
  readonly onMigrate?: ((migration: StoreMigration) => void) | undefined;
  /** How long one statement waits for a lock of a program that is not ours; 10,000 by default. */
  readonly busyTimeoutMs?: number | undefined;
};

/** From one schema to another; `backup` is the path of the copy. */
export type StoreMigration = { readonly from: number; readonly to: number; readonly backup: string };
