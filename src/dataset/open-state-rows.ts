import { readBaselineRun } from '../baseline/baseline-run.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { messageOf } from '../user-error.ts';
import { buildStateRows, countStateRows, joinBaselineRun, type RunFacts, type StateRows } from './state-rows.ts';
import { type CacheOptions, cacheStateRows, inputsHash, readCachedStateRows } from './state-rows-cache.ts';

/** State rows that are ready to be put into shared memory, once somebody has planned it. */
export type StateRowsSource = {
  readonly run: RunFacts;
  /** ageMinutes → an upper bound of its rows */
  readonly counts: ReadonlyMap<number, number>;
  readonly fromCache: boolean;
  fill(arena: SharedArena): Promise<StateRows>;
};

/**
 * The state rows of some ages of a baseline run: from the cache where an earlier run has built them from the very same
 * bytes, else read, joined and built, and put into the cache.
 *
 * @throws UserError when the baseline run is not what the contract says
 */
export async function openStateRows(
  dataRoot: string,
  runId: string,
  agesMinutes: readonly number[],
  options: {
    readonly featureOrderFile?: string | undefined;
    readonly cache: CacheOptions | null;
    readonly onCacheProblem?: ((message: string) => void) | undefined;
  },
): Promise<StateRowsSource> {
  const { cache, featureOrderFile } = options;
  const inputs = cache === null ? null : await inputsHash(dataRoot, runId, featureOrderFile);
  if (cache !== null && inputs !== null) {
    const cached = await readCachedStateRows(cache, inputs, agesMinutes);
    if (cached !== null) return { ...cached, fromCache: true, fill: async (arena) => cached.fill(arena) };
  }
  const run = await readBaselineRun(dataRoot, runId, featureOrderFile);
  const joins = joinBaselineRun(run);
  const counts = countStateRows(joins, agesMinutes);
  const fill = async (arena: SharedArena): Promise<StateRows> => {
    const rows = buildStateRows(joins, counts, arena);
    // Files that were replaced while they were read must not be taken for those that were hashed.
    if (cache !== null && inputs !== null && inputs === (await inputsHash(dataRoot, runId, featureOrderFile))) {
      try {
        await cacheStateRows(cache, inputs, rows, counts);
      } catch (error) {
        // The cache saves time and nothing else: without it the next run builds the rows again.
        options.onCacheProblem?.(
          `${cache.folder}: state rows could not be kept for the next run (${messageOf(error)})`,
        );
      }
    }
    return rows;
  };
  return { run, counts, fromCache: false, fill };
}
