import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from './fuzz-process.ts';
import type { Outcome } from './outcome.ts';
import type { Reader } from './readers.ts';

const PROCESS = fileURLToPath(new URL('fuzz-process.ts', import.meta.url));

/**
 * An input that takes longer hangs, one that takes more memory is a bomb: the process is killed. Time is the processor's,
 * which other work on the machine does not change; a process that waits without working has the longer limit.
 */
const CPU_LIMIT_MS = 10_000;
const WALL_LIMIT_MS = 300_000;
const MEMORY_LIMIT_BYTES = 1.5 * 2 ** 30;
const WATCH_INTERVAL_MS = 100;
const MOST_RETRIES = 5;

export type FuzzRow = {
  readonly reader: string;
  readonly tried: number;
  readonly outcomes: ReadonlyMap<Outcome, number>;
  /** input → what was wrong */
  readonly wrong: ReadonlyMap<number, string>;
  /** of the processor: other work on the machine does not change it */
  readonly slowestMs: number;
  readonly largestBytes: number;
};

/**
 * Tries inputs `from` to `from + count` of a reader, in processes that are watched from outside and replaced when they
 * die: a reader that hangs or takes all memory cannot be asked to report that.
 */
export async function fuzz(reader: Reader, seed: number, count: number, from = 0): Promise<FuzzRow> {
  const outcomes = new Map<Outcome, number>();
  const wrong = new Map<number, string>();
  const peak = { slowestMs: 0, largestBytes: 0 };
  let retries = 0;
  for (let next = from; next < from + count; ) {
    const before = next;
    next = await runProcess([reader.name, seed, next, from + count].map(String), outcomes, wrong, peak);
    if (next === before && (retries += 1) > MOST_RETRIES) {
      throw new Error(`${reader.name}: the process ended before input ${next}`);
    }
  }
  return { reader: reader.name, tried: count, outcomes, wrong, ...peak };
}

/** One process, from its first input to its last. @returns the next input that is to be tried */
function runProcess(
  args: readonly string[],
  outcomes: Map<Outcome, number>,
  wrong: Map<number, string>,
  peak: { slowestMs: number; largestBytes: number },
): Promise<number> {
  const child = fork(PROCESS, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let current: number | undefined;
  let next = Number(args[2]);
  let since = performance.now();
  let reason: string | undefined;
  let cpuBeforeMs = 0;
  const cpuMs = () => cpuTimeMs(child.pid) - cpuBeforeMs;
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.on('message', (report: Report) => {
    if (report.kind === 'began') {
      current = report.input;
      since = performance.now();
      cpuBeforeMs = cpuTimeMs(child.pid);
      return;
    }
    if (report.kind === 'ready') return;
    if (report.kind === 'spent') {
      current = undefined;
      next = report.next;
      return;
    }
    if (report.kind === 'wrong') wrong.set(report.input, report.what);
    else outcomes.set(report.kind, (outcomes.get(report.kind) ?? 0) + 1);
    peak.slowestMs = Math.max(peak.slowestMs, cpuMs());
    current = undefined;
    next = report.input + 1;
    since = performance.now();
  });
  const watch = setInterval(() => {
    const bytes = residentBytes(child.pid);
    peak.largestBytes = Math.max(peak.largestBytes, bytes);
    // Stopped by somebody, to have the machine for himself: then it is not the input that takes so long.
    if (isStopped(child.pid)) since = performance.now();
    if (bytes > MEMORY_LIMIT_BYTES) reason = `took ${Math.round(bytes / 2 ** 20)} MiB of memory`;
    else if (performance.now() - since > WALL_LIMIT_MS) reason = 'did not end';
    else if (current !== undefined && cpuMs() > CPU_LIMIT_MS) reason = `took ${CPU_LIMIT_MS} ms and more`;
    if (reason !== undefined) child.kill('SIGKILL');
  }, WATCH_INTERVAL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (current === undefined) {
        // Between inputs a process ends only when it says so.
        if (code === 0) resolve(next);
        else reject(new Error(`${args.join(' ')}: ended with ${code ?? signal}: ${Buffer.concat(stderr).toString()}`));
        return;
      }
      if (signal === 'SIGTERM') {
        // Not by us, and no reader's doing: somebody ended it from outside. The input is tried again.
        resolve(current);
        return;
      }
      const said = Buffer.concat(stderr).toString().trim().slice(0, 300);
      wrong.set(current, reason ?? `the process died (${code ?? signal}): ${said}`);
      resolve(current + 1);
    });
  });
}

/** Resident memory of a process; 0 where the system does not tell. */
function residentBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // It has ended, or this is no Linux: then the limit is not watched.
    return 0;
  }
}

/** Processor time of a process, its threads, and the processes it has started and seen end; 0 where nobody tells. */
function cpuTimeMs(pid: number | undefined): number {
  // User and system time, then those of children, in ticks of 10 ms.
  return (
    statusFields(pid)
      .slice(11, 15)
      .reduce((sum, ticks) => sum + Number(ticks), 0) * 10
  );
}

function isStopped(pid: number | undefined): boolean {
  return statusFields(pid)[0] === 'T';
}

/** What Linux says of a process behind its name in parentheses: its state first. Nothing where it does not tell. */
function statusFields(pid: number | undefined): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    // It has ended, or this is no Linux.
    return [];
  }
}
