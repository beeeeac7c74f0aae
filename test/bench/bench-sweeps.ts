import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type SweepRow = {
  name: string;
  configurations: number;
  threads: number;
  seconds: number;
  msPerConfiguration: number;
  peakMiB: number;
};

const HUBER_1000 = `
  huberAlpha: { logspace: [-4, 0, 20] }
  huberEpsilon: { linspace: [1.1, 2.0, 10] }
  regressionTargetClipBps: [0, 40, 60, 120, 200]`;
const HUBER_100 = `
  huberAlpha: { logspace: [-4, 0, 5] }
  huberEpsilon: { linspace: [1.1, 2.0, 4] }
  regressionTargetClipBps: [0, 40, 60, 120, 200]`;
const HUBER_10 = `
  huberAlpha: [0.001, 0.1]
  regressionTargetClipBps: [0, 40, 60, 120, 200]`;
const RIDGE_1000 = `
  regressorKind: [ridge]
  ridgeAlpha: { logspace: [-3, 4, 200] }
  regressionTargetClipBps: [0, 40, 60, 120, 200]`;
/** Rows in proportion 1 : 2 : 4. */
const MORE_ROWS = ['[[5, 10]]', '[[3, 5, 10, 15]]', '[[2, 3, 5, 7, 10, 15, 20, 30]]'];
const AGES = '[[3,5,10,15,30],[3,5],[10,15],[30,45],[1,2,3],[60,90],[2,5,10],[1,30,120]]';

/** Whole runs, process start to exit, on fresh stores. */
export async function benchSweeps(
  dataRoot: string,
  runId: string,
  folder: string,
  quick: boolean,
): Promise<SweepRow[]> {
  const cache = join(folder, 'cache');
  const sweep = async (name: string, axes: string, threads: number, useCache = true): Promise<SweepRow> => {
    const file = join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}.yaml`);
    writeFileSync(file, `name: bench\nbaseline: { dataRoot: ${resolve(dataRoot)}, runId: ${runId} }\naxes:${axes}\n`);
    const db = join(folder, 'bench.db');
    for (const suffix of ['', '-wal', '-shm', '.writer']) rmSync(db + suffix, { force: true });
    const args = [
      'bin/sweep.js',
      'run',
      file,
      '--db',
      db,
      '--threads',
      String(threads),
      '--json',
      ...(useCache ? ['--cache', cache] : ['--no-cache']),
    ];
    const { seconds, peakMiB, stdout } = await timed(args);
    const configurations = Number(JSON.parse(stdout).completed);
    return { name, configurations, threads, seconds, msPerConfiguration: (1000 * seconds) / configurations, peakMiB };
  };
  const rows = [await sweep('huber 10, from parquet', HUBER_10, 2, false)];
  rows.push(await sweep('huber 10, filling the cache', HUBER_10, 2));
  rows.push(await sweep('huber 10, from the cache', HUBER_10, 2));
  rows.push(await sweep('huber 100', HUBER_100, 2));
  if (quick) return rows;
  rows.push(await sweep('huber 1000, from parquet', HUBER_1000, 2, false));
  rows.push(await sweep('huber 1000', HUBER_1000, 2));
  rows.push(await sweep('huber 1000', HUBER_1000, 1));
  rows.push(await sweep('ridge 1000', RIDGE_1000, 2));
  rows.push(await sweep('ridge 1000, from parquet', RIDGE_1000, 2, false));
  for (const ages of MORE_ROWS)
    rows.push(await sweep(`huber 100, ages ${ages}`, `${HUBER_100}\n  agesMinutes: ${ages}`, 2));
  rows.push(await sweep('huber 100, 8 ages sets', `${HUBER_100}\n  agesMinutes: ${AGES}`, 2));
  return rows;
}

async function timed(args: readonly string[]): Promise<{ seconds: number; peakMiB: number; stdout: string }> {
  const started = performance.now();
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  let peakKiB = 0;
  const timer = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(child.pid));
  }, 20);
  const code = await new Promise((done) => child.on('close', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`sweep ${args.join(' ')}: exit code ${code}`);
  return { seconds: (performance.now() - started) / 1000, peakMiB: Math.round(peakKiB / 1024), stdout };
}

/** The kernel's own high-water mark of a process that still runs; 0 where there is no /proc. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
