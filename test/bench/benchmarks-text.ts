import type { PartRow } from './bench-fits.ts';
import type { KernelRow } from './bench-kernels.ts';
import type { LargeResults } from './bench-large.ts';
import type { LoadingRow } from './bench-loading.ts';
import type { PeerRow } from './bench-peers.ts';
import type { QuickstartRow } from './bench-quickstart.ts';
import { DENSE, ONE, type SweepRow } from './bench-sweeps.ts';
import { markdownTable } from './markdown.ts';

export type BenchResults = {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly dataset: {
    readonly runId: string;
    readonly agesMinutes: readonly number[];
    readonly rowCount: number;
    readonly nFeatures: number;
  };
  readonly sweeps: readonly SweepRow[];
  readonly quickstart: readonly QuickstartRow[];
  readonly peers: readonly PeerRow[];
  readonly large: LargeResults | null;
  readonly loading: readonly LoadingRow[];
  readonly kernels: readonly KernelRow[];
  readonly fits: readonly PartRow[];
};

/** Everything that was measured, as `docs/benchmarks.md`. */
export function benchmarksText(results: BenchResults): string {
  const { at, cpu, cores, node, dataset } = results;
  const { runId, agesMinutes, rowCount, nFeatures } = dataset;
  const head = `# What it costs

Made by \`npm run bench\` (\`test/bench/bench.ts\` says with which options; it writes \`results/bench.json\`, too), all in
one run, on ${at.slice(0, 10)}: ${cpu}, ${cores} cores, Node ${node}, baseline run \`${runId}\`, ages ${agesMinutes.join(', ')}
(${rowCount.toLocaleString('en-US')} rows, ${nFeatures} features that vary). Where others use the machine, seconds say
little: read the seconds of CPU, and the ratios.`;
  const parts = [
    head,
    sweepsText(results.sweeps),
    quickstartText(results.quickstart),
    peersText(results.peers),
    results.large === null ? '' : largeText(results.large),
    loadingText(results.loading),
    kernelsText(results.kernels),
    fitsText(results.fits),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function sweepsText(sweeps: readonly SweepRow[]): string {
  const table = markdownTable(sweeps, [
    ['sweep', ({ name }) => name],
    ['configurations', ({ configurations }) => configurations],
    ['threads', ({ threads }) => threads],
    ['seconds', ({ seconds }) => seconds],
    ['CPU seconds', ({ cpuSeconds }) => cpuSeconds],
    ['ms each', ({ msPerConfiguration }) => msPerConfiguration],
    ['peak MiB', ({ peakMiB }) => peakMiB],
  ]);
  const secondsOf = (sweep: string, count: number): number =>
    sweeps.find(({ name, threads }) => name === sweep && threads === count)?.seconds ?? Number.NaN;
  const judging = (count: number): number => secondsOf(DENSE, count) - secondsOf(ONE, count);
  const gain = judging(1) / judging(2);
  const threads = Number.isFinite(gain)
    ? `\n\nTwo threads judge ${gain.toFixed(2)} times as fast as one: the dense grid less a sweep of one configuration.`
    : '';
  return `## Whole sweeps, process start to exit

${table}

From the cache where nothing else is said. Coarse: 7 epsilons × 3 alphas × 3 clips; dense: 10 epsilons × 20 alphas × 5 clips;
ridge: 200 alphas × 5 clips. What a sweep shares it pays once, so that a configuration costs less the finer its grid is.${threads}`;
}

function quickstartText(rows: readonly QuickstartRow[]): string {
  if (rows.length === 0) return '';
  return `## The quickstart, 300 configurations on four ages sets

${markdownTable(rows, [
  ['what', ({ name }) => name],
  ['seconds', ({ seconds }) => seconds],
  ['CPU seconds', ({ cpuSeconds }) => cpuSeconds],
  ['peak MiB', ({ peakMiB }) => peakMiB],
])}`;
}

const PEERS: Readonly<Record<string, string>> = {
  tuned: 'scikit-learn, everything cached that can be',
  expert: 'NumPy active-set Newton with warm starts',
};

function peersText(peers: readonly PeerRow[]): string {
  if (peers.length === 0) return '';
  const table = markdownTable(peers, [
    ['program', ({ name }) => PEERS[name] ?? name],
    ['seconds a configuration', ({ secondsPerConfiguration }) => secondsPerConfiguration],
    ['to one of the coarse grid', ({ toCoarse }) => `${toCoarse.toFixed(1)} : 1`],
    ['to one of the dense grid', ({ toDense }) => `${toDense.toFixed(1)} : 1`],
  ]);
  return `## Beside Python, the same frame, the same run, two processes

${table}

Both fit and judge the regressors only; the sweeps also start, load, fit and judge classifiers, certify, and store.`;
}

function largeText({ plans, sweeps, scaling }: LargeResults): string {
  return `## Nine months of three symbols

BTC, ETH, and ETH shifted by a day, since there were bars of no third symbol: 1-minute bars, an entry a minute and side.

${markdownTable(plans, [
  ['`sweep plan`', ({ name }) => name],
  ['seconds', ({ seconds }) => seconds],
  ['CPU seconds', ({ cpuSeconds }) => cpuSeconds],
])}

${markdownTable(sweeps, [
  ['8 Huber and 2 ridge configurations', ({ name }) => name],
  ['seconds', ({ seconds }) => seconds],
  ['CPU seconds', ({ cpuSeconds }) => cpuSeconds],
  ['peak MiB', ({ peakMiB }) => peakMiB],
])}

The same ten configurations on fewer and more rows, by caps and ages, from the cache:

${markdownTable(scaling, [
  ['rows', ({ rows }) => rows],
  ['address bits', ({ addressBits }) => addressBits],
  ['planned bytes a row', ({ planBytesPerRow }) => planBytesPerRow],
  ['seconds', ({ seconds }) => seconds],
  ['CPU seconds', ({ cpuSeconds }) => cpuSeconds],
  ['CPU µs a row', ({ cpuMicrosecondsPerRow }) => cpuMicrosecondsPerRow],
  ['peak MiB', ({ peakMiB }) => peakMiB],
])}`;
}

function loadingText(rows: readonly LoadingRow[]): string {
  return `## From files to standardized matrices, one thread, ms

${markdownTable(rows, [
  ['from', ({ from }) => from],
  ['state rows', ({ rowsMs }) => rowsMs],
  ['frame and plan', ({ frameMs }) => frameMs],
  ['matrices', ({ matricesMs }) => matricesMs],
  ['whole', ({ wholeMs }) => wholeMs],
])}

A sweep lays the matrices out on two threads.`;
}

function kernelsText(rows: readonly KernelRow[]): string {
  return `## Kernels, one thread

${markdownTable(rows, [
  ['kernel', ({ name }) => name],
  ['ms', ({ ms }) => ms],
  ['GFlop/s', ({ gflops }) => (gflops === 0 ? '' : gflops.toFixed(1))],
  ['GB/s', ({ gbPerSecond }) => (gbPerSecond === 0 ? '' : gbPerSecond.toFixed(1))],
  ['share of the peak', ({ shareOfPeak }) => shareOfPeak],
])}`;
}

function fitsText(rows: readonly PartRow[]): string {
  return `## A Huber configuration by part, one thread, every kernel under a stopwatch

${markdownTable(rows, [
  ['part', ({ part }) => part],
  ['ms a configuration', ({ msPerConfiguration }) => msPerConfiguration],
  ['ms a fit', ({ msPerFit }) => msPerFit],
  ['', ({ note }) => note],
])}`;
}
