import { missingShards } from '../execution/missing-shards.ts';
import type { MergedSweep } from '../report/merge-text.ts';
import { openStore } from './open-store.ts';

/** How far sweeps are of which something was brought into a store. */
export async function mergedSweeps(into: string, names: readonly string[]): Promise<MergedSweep[]> {
  await using store = await openStore(into, { mode: 'read' });
  const found: MergedSweep[] = [];
  for (const summary of await store.sweeps()) {
    if (names.includes(summary.name)) found.push({ summary, missing: await missingShards(store, summary.name) });
  }
  return found;
}

export function sweepJson({ summary, missing }: MergedSweep) {
  const { name, configurationCount, pendingCount, errorCount, shards } = summary;
  return {
    sweep: name,
    configurations: configurationCount,
    pending: pendingCount,
    error: errorCount,
    shards,
    missing: missing.map(({ shard, ...rest }) => ({ ...shard, ...rest })),
  };
}
