import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { ConfigurationRecord, RunId, RunStart } from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { failedOutcome, SYNTHETIC_END, SYNTHETIC_RUN, syntheticDataset, syntheticOutcome } from '../store/synthetic.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** A run that a test writes by hand, step by step, while others read. */
export class WrittenRun {
  readonly store: VerdictStore;
  readonly runId: RunId;
  readonly records: readonly ConfigurationRecord[];
  #completed = 0;
  #failed = 0;

  private constructor(store: VerdictStore, runId: RunId, records: readonly ConfigurationRecord[]) {
    this.store = store;
    this.runId = runId;
    this.records = records;
  }

  static async begin(
    path: string,
    records: readonly ConfigurationRecord[],
    start: Partial<RunStart> = {},
  ): Promise<WrittenRun> {
    const store = await openVerdictStore(path, { mode: 'write' });
    const runId = await store.beginRun({ ...SYNTHETIC_RUN, ...start, configurations: records });
    for (const agesMinutes of new Set(records.map(({ configuration }) => configuration.agesMinutes))) {
      await store.datasetBuilt(runId, { agesMinutes, maxRowsPerSplit: 0 }, syntheticDataset(agesMinutes));
    }
    return new WrittenRun(store, runId, records);
  }

  /** Stores the outcomes of records from `from` to before `to`. */
  async judge(from: number, to: number): Promise<void> {
    const outcomes = this.records.slice(from, to).map((record) => syntheticOutcome(record));
    const { completed } = await this.store.record(this.runId, outcomes);
    this.#completed += completed;
  }

  async fail(from: number, to: number): Promise<void> {
    const outcomes = this.records.slice(from, to).map((record) => failedOutcome(record));
    const { failed } = await this.store.record(this.runId, outcomes);
    this.#failed += failed;
  }

  /** Ends the run and its process's part in the store. */
  async finish(outcome: 'finished' | 'interrupted' = 'finished'): Promise<void> {
    await this.store.finishRun(
      this.runId,
      { ...SYNTHETIC_END, outcome },
      { completed: this.#completed, failed: this.#failed },
    );
    await this.store.close();
  }

  /** As after `kill -9`: nothing is written of its end. */
  async die(): Promise<void> {
    await this.store.close();
  }
}

export function storePath(t: Pick<TestContext, 'after'>): string {
  return join(temporaryFolder(t), 'sweeps.db');
}
