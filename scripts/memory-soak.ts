/**
 * Runs 50,000 small configurations in one sweep, looks at the process's memory every second, and writes what it saw to
 * docs/faults.md. Linux only: memory is what /proc says.
 *
 *   npm run test:soak
 *
 * The exit code is 1 when the sweep fails or its memory grows by more than a tenth over its second half.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeLine, TITLES, writeSection } from '../test/faults/fault-report.ts';
import { startSweep } from '../test/faults/program.ts';
import { TINY_DATA_ROOT } from '../test/support/tiny-run.ts';

/** 2 ages sets × 5 clips × (100 × 40 Huber + 1000 ridge) = 50,000 */
const AXES = {
  agesMinutes: [[3], [5]],
  regressorKind: ['huber', 'ridge'],
  huberAlpha: { logspace: [-4, 2, 100] },
  huberEpsilon: { linspace: [1.1, 3, 40] },
  ridgeAlpha: { logspace: [-3, 5, 1000] },
  regressionTargetClipBps: [0, 10, 20, 40, 80],
};
const SAMPLE_MS = 1000;
const LONGEST_MS = 3_600_000;
const MOST_GROWTH = 0.1;

const folder = mkdtempSync(join(tmpdir(), 'memory-soak-'));
try {
  const definition = join(folder, 'sweep.json');
  const baseline = { dataRoot: TINY_DATA_ROOT, runId: 'tiny' };
  writeFileSync(definition, JSON.stringify({ name: 'soak', baseline, axes: AXES }));
  const db = join(folder, 'sweeps.db');
  const child = startSweep(['run', definition, '--db', db, '--threads', '2', '--no-cache', '--json'], {
    timeoutMs: LONGEST_MS,
  });
  const samples: { seconds: number; mebibytes: number }[] = [];
  const started = performance.now();
  const timer = setInterval(() => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readStatus(child.pid))?.[1];
    if (kilobytes === undefined) return;
    samples.push({ seconds: (performance.now() - started) / 1000, mebibytes: Number(kilobytes) / 1024 });
  }, SAMPLE_MS);
  const ended = await child.ended;
  clearInterval(timer);
  if (ended.exitCode !== 0) throw new Error(`the sweep ended with ${ended.exitCode}: ${ended.stderr.slice(-2000)}`);
  const { completed, failed } = JSON.parse(ended.stdout);
  const half = samples.slice(Math.floor(samples.length / 2));
  const largest = Math.max(...samples.map(({ mebibytes }) => mebibytes));
  const slope = slopeOf(half);
  const growth = slope * (half.at(-1)!.seconds - half[0]!.seconds);
  const lines = [
    madeLine({ command: 'npm run test:soak', seed: 0, durationMs: ended.durationMs }).replace(', seed 0', ''),
    '',
    `${completed} configurations judged and ${failed} failed in one process on 2 threads, ${samples.length} samples. ` +
      `Largest resident memory ${largest.toFixed(0)} MiB. Over the second half: from ${half[0]!.mebibytes.toFixed(0)} to ` +
      `${half.at(-1)!.mebibytes.toFixed(0)} MiB, slope ${(slope * 3600).toFixed(1)} MiB an hour, ` +
      `${growth.toFixed(1)} MiB in all.`,
    '',
    `| after | ${deciles(samples)
      .map(({ seconds }) => `${seconds.toFixed(0)} s`)
      .join(' | ')} |`,
    `| --- | ${deciles(samples)
      .map(() => '---')
      .join(' | ')} |`,
    `| resident, MiB | ${deciles(samples)
      .map(({ mebibytes }) => mebibytes.toFixed(0))
      .join(' | ')} |`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  writeSection('docs/faults.md', TITLES.memory, lines.join('\n'));
  if (failed > 0 || growth > MOST_GROWTH * half[0]!.mebibytes) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}

/** Least squares, MiB a second. */
function slopeOf(points: readonly { seconds: number; mebibytes: number }[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(points.map(({ seconds }) => seconds));
  const y = mean(points.map(({ mebibytes }) => mebibytes));
  const covariance = points.reduce((sum, point) => sum + (point.seconds - x) * (point.mebibytes - y), 0);
  return covariance / points.reduce((sum, { seconds }) => sum + (seconds - x) ** 2, 0);
}

function deciles<T>(items: readonly T[]): T[] {
  return Array.from({ length: 11 }, (_, i) => items[Math.round((i / 10) * (items.length - 1))]!);
}
