/**
 * Benchmarks: kernels beside what the machine gives, fits by part, whole sweeps as processes, and Python peers.
 *
 *   npm run bench                                            on the quickstart's baseline run (built when it is not there)
 *   npm run bench -- --data-root DIR --baseline-run-id ID    on another one
 *   npm run bench -- --peers FILE                            also runs FILE (a Python program that takes FRAME.pkl KIND N and
 *                                                            prints "per config 0.123s") for the kinds `tuned` and `expert`
 *   --python PROGRAM                                         the Python that runs it (default: python3); it needs pandas
 *   --quick                                                  fewer and smaller sweeps
 *
 * Ratios within one run are what counts: absolute times drift with the machine. Results also go to results/bench.json.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchFits } from './bench-fits.ts';
import { benchKernels } from './bench-kernels.ts';
import { benchLoading } from './bench-loading.ts';
import { benchPeers } from './bench-peers.ts';
import { benchSweeps } from './bench-sweeps.ts';
import { loadWorkbench } from './workbench.ts';

const { values } = parseArgs({
  options: {
    'data-root': { type: 'string', default: 'results/quickstart' },
    'baseline-run-id': { type: 'string', default: 'quickstart' },
    peers: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    quick: { type: 'boolean', default: false },
  },
});
const dataRoot = values['data-root'];
const runId = values['baseline-run-id'];
const folder = await mkdtemp(join(tmpdir(), 'sweep-bench-'));
const ages = [3, 5, 10, 15, 30];
try {
  const bench = await loadWorkbench(dataRoot, runId, ages);
  heading(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, baseline run ${runId}`);
  line(`ages 3,5,10,15,30: ${bench.dataset.rowCount} rows, ${bench.dataset.nFeatures} features that vary`);
  heading('from files to matrices, one thread, ms');
  const loading = await benchLoading(dataRoot, runId, ages, folder);
  table(loading, ['from', 'rowsMs', 'frameMs', 'matricesMs', 'wholeMs']);
  heading('kernels, one thread');
  const kernels = await benchKernels(bench);
  table(kernels, ['name', 'ms', 'gflops', 'gbPerSecond', 'shareOfPeak']);
  heading('one configuration by part, one thread (mean over a grid)');
  const fits = await benchFits(bench, folder);
  table(fits, ['part', 'msPerConfiguration', 'msPerFit', 'note']);
  heading('sweeps as whole processes');
  const sweeps = await benchSweeps(dataRoot, runId, folder, values.quick);
  table(sweeps, ['name', 'configurations', 'threads', 'seconds', 'msPerConfiguration', 'peakMiB']);
  const peers =
    values.peers === undefined
      ? []
      : await benchPeers(bench, { python: values.python, script: values.peers }, folder, sweeps);
  if (peers.length > 0) {
    heading('Python peers, the same frame, two processes');
    table(peers, ['name', 'secondsPerConfiguration', 'ratio']);
  }
  await mkdir('results', { recursive: true });
  const document = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim(),
    node: process.version,
    runId,
    loading,
    kernels,
    fits,
    sweeps,
    peers,
  };
  await writeFile('results/bench.json', `${JSON.stringify(document, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function heading(text: string): void {
  line(`\n${text}`);
}

function line(text: string): void {
  process.stdout.write(`${text}\n`);
}

function table(rows: readonly object[], columns: readonly string[]): void {
  const text = (value: unknown): string =>
    typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toPrecision(3)) : String(value ?? '');
  const cells = [
    columns,
    ...rows.map((row) => columns.map((column) => text(Object.entries(row).find(([key]) => key === column)?.[1]))),
  ];
  const widths = columns.map((_, j) => Math.max(...cells.map((row) => row[j]!.length)));
  for (const row of cells)
    line(`  ${row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!))).join('  ')}`);
}
