import type { RankedOutcomes } from '../ranked-outcomes.ts';
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
} from '../records.ts';
import type { Alongside, StoreMoment, VerdictStore } from '../verdict-store.ts';
import type { Connection, Sql } from './connection.ts';
import { hasDatasetDays, putDatasetDays, readDatasetDays } from './dataset-days.ts';
import { putDataset } from './datasets.ts';
import { findOutcome } from './find-outcome.ts';
import { readLockedLooks, readLookedBy } from './locked-looks.ts';
import { addNote, removeNote } from './notes.ts';
import { readConflictsOf } from './read-conflicts.ts';
import { readAuthorsOf, readDatasetHash, readFailed, readOutcomes, readOutcomesOf } from './read-outcomes.ts';
import { readLossPage, readPage, readVerdictsAfter } from './read-pages.ts';
import { readHistory } from './read-runs.ts';
import { removalOf, removeSweep } from './remove-sweep.ts';
import { beginRun, finishRun, runPlaceOf } from './runs.ts';
import { readSummary, readSweeps } from './sweep-summaries.ts';
import { readLastSweep, readSweep } from './sweeps.ts';
import { unseal } from './unseal.ts';
import { shortIdLength } from './verdict-names.ts';
import { recordOutcomes } from './write-outcomes.ts';

export type WriteOptions = {
  readonly alongside?: Alongside | undefined;
  /** It may change everything that a sweep has, and take its time. */
  readonly isLong?: boolean;
};

/** A store in an SQL database: what its statements do is the same in all of them. */
export abstract class SqlVerdictStore implements VerdictStore {
  abstract readonly location: string;
  readonly ranked: RankedOutcomes | null = null;

  /** Does what reads. @throws UserError for what a user can mend of the database */
  protected abstract reading<T>(work: (connection: Connection) => Sql<T>): Promise<T>;

  /** Does what writes, once the database can be written; all of it or nothing. */
  protected abstract writing<T>(work: (connection: Connection) => Sql<T>, options?: WriteOptions): Promise<T>;

  abstract keepRun(runId: RunId): Promise<void>;

  abstract moment(): Promise<StoreMoment>;
  abstract atOneMoment<T>(work: () => Promise<T>): Promise<T>;
  abstract backup(file: string, options?: { readonly withoutMachine?: boolean }): Promise<void>;
  abstract check(): Promise<readonly string[]>;
  abstract close(): Promise<void>;

  async sweep(name: string): Promise<StoredSweep | null> {
    return this.reading((connection) => readSweep(connection, name));
  }

  async beginRun(run: RunStart): Promise<RunId> {
    return this.writing((connection) => beginRun(connection, run));
  }

  async datasetBuilt(runId: RunId, selection: RowSelection, content: DatasetContent): Promise<void> {
    await this.writing((connection) =>
      connection.write(function* () {
        const { dataRow, codeRow } = yield* runPlaceOf(connection, runId);
        yield* putDataset(connection, dataRow, codeRow, selection, content);
      }),
    );
  }

  async datasetDaysMade(runId: RunId, selection: RowSelection, days: DatasetDays): Promise<void> {
    await this.writing((connection) => putDatasetDays(connection, runId, selection, days));
  }

  async hasDatasetDays(runId: RunId, selection: RowSelection): Promise<boolean> {
    return this.reading((connection) => hasDatasetDays(connection, runId, selection));
  }

  async datasetDays(query: OutcomeQuery & { readonly sweep: string }): Promise<readonly StoredDatasetDays[]> {
    return this.reading((connection) => readDatasetDays(connection, query));
  }

  async datasetHash(runId: RunId, selection: RowSelection): Promise<string | null> {
    return this.reading((connection) => readDatasetHash(connection, runId, selection));
  }

  async outcomesOf(
    runId: RunId,
    selection: RowSelection,
    among: readonly string[] | null = null,
  ): Promise<ReadonlyMap<string, 'completed' | 'failed'>> {
    return this.reading((connection) => readOutcomesOf(connection, runId, selection, among));
  }

  async authorsOf(
    runId: RunId,
    selection: RowSelection,
    among: readonly string[] | null = null,
  ): Promise<ReadonlyMap<string, string | null>> {
    return this.reading((connection) => readAuthorsOf(connection, runId, selection, among));
  }

  async record(runId: RunId, outcomes: readonly OutcomeRecord[], alongside?: Alongside): Promise<RecordCounts> {
    return this.writing((connection) => connection.write(() => recordOutcomes(connection, runId, outcomes)), {
      alongside,
    });
  }

  async finishRun(runId: RunId, end: RunEnd, recorded: Pick<RecordCounts, 'completed' | 'failed'>): Promise<void> {
    await this.writing((connection) => finishRun(connection, runId, end, recorded));
  }

  async sweeps(): Promise<readonly SweepSummary[]> {
    return this.reading(readSweeps);
  }

  async summary(name: string): Promise<SweepSummary | null> {
    return this.reading((connection) => readSummary(connection, name));
  }

  async lastSweep(): Promise<string | null> {
    return this.reading(readLastSweep);
  }

  async history(sweep?: string): Promise<readonly RunHistory[]> {
    return this.reading((connection) => readHistory(connection, sweep));
  }

  async outcomes(query: OutcomeQuery = {}): Promise<OutcomeSet> {
    return this.reading((connection) => readOutcomes(connection, query));
  }

  async find(id: string, choice: VerdictChoice = {}): Promise<StoredOutcome> {
    return this.reading((connection) => findOutcome(connection, id, choice));
  }

  async shortIdLength(configurationIds: Iterable<string>): Promise<number> {
    const ids = [...configurationIds];
    return this.reading((connection) => shortIdLength(connection, ids));
  }

  async *pages(query: OutcomeQuery = {}, pageSize = 1000): AsyncIterable<readonly JudgedConfiguration[]> {
    for (let afterRow = 0; ; ) {
      const page = await this.reading((connection) => readPage(connection, query, { afterRow, pageSize }));
      if (page.verdicts.length === 0) return;
      yield page.verdicts;
      afterRow = page.lastRow;
    }
  }

  async failures(query: OutcomeQuery = {}): Promise<readonly FailedConfiguration[]> {
    return this.reading((connection) => readFailed(connection, query));
  }

  async conflicts(sweep: string): Promise<readonly Conflict[]> {
    return this.reading((connection) => readConflictsOf(connection, sweep));
  }

  async *losses(query: OutcomeQuery = {}, pageSize = 200): AsyncIterable<readonly VerdictLosses[]> {
    for (let afterRow = 0; ; ) {
      const page = await this.reading((connection) => readLossPage(connection, query, { afterRow, pageSize }));
      if (page.verdicts.length === 0) return;
      yield page.verdicts;
      afterRow = page.lastRow;
    }
  }

  async lockedLooks(): Promise<StoredLooks> {
    return this.reading(readLockedLooks);
  }

  async lookedBy(): Promise<readonly string[]> {
    return this.reading(readLookedBy);
  }

  async unseal(target: UnsealTarget): Promise<Unsealed> {
    return this.writing((connection) => unseal(connection, target), { isLong: true });
  }

  async verdictsAfter(
    place: number,
    query: OutcomeQuery & { readonly sweep: string },
    limit: number,
  ): Promise<readonly PlacedVerdict[]> {
    return this.reading((connection) => readVerdictsAfter(connection, query, { afterRow: place, pageSize: limit }));
  }

  async addNote(id: string, choice: VerdictChoice, note: Note): Promise<string> {
    return this.writing((connection) => addNote(connection, id, choice, note));
  }

  async removeNote(id: string, choice: VerdictChoice, text: string): Promise<number> {
    return this.writing((connection) => removeNote(connection, id, choice, text));
  }

  async removal(sweep: string): Promise<Removal> {
    return this.reading((connection) => removalOf(connection, sweep));
  }

  async removeSweep(sweep: string): Promise<Removal> {
    return this.writing((connection) => removeSweep(connection, sweep), { isLong: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
