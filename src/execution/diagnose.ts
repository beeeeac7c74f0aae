import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, relative, resolve } from 'node:path';
import { availableMemory } from 'node:process';
import { Worker } from 'node:worker_threads';
import { readBaselineRun } from '../baseline/baseline-run.ts';
import { countOf } from '../counts.ts';
import { createSharedMemory, SharedArena } from '../numerics/memory.ts';
import { Workspace } from '../numerics/workspace.ts';
import { sizeText } from '../size-text.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import type { BaselineReference } from '../sweep/sweep-definition.ts';
import { messageOf } from '../user-error.ts';
import { oldestNode } from '../version.ts';
import { planCosts } from './plan-costs.ts';

export type Diagnosis = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
};

const SPACIOUS_MEMORY_BYTES = 2 ** 30;
const SPACIOUS_DISK_BYTES = 2 ** 30;
/** A verdict in a store, with its documents and indexes, as it was measured. */
const VERDICT_BYTES = 12_000;

/** What there is to check beside the runtime and the machine. */
export type Patient = {
  /** where the store will be written */
  readonly storeFolder: string;
  /** of a definition */
  readonly plan?: SweepPlan | undefined;
};

/** Checks what a sweep stands on: the runtime, the machine, and the baseline run and memory of a plan. */
export async function diagnose(nodeVersion: string, { storeFolder, plan }: Patient): Promise<Diagnosis[]> {
  const findings = [checkNode(nodeVersion), checkKernels(), await checkThreads(), checkMemory()];
  findings.push(await checkDisk(storeFolder));
  if (plan !== undefined) findings.push(await checkBaseline(plan.baseline));
  // A run that cannot be read needs nothing.
  if (plan !== undefined && findings.at(-1)?.ok === true) findings.push(await checkNeeds(plan));
  return findings;
}

function checkNode(version: string): Diagnosis {
  const needed = oldestNode();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  const ok = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const remedy = `install Node ${needed} or newer, or beside this package: npm install node@24`;
  return { what: 'Node', ok, detail: version, ...(ok ? {} : { remedy }) };
}

function checkKernels(): Diagnosis {
  const what = 'numeric kernels (WebAssembly SIMD, shared memory)';
  try {
    const workspace = new Workspace(new SharedArena(createSharedMemory(65_536)));
    const x = workspace.arena.float32(4 * 12).fill(2);
    const sums = workspace.arena.float64(4);
    workspace.kernels.run.columnSums(x.byteOffset, 4, 12, 4, 0, sums.byteOffset);
    const ok = sums[0] === 24;
    return {
      what,
      ok,
      detail: ok ? 'work' : `2 twelve times gave ${sums[0]}`,
      ...(ok ? {} : { remedy: KERNEL_REMEDY }),
    };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error), remedy: KERNEL_REMEDY };
  }
}

const KERNEL_REMEDY = 'run on a 64-bit CPU; npm run build';

/** Starts one that writes into a shared memory, as a sweep's do. */
async function checkThreads(): Promise<Diagnosis> {
  const what = 'threads';
  const remedy = 'raise the limit on threads or processes of this user or container (ulimit -u, pids.max)';
  try {
    const memory = createSharedMemory(65_536);
    const worker = new Worker(THREAD, { eval: true, workerData: memory });
    await once(worker, 'exit');
    const ok = new Int32Array(memory.buffer)[0] === 42;
    if (!ok) return { what, ok, detail: 'a thread does not write to the memory it shares', remedy: KERNEL_REMEDY };
    return { what, ok, detail: `start and share memory; \`sweep run\` uses ${availableParallelism()}` };
  } catch (error) {
    return { what, ok: false, detail: `none could be started (${messageOf(error)})`, remedy };
  }
}

const THREAD = `
  const { workerData } = require('node:worker_threads');
  Atomics.store(new Int32Array(workerData.buffer), 0, 42);
`;

function checkMemory(): Diagnosis {
  // Without swapping, and within the limits of a container.
  const free = availableMemory();
  const ok = free >= SPACIOUS_MEMORY_BYTES;
  const remedy = 'close other programs, or cap datasets with maxRowsPerSplit; `sweep plan FILE` says what one needs';
  return { what: 'memory', ok, detail: `${gib(free)} available`, ...(ok ? {} : { remedy }) };
}

async function checkDisk(storeFolder: string): Promise<Diagnosis> {
  let folder = resolve(storeFolder);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const ok = free >= SPACIOUS_DISK_BYTES;
  const remedy = `free some space, or name another place with --db and --cache; a verdict takes about ${sizeText(VERDICT_BYTES)}`;
  return {
    what: `disk space in ${relative('.', folder) || 'this folder'}`,
    ok,
    detail: `${gib(free)} free`,
    ...(ok ? {} : { remedy }),
  };
}

async function checkBaseline({ dataRoot, runId }: BaselineReference): Promise<Diagnosis> {
  const what = `baseline run ${runId}`;
  try {
    const { features, entries, replay } = await readBaselineRun(dataRoot, runId);
    const counts = [
      countOf(features.rowCount, 'usable feature row'),
      countOf(entries.rowCount, 'entry', 'entries'),
      countOf(replay.rowCount, 'bar'),
    ].join(', ');
    return { what, ok: true, detail: `${counts}, ${countOf(features.featureOrder.length, 'market feature')}` };
  } catch (error) {
    // It names the file and the remedy.
    return { what, ok: false, detail: detailOf(what, error) };
  }
}

/** What went wrong with a thing, without the thing's name in front: a finding says that itself. */
export function detailOf(name: string, error: unknown): string {
  const message = messageOf(error);
  return message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
}

/** The memory that the sweep would take, which is known before anything is built. */
async function checkNeeds(plan: SweepPlan): Promise<Diagnosis> {
  const what = `memory for ${plan.name}`;
  try {
    const { memory } = await planCosts(plan, { threads: availableParallelism(), cache: null });
    const free = availableMemory();
    const ok = memory.totalBytes <= free;
    const remedy = 'close other programs, give fewer ages or --threads, or cap datasets with maxRowsPerSplit';
    const detail = `${mib(memory.totalBytes)} shared at the most, ${gib(free)} available`;
    return { what, ok, detail, ...(ok ? {} : { remedy }) };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
