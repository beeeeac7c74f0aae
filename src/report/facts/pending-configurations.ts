import type { Configuration } from '../../experiment/configuration.ts';
import type { OutcomeSet, StoredSweep } from '../../store/records.ts';
import { configurationId } from '../../sweep/configuration-id.ts';
import { expandStored } from '../../sweep/stored-definition.ts';

/** The configurations of a sweep that have no outcome; none where they cannot be told from its definition. */
export function pendingConfigurations(
  { definition, configurationCount }: Pick<StoredSweep, 'definition' | 'configurationCount'>,
  { judged, failed }: Pick<OutcomeSet, 'judged' | 'failed'>,
): Configuration[] {
  const all = expandStored(definition, configurationCount);
  if (all === null) return [];
  const known = new Set([...judged, ...failed].map(({ configurationId: id }) => id));
  return all.filter((configuration) => !known.has(configurationId(configuration)));
}
