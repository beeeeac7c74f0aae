/**
 * `sweep worker` without what judges: queue, claims, heartbeat and store are the program's own, the verdicts are those of a store
 * in which the sweep is judged. So many of them run on one machine as it has memory for processes.
 *
 *   node test/faults/stub-worker.ts URL JUDGED_DB MILLISECONDS_A_CONFIGURATION
 */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeIdentity } from '../../src/code-identity.ts';
import { queueTimes } from '../../src/distributed/queue-names.ts';
import type { WorkerEngine } from '../../src/distributed/work-site.ts';
import { runWorker } from '../../src/distributed/worker.ts';
import type { OutcomeSink } from '../../src/execution/slice-engine.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { OutcomeRecord, StoredRun } from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import type { PlannedDataset } from '../../src/sweep/plan.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';

const [url = '', judgedDb = '', pauseMs = ''] = process.argv.slice(2);

class StubEngine implements WorkerEngine {
  readonly #judged: VerdictStore;

  constructor(judged: VerdictStore) {
    this.#judged = judged;
  }

  async open() {
    return { evaluations: {}, memoryBytes: 0 };
  }

  async kill(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  async run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    for await (const slice of slices) {
      const days = await this.#judged.datasetDays({ sweep: SWEEP });
      const known = days.find(({ dataset }) => isOf(slice, dataset));
      if (known === undefined || known.dataset.contentHash === null) throw new Error(`no dataset ${slice.key}`);
      const { contentHash, rowCount } = known.dataset;
      await using open = await sink.open(slice, { kind: 'built', contentHash, rowCount });
      if (open.wantsDays) await open.tellDays(known.days);
      open.begin();
      for (const { id } of open.remaining) {
        if (signal.aborted) return;
        await sleep(Number(pauseMs));
        open.settle(await this.#outcomeOf(id));
      }
    }
  }

  async #outcomeOf(configurationId: string): Promise<OutcomeRecord> {
    const found = await this.#judged.find(configurationId);
    if (found.kind !== 'completed' || found.isSealed || found.dataset.contentHash === null)
      throw new Error(`${configurationId} is not judged`);
    const { durationMs, result, verdict, dailyLosses, dataset } = found;
    const datasetHash = dataset.contentHash;
    return { kind: 'completed', configurationId, durationMs, datasetHash, result, verdict, dailyLosses };
  }
}

/** Of the definitions of the fault suite. */
const SWEEP = 'faults';

function isOf(slice: PlannedDataset, dataset: Pick<PlannedDataset, 'agesMinutes' | 'maxRowsPerSplit'>): boolean {
  return slice.agesMinutes.join() === dataset.agesMinutes.join() && slice.maxRowsPerSplit === dataset.maxRowsPerSplit;
}

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
await using judged = await openVerdictStore(judgedDb, { mode: 'read' });
const { hash, packages } = codeIdentity();
process.stderr.write('ready\n');
const summary = await runWorker({
  url,
  dataRootOf: async () => TINY_DATA_ROOT,
  host: { threads: 1, timeLimitMs: 60_000, cache: null },
  proveHost: async () => {},
  provenanceOf: async (run: StoredRun) => ({ ...run, code: { ...run.code, hash }, packages, host: hostname() }),
  codeHash: hash,
  hostName: hostname(),
  idleExitMs: null,
  maxSlices: null,
  times: queueTimes(10),
  signal: stop.signal,
  through: () => new StubEngine(judged),
  notice: (text) => void process.stderr.write(`worker: ${text}\n`),
});
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = summary.conflicts > 0 ? 4 : 0;
