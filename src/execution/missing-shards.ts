import type { Json } from '../canonical-json.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { storedDefinition } from '../sweep/definition-change.ts';
import { planSweep } from '../sweep/plan.ts';
import { type Shard, shardPlan } from '../sweep/shards.ts';
import { UserError } from '../user-error.ts';

/** A shard of which something is not in the store. */
export type MissingShard = {
  readonly shard: Shard;
  readonly configurationCount: number;
  /** Of these, those that nothing is known of. */
  readonly pendingCount: number;
  /** As the sweep was run: what is dealt depends on it. */
  readonly limit: number | null;
  /** The definition's file as the last run had it; null where it was a version that did not keep it. */
  readonly file: string | null;
};

/**
 * The shards of a sweep of which configurations have no outcome in a store, dealt once more from its definition. Empty for
 * a sweep that was not dealt, or by another number in each run, or whose definition is by other rules than this version's.
 */
export async function missingShards(store: VerdictStore, name: string): Promise<MissingShard[]> {
  const [sweep, summary] = [await store.sweep(name), (await store.sweeps()).find((each) => each.name === name)];
  const counts = new Set(summary?.shards.map(({ count }) => count));
  const [count] = counts;
  if (sweep === null || summary === undefined || count === undefined || counts.size > 1) return [];
  if (summary.pendingCount === 0) return [];
  const { options } = summary.lastRun;
  const limit = limitOf(options);
  const file = fileOf(options);
  const plan = planOf(sweep.definition, name, limit);
  if (plan === null) return [];
  const { judged, failed } = await store.outcomes({ sweep: name });
  const known = new Set([...judged, ...failed].map(({ configurationId }) => configurationId));
  return Array.from({ length: count }, (_, i) => shardPlan(plan, { number: i + 1, count })).flatMap(
    ({ shard, configurations }) => {
      const pendingCount = configurations.filter(({ id }) => !known.has(id)).length;
      return pendingCount === 0
        ? []
        : [{ shard, configurationCount: configurations.length, pendingCount, limit, file }];
    },
  );
}

function planOf(definition: Json, name: string, limit: number | null) {
  try {
    return planSweep(storedDefinition(definition, name), { limit: limit ?? undefined });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return null;
  }
}

function limitOf(options: Json): number | null {
  const limit = typeof options === 'object' && options !== null && 'limit' in options ? options.limit : null;
  return typeof limit === 'number' ? limit : null;
}

function fileOf(options: Json): string | null {
  const file = typeof options === 'object' && options !== null && 'file' in options ? options.file : null;
  return typeof file === 'string' ? file : null;
}
