import { codeIdentity } from '../../src/code-identity.ts';
import { QUEUE_TIMES } from '../../src/distributed/queue-names.ts';
import { runOnQueue } from '../../src/distributed/run-on-queue.ts';
import { runWorker, type WorkerOptions } from '../../src/distributed/worker.ts';
import type { Provenance } from '../../src/store/records.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import type { SweepAxes } from '../../src/sweep/sweep-definition.ts';
import { SYNTHETIC_RUN } from '../store/synthetic.ts';
import { TINY_DATA_ROOT } from './tiny-run.ts';

/** Quick enough for a test to wait for. */
export const TIMES = { ...QUEUE_TIMES, heartbeatSeconds: 10, superviseSeconds: 1, workerSuperviseSeconds: 1 };
const { hash: codeHash } = codeIdentity();

function definition(name: string, axes: SweepAxes) {
  return { name, baseline: { dataRoot: TINY_DATA_ROOT, runId: 'tiny' }, axes };
}

function provenance(of: object): Provenance {
  const { nodeVersion, packages, platform, startedAt, gitCommit, gitDirty, cpuModel, host, user } = SYNTHETIC_RUN;
  const known = { nodeVersion, packages, platform, startedAt, gitCommit, gitDirty, cpuModel, host, user };
  return { ...known, code: { hash: codeHash, version: '0' }, definition: JSON.parse(JSON.stringify(of)), options: {} };
}

/** Sends the slices of a sweep on the tiny run, and leaves. */
export async function send(
  url: string,
  name: string,
  axes: SweepAxes,
  { seals = false, onNotice = (_: string) => {} } = {},
): Promise<void> {
  const written = definition(name, axes);
  await runOnQueue(planSweep(written), provenance(written), {
    url,
    barGaps: 'keep',
    replace: false,
    seals,
    retryErrors: false,
    waits: false,
    audit: 0,
    times: TIMES,
    signal: new AbortController().signal,
    onNotice,
    onProgress: () => {},
  });
}

/** Judges what waits on the tiny run, in this process's own child, until nothing does. */
export function work(url: string, changes: Partial<WorkerOptions> = {}) {
  return runWorker({
    url,
    dataRootOf: async () => TINY_DATA_ROOT,
    host: { threads: 1, timeLimitMs: 60_000, cache: null },
    proveHost: async () => {},
    provenanceOf: async (run) => provenance(Object(run.definition)),
    codeHash,
    hostName: 'here',
    idleExitMs: 300,
    maxSlices: null,
    times: TIMES,
    pollMs: 100,
    signal: new AbortController().signal,
    notice: () => {},
    ...changes,
  });
}
