/**
 * Runs 50,000 small configurations in one sweep, looks at the process's memory every second, and writes what it saw to
 * docs/faults.md. Linux only: memory is what /proc says.
 *
 *   npm run test:soak
 *
 * The exit code is 1 when the sweep fails or the most that its second half takes is a tenth more than the most of its
 * first. (Resident memory goes up and down with the garbage collector's moods; what leaks lifts the peaks.)
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

type Sample = { readonly seconds: number; readonly mebibytes: number };

const folder = mkdtempSync(join(tmpdir(), 'memory-soak-'));
try {
  const definition = join(folder, 'sweep.json');
  const baseline = { dataRoot: TINY_DATA_ROOT, runId: 'tiny' };
  writeFileSync(definition, JSON.stringify({ name: 'soak', baseline, axes: AXES }));
  const db = join(folder, 'sweeps.db');
  const child = startSweep(['run', definition, '--db', db, '--threads', '2', '--no-cache', '--json'], {
    timeoutMs: LONGEST_MS,
  });
  const samples: Sample[] = [];
  const started = performance.now();
  const timer = setInterval(() => {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readStatus(child.pid))?.[1];
    if (kilobytes === undefined) return;
    samples.push({ seconds: (performance.now() - started) / 1000, mebibytes: Number(kilobytes) / 1024 });
  }, SAMPLE_MS);
  const ended = await child.ended;
  clearInterval(timer);
  if (ended.exitCode !== 0) throw new Error(`the sweep ended with ${ended.exitCode}: ${ended.stderr.slice(-2000)}`);
  const { completed, error } = JSON.parse(ended.stdout);
  const middle = Math.floor(samples.length / 2);
  const [first, second] = [largestOf(samples.slice(0, middle)), largestOf(samples.slice(middle))];
  const tenths = Array.from({ length: 10 }, (_, i) =>
    samples.slice(Math.floor((i * samples.length) / 10), Math.floor(((i + 1) * samples.length) / 10)),
  );
  const tableRow = (name: string, cells: readonly string[]): string => `| ${[name, ...cells].join(' | ')} |`;
  const lines = [
    madeLine({ command: 'npm run test:soak', seed: 0, durationMs: ended.durationMs }).replace(', seed 0', ''),
    '',
    `${completed} configurations judged and ${error} error in one process on 2 threads, ${samples.length} samples of ` +
      `its resident memory. The most in the first half: ${first.toFixed(0)} MiB; in the second: ${second.toFixed(0)} MiB.`,
    '',
    tableRow(
      'until',
      tenths.map((part) => `${part.at(-1)!.seconds.toFixed(0)} s`),
    ),
    tableRow(
      '---',
      tenths.map(() => '---'),
    ),
    tableRow(
      'most, MiB',
      tenths.map((part) => largestOf(part).toFixed(0)),
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  writeSection('docs/faults.md', TITLES.memory, lines.join('\n'));
  if (error > 0 || second > (1 + MOST_GROWTH) * first) process.exitCode = 1;
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

function largestOf(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ mebibytes }) => mebibytes));
}
