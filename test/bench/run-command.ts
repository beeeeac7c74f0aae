import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a run of the program took, as a process with its threads, start to exit. */
export type RunCosts = {
  readonly seconds: number;
  /** of all its threads; as the system said shortly before the end */
  readonly cpuSeconds: number;
  /** resident, at the highest; likewise */
  readonly peakMiB: number;
  readonly stdout: string;
};

const LOOK_INTERVAL_MS = 10;
/** What Linux counts a process's time in. */
const TICKS_PER_SECOND = 100;

const LAUNCHER = fileURLToPath(new URL('../../bin/sweep.js', import.meta.url));

/** Runs the built program. @throws where it does not exit with 0 */
export async function runCommand(args: readonly string[], cwd = '.'): Promise<RunCosts> {
  const started = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  let seen = { cpuSeconds: 0, peakMiB: 0 };
  const timer = setInterval(() => {
    seen = lookAt(child.pid) ?? seen;
  }, LOOK_INTERVAL_MS);
  const code = await new Promise((done) => child.on('close', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`sweep ${args.join(' ')}: exit code ${code}\n${stderr}`);
  return { seconds: (performance.now() - started) / 1000, ...seen, stdout };
}

/** What the system counts of a process that still runs; null where it says nothing. */
function lookAt(pid: number | undefined): { cpuSeconds: number; peakMiB: number } | null {
  try {
    const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    // Behind the program's name, which may hold spaces: user and system time are the fields 14 and 15 of all.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return peakKiB === 0 ? null : { cpuSeconds: ticks / TICKS_PER_SECOND, peakMiB: Math.round(peakKiB / 1024) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}
