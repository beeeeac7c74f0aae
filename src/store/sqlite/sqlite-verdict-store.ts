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
} from '../records.ts';
import type { UnconvergedFit } from '../unconverged-fits.ts';
import type { StoreOptions, VerdictStore } from '../verdict-store.ts';
import { checkStore } from './check-store.ts';
import type { Connection } from './connection.ts';
import { findOutcome, shortIdLength } from './find-outcome.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { type OpenDatabase, openDatabase } from './open-database.ts';
import { readOutcomes, readOutcomesOf, readPage } from './read-outcomes.ts';
import { readSweeps } from './read-runs.ts';
import { readUnconvergedFits } from './read-unconverged.ts';
import { explained } from './sqlite-errors.ts';
import { recordOutcomes } from './write-outcomes.ts';
import { beginRun, enrol, finishRun } from './write-runs.ts';

export async function openSqliteStore(path: string, options: StoreOptions): Promise<VerdictStore> {
  return new SqliteVerdictStore(path, await openDatabase(path, options, MIGRATIONS));
}

/** A store in one SQLite file. Its calls are over before they return: `node:sqlite` knows no other way. */
export class SqliteVerdictStore implements VerdictStore {
  readonly path: string;
  readonly #database: OpenDatabase;

  constructor(path: string, database: OpenDatabase) {
    this.path = path;
    this.#database = database;
  }

  async beginRun(run: RunStart): Promise<RunId> {
    return this.#do((connection) => beginRun(connection, run));
  }

  async enrol(runId: RunId, dataset: DatasetRecord, configurations: readonly ConfigurationRecord[]): Promise<void> {
    this.#do((connection) => enrol(connection, runId, dataset, configurations));
  }

  async outcomesOf(
    key: { readonly datasetHash: string; readonly codeVersion: string },
    configurationIds: Iterable<string>,
  ): Promise<ReadonlyMap<string, 'completed' | 'failed'>> {
    return this.#do((connection) => readOutcomesOf(connection, key.datasetHash, key.codeVersion, configurationIds));
  }

  async record(runId: RunId, outcomes: readonly OutcomeRecord[]): Promise<RecordCounts> {
    return this.#do((connection) => recordOutcomes(connection, runId, outcomes));
  }

  async finishRun(runId: RunId, outcome: Exclude<RunOutcome, 'running'>, finishedAt: string): Promise<void> {
    this.#do((connection) => finishRun(connection, runId, outcome, finishedAt));
  }

  async sweeps(): Promise<readonly SweepSummary[]> {
    return this.#do(readSweeps);
  }

  async outcomes(query: OutcomeQuery = {}): Promise<OutcomeSet> {
    return this.#do((connection) => readOutcomes(connection, query));
  }

  async find(idPrefix: string, query: Pick<OutcomeQuery, 'sweep'> = {}): Promise<StoredOutcome> {
    return this.#do((connection) => findOutcome(connection, idPrefix, query));
  }

  async unconvergedFits(verdicts: readonly JudgedConfiguration[]): Promise<readonly (readonly UnconvergedFit[])[]> {
    return this.#do((connection) => readUnconvergedFits(connection, verdicts));
  }

  async shortIdLength(configurationIds: Iterable<string>): Promise<number> {
    return this.#do((connection) => shortIdLength(connection, configurationIds));
  }

  async *pages(query: OutcomeQuery = {}, pageSize = 1000): AsyncIterable<readonly JudgedConfiguration[]> {
    for (let row = 0; ; ) {
      const page = this.#do((connection) => readPage(connection, query, row, pageSize));
      if (page.verdicts.length === 0) return;
      yield page.verdicts;
      row = page.lastRow;
    }
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

  #do<T>(work: (connection: Connection) => T): T {
    return explained(this.path, () => work(this.#database.connection));
  }
}
