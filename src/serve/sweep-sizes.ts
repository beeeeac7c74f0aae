import type { SweepSummary } from '../store/records.ts';
import { expandStored } from '../sweep/stored-definition.ts';
import { datasetLabel } from './live-rows.ts';

/** How many configurations a sweep has of each of its datasets; null where its definition cannot tell. */
export function sizesOfDatasets({
  configurationCount,
  lastRun,
}: Pick<SweepSummary, 'configurationCount' | 'lastRun'>): ReadonlyMap<string, number> | null {
  const all = expandStored(lastRun.definition, configurationCount);
  if (all === null) return null;
  const sizes = new Map<string, number>();
  for (const configuration of all) {
    const label = datasetLabel(configuration);
    sizes.set(label, (sizes.get(label) ?? 0) + 1);
  }
  return sizes;
}
