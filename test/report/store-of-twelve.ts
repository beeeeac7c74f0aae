import { join } from 'node:path';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { beginSyntheticRun, failedOutcome, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';

export const RECORDS = syntheticConfigurations(36).slice(0, 12);

/** Eleven verdicts and, the last, a failure. */
export async function storeOfTwelve(folder: string): Promise<VerdictStore> {
  const store = await openVerdictStore(join(folder, 'sweeps.db'), { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS);
  await store.record(
    runId,
    RECORDS.map((record) => (record === RECORDS.at(-1) ? failedOutcome(record) : syntheticOutcome(record))),
  );
  return store;
}
