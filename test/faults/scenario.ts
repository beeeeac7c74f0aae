import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSweepDefinition } from '../../src/sweep/definition.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import type { Random } from '../support/random.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import type { FaultRow } from './account.ts';
import { type Ended, runSweepProcess } from './program.ts';
import { readContents, type StoreContents } from './store-contents.ts';

export type Size = 'short' | 'full';

/** What every fault is tried against: one small sweep on the reference run, and what it gives undisturbed. */
export type FaultContext = {
  readonly size: Size;
  readonly random: Random;
  readonly definition: string;
  /** of its configurations, in the order of the plan */
  readonly ids: readonly string[];
  readonly undisturbed: StoreContents;
  /** how long the undisturbed run took from its start to its end */
  readonly durationMs: number;
  /** A new folder, gone when the suite ends. */
  makeFolder(): Promise<string>;
  /** Progress, for whoever waits. */
  say(line: string): void;
};

/** One kind of fault. Where the machine cannot bring it about, the row says so and counts no try. */
export type Scenario = (context: FaultContext) => Promise<readonly FaultRow[]>;

const THREADS = 2;

/** Huber and ridge, two datasets or three; in the short form a fifth of the configurations. */
const AXES = {
  short: {
    agesMinutes: [[3, 5], [10]],
    regressorKind: ['huber', 'ridge'],
    huberEpsilon: { linspace: [1.1, 2, 10] },
    ridgeAlpha: { logspace: [0, 3, 10] },
  },
  full: {
    agesMinutes: [[3, 5], [10, 15], [30]],
    regressorKind: ['huber', 'ridge'],
    huberAlpha: [0.001, 1],
    huberEpsilon: { linspace: [1.1, 2, 8] },
    ridgeAlpha: { logspace: [0, 3, 12] },
    regressionTargetClipBps: [0, 20],
  },
} as const;

export async function makeContext(
  folder: string,
  size: Size,
  say: (line: string) => void,
): Promise<Omit<FaultContext, 'random'>> {
  const definition = await writeDefinition(folder, size);
  const plan = planSweep(await readSweepDefinition(definition));
  const ids = plan.configurations.map(({ id }) => id);
  const db = join(folder, 'undisturbed.db');
  const ended = await runSweepProcess(runArguments(definition, db));
  const undisturbed = await readContents(db);
  if (ended.exitCode !== 0 || undisturbed === null) throw new Error(`the undisturbed run ended so: ${ended.stderr}`);
  const makeFolder = () => mkdtemp(join(folder, 'try-'));
  return { size, definition, ids, undisturbed, durationMs: ended.durationMs, makeFolder, say };
}

/** Writes the suite's sweep definition, over the reference run or a copy of it. */
export async function writeDefinition(folder: string, size: Size, dataRoot = TINY_DATA_ROOT): Promise<string> {
  const path = join(folder, 'sweep.json');
  await writeFile(path, JSON.stringify({ name: 'faults', baseline: { dataRoot, runId: 'tiny' }, axes: AXES[size] }));
  return path;
}

/** `sweep run`, two threads, without a cache unless one is named. */
export function runArguments(definition: string, db: string, more: readonly string[] = ['--no-cache']): string[] {
  return ['run', definition, '--db', db, '--threads', String(THREADS), ...more];
}

/** Runs the sweep again, undisturbed, until it ends by itself. */
export function resume(definition: string, db: string, more?: readonly string[]): Promise<Ended> {
  return runSweepProcess(runArguments(definition, db, more));
}
