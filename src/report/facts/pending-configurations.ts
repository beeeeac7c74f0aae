import type { Configuration } from '../../experiment/configuration.ts';
import type { OutcomeSet, StoredSweep } from '../../store/records.ts';
import { configurationId } from '../../sweep/configuration-id.ts';
import { sweepDefinitionSchema } from '../../sweep/definition-schema.ts';
import { expandSweep } from '../../sweep/expand.ts';

/**
 * The configurations of a sweep's definition that have no outcome. None where the definition does not give as many as the
 * sweep has (`--limit`, values of earlier runs): then nobody but the store knows which they are.
 */
export function pendingConfigurations(
  { definition, configurationCount }: Pick<StoredSweep, 'definition' | 'configurationCount'>,
  { judged, failed }: Pick<OutcomeSet, 'judged' | 'failed'>,
): Configuration[] {
  const parsed = sweepDefinitionSchema.safeParse(definition);
  if (!parsed.success) return [];
  const all = expandSweep(parsed.data, configurationCount + 1);
  if (all.length !== configurationCount) return [];
  const known = new Set([...judged, ...failed].map(({ configurationId: id }) => id));
  return all.filter((configuration) => !known.has(configurationId(configuration)));
}
