import type {
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
} from '../records.ts';
import type { StoreMoment, StoreOptions, VerdictStore } from '../verdict-store.ts';
import { backUp } from './backup.ts';
import { checkNoRulesOfOthers } from './check-schema.ts';
import { checkStore } from './check-store.ts';
import type { Connection } from './connection.ts';
import { hasDatasetDays, putDatasetDays, readDatasetDays } from './dataset-days.ts';
import { putDataset } from './datasets.ts';
import { findOutcome } from './find-outcome.ts';
import { readLockedLooks, readLookedBy } from './locked-looks.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { addNote, removeNote } from './notes.ts';
import { DEFAULT_BUSY_TIMEOUT_MS, type OpenDatabase, openDatabase } from './open-database.ts';
import { readFailed, readOutcomes, readOutcomesOf } from './read-outcomes.ts';
import { readLossPage, readPage, readVerdictsAfter } from './read-pages.ts';
import { removalOf, removeSweep } from './remove-sweep.ts';
import { beginRun, finishRun, readHistory, runPlaceOf } from './runs.ts';
import { explained } from './sqlite-errors.ts';
import { readSweeps } from './sweep-summaries.ts';
import { readLastSweep, readSweep } from './sweeps.ts';
import { unseal } from './unseal.ts';
import { shortIdLength } from './verdict-names.ts';
import { whenFree } from './when-free.ts';
import { recordOutcomes } from './write-outcomes.ts';

export async function openSqliteStore(path: string, options: StoreOptions): Promise<VerdictStore> {
  return new SqliteVerdictStore(path, await openDatabase(path, options, MIGRATIONS), options.busyTimeoutMs);
}

/**
 * A store in one SQLite file. Its calls are over before they return, since `node:sqlite` knows no other way, but for those
 * that have to wait for another program's lock.
 */
export class SqliteVerdictStore implements VerdictStore {
  readonly location: string;
  readonly #database: OpenDatabase;
  readonly #busyTimeoutMs: number;

  constructor(location: string, database: OpenDatabase, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS) {
    this.location = location;
    this.#database = database;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  async sweep(name: string): Promise<StoredSweep | null> {
    return this.#do((connection) => readSweep(connection, name));
  }

  async beginRun(run: RunStart): Promise<RunId> {
    return this.#write((connection) => beginRun(connection, run));
  }

  async datasetBuilt(runId: RunId, selection: RowSelection, content: DatasetContent): Promise<void> {
    await this.#write((connection) =>
      connection.write(() => {
        const { dataRow, codeRow } = runPlaceOf(connection, runId);
        putDataset(connection, dataRow, codeRow, selection, content);
      }),
    );
  }

  async datasetDaysMade(runId: RunId, selection: RowSelection, days: DatasetDays): Promise<void> {
    this.#do((connection) => putDatasetDays(connection, runId, selection, days));
  }

  async hasDatasetDays(runId: RunId, selection: RowSelection): Promise<boolean> {
    return this.#do((connection) => hasDatasetDays(connection, runId, selection));
  }

  async datasetDays(query: OutcomeQuery & { readonly sweep: string }): Promise<readonly StoredDatasetDays[]> {
    return this.#do((connection) => readDatasetDays(connection, query));
  }

  async outcomesOf(runId: RunId, selection: RowSelection): Promise<ReadonlyMap<string, 'completed' | 'failed'>> {
    return this.#do((connection) => readOutcomesOf(connection, runId, selection));
  }

  async record(runId: RunId, outcomes: readonly OutcomeRecord[]): Promise<RecordCounts> {
    return this.#write((connection) => recordOutcomes(connection, runId, outcomes));
  }

  async finishRun(runId: RunId, end: RunEnd, recorded: Pick<RecordCounts, 'completed' | 'failed'>): Promise<void> {
    await this.#write((connection) => finishRun(connection, runId, end, recorded));
  }

  async sweeps(): Promise<readonly SweepSummary[]> {
    return this.#do(readSweeps);
  }

  async lastSweep(): Promise<string | null> {
    return this.#do(readLastSweep);
  }

  async history(sweep?: string): Promise<readonly RunHistory[]> {
    return this.#do((connection) => readHistory(connection, sweep));
  }

  async outcomes(query: OutcomeQuery = {}): Promise<OutcomeSet> {
    return this.#do((connection) => readOutcomes(connection, query));
  }

  async find(id: string, choice: VerdictChoice = {}): Promise<StoredOutcome> {
    return this.#do((connection) => findOutcome(connection, id, choice));
  }

  async shortIdLength(configurationIds: Iterable<string>): Promise<number> {
    const ids = [...configurationIds];
    return this.#do((connection) => shortIdLength(connection, ids));
  }

  async *pages(query: OutcomeQuery = {}, pageSize = 1000): AsyncIterable<readonly JudgedConfiguration[]> {
    for (let afterRow = 0; ; ) {
      const page = this.#do((connection) => readPage(connection, query, { afterRow, pageSize }));
      if (page.verdicts.length === 0) return;
      yield page.verdicts;
      afterRow = page.lastRow;
    }
  }

  async failures(query: OutcomeQuery = {}): Promise<readonly FailedConfiguration[]> {
    return this.#do((connection) => readFailed(connection, query));
  }

  async *losses(query: OutcomeQuery = {}, pageSize = 200): AsyncIterable<readonly VerdictLosses[]> {
    for (let afterRow = 0; ; ) {
      const page = this.#do((connection) => readLossPage(connection, query, { afterRow, pageSize }));
      if (page.verdicts.length === 0) return;
      yield page.verdicts;
      afterRow = page.lastRow;
    }
  }

  async lockedLooks(): Promise<StoredLooks> {
    return this.#do(readLockedLooks);
  }

  async lookedBy(): Promise<readonly string[]> {
    return this.#do(readLookedBy);
  }

  async unseal(target: UnsealTarget): Promise<Unsealed> {
    return this.#write((connection) => unseal(connection, target));
  }

  async moment(): Promise<StoreMoment> {
    return explained(this.location, () => this.#database.moment());
  }

  async atOneMoment<T>(work: () => Promise<T>): Promise<T> {
    this.#do((connection) => connection.hold());
    try {
      return await work();
    } finally {
      this.#do((connection) => connection.release());
    }
  }

  async verdictsAfter(
    place: number,
    query: OutcomeQuery & { readonly sweep: string },
    limit: number,
  ): Promise<readonly PlacedVerdict[]> {
    return this.#do((connection) => readVerdictsAfter(connection, query, { afterRow: place, pageSize: limit }));
  }

  async addNote(id: string, choice: VerdictChoice, note: Note): Promise<string> {
    return this.#write((connection) => addNote(connection, id, choice, note));
  }

  async removeNote(id: string, choice: VerdictChoice, text: string): Promise<number> {
    return this.#write((connection) => removeNote(connection, id, choice, text));
  }

  async removal(sweep: string): Promise<Removal> {
    return this.#do((connection) => removalOf(connection, sweep));
  }

  async removeSweep(sweep: string): Promise<Removal> {
    return this.#write((connection) => removeSweep(connection, sweep));
  }

  async backup(file: string, options: { readonly withoutMachine?: boolean } = {}): Promise<void> {
    this.#do((connection) => {
      // It would act on the copy, out of which hosts and users may have to go.
      checkNoRulesOfOthers(connection, this.location, ['trigger']);
      backUp(this.#database.sqlite, connection, file, options);
    });
  }

  async check(): Promise<readonly string[]> {
    return this.#do(checkStore);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #write<T>(work: (connection: Connection) => T): Promise<T> {
    return whenFree(() => this.#do(work), this.#busyTimeoutMs);
  }

  #do<T>(work: (connection: Connection) => T): T {
    return explained(this.location, () => this.#database.use(work));
  }
}
