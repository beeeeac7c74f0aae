import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand } from './run-command.ts';

export type SweepRow = {
  readonly name: string;
  readonly configurations: number;
  readonly threads: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly msPerConfiguration: number;
  readonly peakMiB: number;
};

const CLIPS = 'regressionTargetClipBps: [0, 40, 60, 120, 200]';
const DEFAULT_AGES = [[3, 5, 10, 15, 30]];

/** Grids by name, each a definition's axes. */
const GRIDS = {
  one: '',
  /** 7 epsilons × 3 alphas × 3 clips, as people write them */
  coarse: `
  huberAlpha: { logspace: [-3, 1, 3] }
  huberEpsilon: { linspace: [1.05, 1.95, 7] }
  regressionTargetClipBps: [0, 60, 120]`,
  /** 10 epsilons × 20 alphas × 5 clips */
  dense: `
  huberAlpha: { logspace: [-4, 0, 20] }
  huberEpsilon: { linspace: [1.1, 2.0, 10] }
  ${CLIPS}`,
  hundred: `
  huberAlpha: { logspace: [-4, 0, 5] }
  huberEpsilon: { linspace: [1.1, 2.0, 4] }
  ${CLIPS}`,
  /** 200 alphas × 5 clips */
  ridge: `
  regressorKind: [ridge]
  ridgeAlpha: { logspace: [-3, 4, 200] }
  ${CLIPS}`,
  /** 8 Huber and 2 ridge */
  ten: `
  regressorKind: [huber, ridge]
  huberAlpha: [0.001, 0.1]
  huberEpsilon: [1.1, 1.35]
  ridgeAlpha: [1]
  regressionTargetClipBps: [0, 60]`,
} as const;
export type Grid = keyof typeof GRIDS;

/** Names of sweeps that others are compared with. */
export const ONE = 'one configuration';
export const COARSE = 'Huber, coarse';
export const DENSE = 'Huber, dense';

/** Thirteen ages in eight sets. */
const EIGHT_AGES_SETS = [
  [3, 5, 10, 15, 30],
  [3, 5],
  [10, 15],
  [30, 45],
  [1, 2, 3],
  [60, 90],
  [2, 5, 10],
  [1, 30, 120],
];

export type SweepChoice = {
  readonly name: string;
  readonly grid: Grid;
  readonly threads?: number;
  readonly from?: 'cache' | 'files';
  readonly agesMinutes?: readonly (readonly number[])[];
  readonly maxRowsPerSplit?: number;
};

/** Runs sweeps over one baseline run, process start to exit, each on a fresh store. */
export class SweepBench {
  readonly #baseline: string;
  readonly #folder: string;
  readonly #cache: string;

  constructor(dataRoot: string, runId: string, folder: string) {
    this.#baseline = `{ dataRoot: ${JSON.stringify(resolve(dataRoot))}, runId: ${runId} }`;
    this.#folder = folder;
    this.#cache = join(folder, `cache-${runId}`);
  }

  /** A definition's path. */
  definition({ grid, agesMinutes = DEFAULT_AGES, maxRowsPerSplit = 0 }: SweepChoice): string {
    const file = join(this.#folder, 'bench.yaml');
    const axes = `agesMinutes: ${JSON.stringify(agesMinutes)}\n  maxRowsPerSplit: [${maxRowsPerSplit}]${GRIDS[grid]}`;
    writeFileSync(file, `name: bench\nbaseline: ${this.#baseline}\naxes:\n  ${axes}\n`);
    return file;
  }

  async run(choice: SweepChoice): Promise<SweepRow> {
    const { name, threads = 2, from = 'cache' } = choice;
    const db = join(this.#folder, 'bench.db');
    for (const suffix of ['', '-wal', '-shm', '.writer']) rmSync(db + suffix, { force: true });
    const cache = from === 'cache' ? ['--cache', this.#cache] : ['--no-cache'];
    const options = ['--db', db, '--threads', String(threads), '--json', '--allow-long-ages', ...cache];
    const { stdout, ...costs } = await runCommand(['run', this.definition(choice), ...options]);
    const configurations = Number(JSON.parse(stdout).completed);
    return { name, configurations, threads, ...costs, msPerConfiguration: (1000 * costs.seconds) / configurations };
  }

  /** What `sweep plan` takes, and says of memory. */
  async plan(choice: SweepChoice, from: 'cache' | 'files') {
    const cache = from === 'cache' ? ['--cache', this.#cache] : ['--no-cache'];
    const options = ['--threads', '2', '--json', '--allow-long-ages', ...cache];
    const { stdout, ...costs } = await runCommand(['plan', this.definition(choice), ...options]);
    const { datasets, memoryBytes, addressBits } = JSON.parse(stdout);
    const rows = Math.max(...datasets.map((dataset: { rows: number }) => dataset.rows));
    return { ...costs, rows, memoryBytes: Number(memoryBytes), addressBits: Number(addressBits) };
  }
}

/** Whole sweeps. The first fills the cache, and is not told of. */
export async function benchSweeps(bench: SweepBench, quick: boolean): Promise<SweepRow[]> {
  const runs: SweepChoice[] = [
    { name: ONE, grid: 'one' },
    { name: COARSE, grid: 'coarse' },
    { name: 'Huber, a hundred', grid: 'hundred' },
    { name: DENSE, grid: 'dense' },
  ];
  const more: SweepChoice[] = [
    { name: ONE, grid: 'one', threads: 1 },
    { name: DENSE, grid: 'dense', threads: 1 },
    { name: 'one configuration, from parquet', grid: 'one', from: 'files' },
    { name: 'Huber, dense, from parquet', grid: 'dense', from: 'files' },
    { name: 'ridge', grid: 'ridge' },
    { name: 'Huber, eight ages sets of thirteen ages', grid: 'hundred', agesMinutes: EIGHT_AGES_SETS },
  ];
  const rows: SweepRow[] = [];
  await bench.run({ name: '', grid: 'one' });
  for (const run of quick ? runs : [...runs, ...more]) {
    if (run.agesMinutes !== undefined) await bench.run({ ...run, grid: 'one' });
    rows.push(await bench.run(run));
  }
  return rows;
}
