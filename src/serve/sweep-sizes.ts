import type { SweepSummary } from '../store/records.ts';
import { sweepDefinitionSchema } from '../sweep/definition-schema.ts';
import { expandSweep } from '../sweep/expand.ts';
import { datasetLabel } from './live-rows.ts';

/**
 * How many configurations a sweep has of each of its datasets, by its definition; null where that does not give as many as
 * the sweep has (`--limit`, values of earlier runs).
 */
export function sizesOfDatasets({
  configurationCount,
  lastRun,
}: Pick<SweepSummary, 'configurationCount' | 'lastRun'>): ReadonlyMap<string, number> | null {
  const parsed = sweepDefinitionSchema.safeParse(lastRun.definition);
  if (!parsed.success) return null;
  const all = expandSweep(parsed.data, configurationCount + 1);
  if (all.length !== configurationCount) return null;
  const sizes = new Map<string, number>();
  for (const configuration of all) {
    const label = datasetLabel(configuration);
    sizes.set(label, (sizes.get(label) ?? 0) + 1);
  }
  return sizes;
}
