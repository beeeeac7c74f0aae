import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomFrom } from '../support/random.ts';
import type { FaultRow } from './account.ts';
import { brokenWorkers, everyWorkerDies } from './broken-workers.ts';
import { changedBaseline } from './changed-baseline.ts';
import { clockSetBack } from './clock.ts';
import { crowdedMachines } from './crowd.ts';
import { damagedCache } from './damaged-cache.ts';
import { distrustedMachines } from './distrusted-machines.ts';
import { fetchedData } from './fetched-data.ts';
import { foreignCache } from './foreign-cache.ts';
import { foreignStore } from './foreign-store.ts';
import { fullDisk, readOnlyStore } from './full-disk.ts';
import { interrupted } from './interrupted.ts';
import { killedCoordinator } from './killed-coordinator.ts';
import { killedFiles } from './killed-files.ts';
import { killedShards } from './killed-shards.ts';
import { manyMachines } from './many-machines.ts';
import { makeContext, type Scenario, type Size } from './scenario.ts';
import { twoRuns } from './two-runs.ts';

/** In the order of the table. */
const SCENARIOS = {
  killedCoordinator,
  killedFiles,
  brokenWorkers,
  everyWorkerDies,
  interrupted,
  twoRuns,
  fullDisk,
  readOnlyStore,
  changedBaseline,
  damagedCache,
  clockSetBack,
  foreignCache,
  foreignStore,
  fetchedData,
  killedShards,
  manyMachines,
  distrustedMachines,
  crowdedMachines,
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[]; // an object literal's own keys

/** Tries these faults one after the other in a temporary folder. The same seed tries the same ones. */
export async function tryFaults(
  names: readonly ScenarioName[],
  size: Size,
  seed: number,
  say: (line: string) => void,
): Promise<FaultRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fault-suite-'));
  try {
    const rows: FaultRow[] = [];
    const context = await makeContext(folder, size, say);
    for (const name of names) {
      // Random numbers of its own, so that it can be repeated alone.
      const random = randomFrom(seed + 1000 * SCENARIO_NAMES.indexOf(name));
      const found = await SCENARIOS[name]({ ...context, random });
      // Said at once: a suite that is stopped before its end has not worked in vain.
      for (const { fault, tried, lost, wrong } of found) {
        say(`${fault}: tried ${tried}, lost ${lost.length}, wrong ${wrong.length}`);
      }
      rows.push(...found);
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
