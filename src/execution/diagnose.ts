import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { readBaselineRun } from '../baseline/baseline-run.ts';
import { createSharedMemory, SharedArena } from '../numerics/memory.ts';
import { Workspace } from '../numerics/workspace.ts';
import type { BaselineReference } from '../sweep/definition.ts';
import { messageOf } from '../user-error.ts';

export type Diagnosis = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
};

const STORE_NODE = [22, 16] as const;
const SPACIOUS_MEMORY_BYTES = 2 ** 30;
const SPACIOUS_DISK_BYTES = 2 ** 30;

/** Checks what a sweep stands on: the runtime, the machine, and a baseline run when one is given. */
export async function diagnose(nodeVersion: string, baseline: BaselineReference | undefined): Promise<Diagnosis[]> {
  const findings = [checkNode(nodeVersion), checkKernels(), checkThreads(), checkMemory(), await checkDisk()];
  if (baseline !== undefined) findings.push(await checkBaseline(baseline));
  return findings;
}

function checkNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > STORE_NODE[0] || (major === STORE_NODE[0] && minor >= STORE_NODE[1]);
  const remedy = `install Node ${STORE_NODE.join('.')} or newer, or beside this package: npm install node@24`;
  return { what: 'Node', ok, detail: version, ...(ok ? {} : { remedy }) };
}

function checkKernels(): Diagnosis {
  const what = 'numeric kernels (WebAssembly SIMD, shared memory)';
  try {
    const workspace = new Workspace(new SharedArena(createSharedMemory(65_536)));
    const x = workspace.arena.float32(4).fill(2);
    const coef = workspace.arena.float64(4).fill(3);
    const out = workspace.arena.float64(1);
    workspace.kernels.run.rowDots(x.byteOffset, 4, 1, 4, coef.byteOffset, out.byteOffset);
    return { what, ok: out[0] === 24, detail: out[0] === 24 ? 'work' : `2·3 four times gave ${out[0]}` };
  } catch (error) {
    return {
      what,
      ok: false,
      detail: messageOf(error),
      remedy: 'run on a 64-bit CPU with Node 20 or newer; npm run build',
    };
  }
}

function checkThreads(): Diagnosis {
  const threads = availableParallelism();
  return { what: 'threads', ok: true, detail: `${threads}, which is what sweep run uses` };
}

function checkMemory(): Diagnosis {
  const free = availableMemoryBytes();
  const ok = free >= SPACIOUS_MEMORY_BYTES;
  const remedy = 'close other programs, or cap datasets with maxRowsPerSplit; sweep plan FILE says what one needs';
  return { what: 'memory', ok, detail: `${gib(free)} available`, ...(ok ? {} : { remedy }) };
}

/** What could be had without swapping: free pages and those that only cache files. */
function availableMemoryBytes(): number {
  try {
    const kib = /MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Not Linux: the system's own figure has to do.
  }
  return freemem();
}

async function checkDisk(): Promise<Diagnosis> {
  const { bavail, bsize } = await statfs('.');
  const free = bavail * bsize;
  const ok = free >= SPACIOUS_DISK_BYTES;
  const remedy = 'free some space, or name another place with --db and --cache; a verdict takes about 12 KB';
  return { what: 'disk space here', ok, detail: `${gib(free)} free`, ...(ok ? {} : { remedy }) };
}

async function checkBaseline({ dataRoot, runId }: BaselineReference): Promise<Diagnosis> {
  const what = `baseline run ${runId}`;
  try {
    const { features, entries, replay } = await readBaselineRun(dataRoot, runId);
    const counts = `${features.rowCount} usable feature rows, ${entries.rowCount} entries, ${replay.rowCount} bars`;
    return { what, ok: true, detail: `${counts}, ${features.featureOrder.length} market features` };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error) };
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
