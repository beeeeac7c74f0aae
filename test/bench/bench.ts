/**
 * Benchmarks, printed as the markdown that `docs/benchmarks.md` is: whole sweeps as processes, Python peers, a large run,
 * loading, kernels beside what the machine gives, fits by part.
 *
 *   npm run bench                                            on the quickstart's baseline run (built when it is not there)
 *   npm run bench -- --data-root DIR --baseline-run-id ID    on another one
 *   npm run bench -- --peers FILE                            also runs FILE (a Python program that takes FRAME.pkl KIND N and
 *                                                            prints "per config 0.123s") for the kinds `tuned` and `expert`
 *   --python PROGRAM                                         the Python that runs it (default: python3); it needs pandas
 *   --large DIR                                              also three symbols of nine months: run `three` of that data root
 *   --bars FOLDER                                            and where that is not there, the bars to build it from
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
import { benchLarge } from './bench-large.ts';
import { benchLoading } from './bench-loading.ts';
import { benchPeers } from './bench-peers.ts';
import { benchQuickstart } from './bench-quickstart.ts';
import { benchSweeps, SweepBench } from './bench-sweeps.ts';
import { benchmarksText } from './benchmarks-text.ts';
import { loadWorkbench } from './workbench.ts';

const { values } = parseArgs({
  options: {
    'data-root': { type: 'string', default: 'results/quickstart' },
    'baseline-run-id': { type: 'string', default: 'quickstart' },
    peers: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    large: { type: 'string' },
    bars: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const dataRoot = values['data-root'];
const runId = values['baseline-run-id'];
const agesMinutes = [3, 5, 10, 15, 30];
const folder = await mkdtemp(join(tmpdir(), 'sweep-bench-'));
try {
  const bench = await loadWorkbench(dataRoot, runId, agesMinutes);
  const sweeps = await benchSweeps(new SweepBench(dataRoot, runId, folder), values.quick);
  const quickstart = values.quick ? [] : await benchQuickstart(folder);
  const peers =
    values.peers === undefined
      ? []
      : await benchPeers(bench, { python: values.python, script: values.peers }, folder, sweeps);
  const large = values.large === undefined ? null : await benchLarge(values.large, values.bars, folder);
  const loading = await benchLoading(dataRoot, runId, agesMinutes, folder);
  const kernels = await benchKernels(bench);
  const fits = await benchFits(bench, folder);
  const { rowCount, nFeatures } = bench.dataset;
  const results = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    dataset: { runId, agesMinutes, rowCount, nFeatures },
    sweeps,
    quickstart,
    peers,
    large,
    loading,
    kernels,
    fits,
  };
  process.stdout.write(benchmarksText(results));
  await mkdir('results', { recursive: true });
  await writeFile('results/bench.json', `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
