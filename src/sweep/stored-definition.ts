import type { Json } from '../canonical-json.ts';
import type { Configuration } from '../experiment/configuration.ts';
import { sweepDefinitionSchema } from './definition-schema.ts';
import { expandSweep } from './expand.ts';

/**
 * The configurations of a sweep that is stored, made anew from its definition. Null where that does not give as many as the
 * sweep has (`--limit`, values of earlier runs): then nobody but the store knows which they are.
 */
export function expandStored(definition: Json, configurationCount: number): Configuration[] | null {
  const parsed = sweepDefinitionSchema.safeParse(definition);
  if (!parsed.success) return null;
  const all = expandSweep(parsed.data, configurationCount + 1);
  return all.length === configurationCount ? all : null;
}
