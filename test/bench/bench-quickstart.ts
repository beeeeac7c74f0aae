import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RunCosts, runCommand } from './run-command.ts';

export type QuickstartRow = { readonly name: string } & Omit<RunCosts, 'stdout'>;

/** `npm start` in a folder where nothing is, and its sweep once more on a store of its own. */
export async function benchQuickstart(folder: string): Promise<QuickstartRow[]> {
  const home = await mkdtemp(join(folder, 'quickstart-'));
  const row = async (name: string): Promise<QuickstartRow> => {
    const { stdout: _, ...costs } = await runCommand(['quickstart'], home);
    return { name, ...costs };
  };
  const first = await row('from bars to leaderboard, the first time');
  for (const suffix of ['', '-wal', '-shm', '.writer'])
    await rm(join(home, `results/sweeps.db${suffix}`), { force: true });
  return [first, await row('its 300 configurations, from the cache, to the leaderboard')];
}
