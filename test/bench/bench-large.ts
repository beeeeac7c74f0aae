import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runFolder } from '../../src/baseline/run-folder.ts';
import { SweepBench, type SweepRow } from './bench-sweeps.ts';
import { runCommand } from './run-command.ts';

/** Three symbols: BTC, ETH, and ETH shifted by a day, since there are bars of no third one. */
const LARGE_RUN_ID = 'three';
const SHIFT_MS = 86_400_000;

export type LargeRow = {
  readonly rows: number;
  readonly addressBits: number;
  readonly planBytesPerRow: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly cpuMicrosecondsPerRow: number;
  readonly peakMiB: number;
};

export type LargeResults = {
  readonly plans: readonly { readonly name: string; readonly seconds: number; readonly cpuSeconds: number }[];
  readonly sweeps: readonly SweepRow[];
  readonly scaling: readonly LargeRow[];
};

/**
 * Nine months of three symbols: plans, ten configurations from parquet and from the cache, and the same from a quarter of
 * a million rows to twenty millions.
 *
 * @param dataRoot where the run is, or is built
 * @param bars folder of the two symbols' 1-minute bars, `*BTCUSDT*.csv.gz` and `*ETHUSDT*.csv.gz`, where it is to be built
 */
export async function benchLarge(dataRoot: string, bars: string | undefined, folder: string): Promise<LargeResults> {
  if (!existsSync(runFolder(dataRoot, LARGE_RUN_ID))) await buildLargeRun(dataRoot, bars, folder);
  const bench = new SweepBench(dataRoot, LARGE_RUN_ID, folder);
  const ten = { name: '', grid: 'ten' } as const;
  const first = await bench.plan(ten, 'cache');
  const again = await bench.plan(ten, 'cache');
  const million = (first.rows / 1e6).toFixed(2);
  const sweeps = [await bench.run({ ...ten, name: `${million} M rows, from parquet`, from: 'files' })];
  await bench.run({ ...ten, grid: 'one' });
  sweeps.push(await bench.run({ ...ten, name: `${million} M rows, from the cache` }));
  const scaling: LargeRow[] = [];
  for (const { ages, cap } of SCALES) {
    const choice = { ...ten, agesMinutes: [ages], maxRowsPerSplit: cap };
    const { rows, memoryBytes, addressBits } = await bench.plan(choice, 'cache');
    // The first run builds what it needs of the cache.
    await bench.run({ ...choice, grid: 'one' });
    const { seconds, cpuSeconds, peakMiB } = await bench.run(choice);
    const costs = { planBytesPerRow: memoryBytes / rows, cpuMicrosecondsPerRow: (1e6 * cpuSeconds) / rows };
    scaling.push({ rows, addressBits, ...costs, seconds, cpuSeconds, peakMiB });
  }
  const plans = [
    { name: 'first', seconds: first.seconds, cpuSeconds: first.cpuSeconds },
    { name: 'again', seconds: again.seconds, cpuSeconds: again.cpuSeconds },
  ];
  return { plans, sweeps, scaling };
}

/** Rows in steps of about two: fewer than one age has by a cap, more by ages of some 0.73 million rows each. */
const SCALES = [
  { ages: [5], cap: 62_500 },
  { ages: [5], cap: 125_000 },
  { ages: [5, 10], cap: 250_000 },
  { ages: [5, 10, 15], cap: 0 },
  { ages: agesUpTo(6), cap: 0 },
  { ages: agesUpTo(14), cap: 0 },
  { ages: agesUpTo(28), cap: 0 },
];

function agesUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

async function buildLargeRun(dataRoot: string, bars: string | undefined, folder: string): Promise<void> {
  if (bars === undefined) {
    throw new Error(`${dataRoot} has no run ${LARGE_RUN_ID}: give --bars FOLDER with bars of BTCUSDT and ETHUSDT`);
  }
  const barsOf = (symbol: string): string => {
    const name = readdirSync(bars).find((file) => file.includes(symbol) && file.endsWith('.csv.gz'));
    if (name === undefined) throw new Error(`${bars}: no bars of ${symbol} (*${symbol}*.csv.gz)`);
    return join(bars, name);
  };
  const shifted = join(folder, 'shifted.csv');
  await writeFile(shifted, shiftedBars(gunzipSync(await readFile(barsOf('ETHUSDT'))).toString()));
  const symbols = [`BTCUSDT=${barsOf('BTCUSDT')}`, `ETHUSDT=${barsOf('ETHUSDT')}`, `ETHSHIFT=${shifted}`];
  await runCommand(['baseline', 'build', ...symbols, '--data-root', dataRoot, '--run-id', LARGE_RUN_ID]);
}

/** The same bars a day later. Their first column is the time, in milliseconds. */
function shiftedBars(csv: string): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  if (header.split(',')[0] !== 'open_time_ms') throw new Error(`bars: expected open_time_ms first, got ${header}`);
  const later = lines.map((line) => {
    const end = line.indexOf(',');
    return `${Number(line.slice(0, end)) + SHIFT_MS}${line.slice(end)}`;
  });
  return `${[header, ...later].join('\n')}\n`;
}
