import type { SharedArena } from '../numerics/memory.ts';
import { messageOf } from '../user-error.ts';
import type { RunFacts, StateRows } from './state-rows.ts';
import { type CacheOptions, cacheStateRows, inputsHash, readCachedStateRows } from './state-rows-cache.ts';

/** State rows that are ready to be put into shared memory, once somebody has planned it. */
export type StateRowsSource = Disposable & {
  readonly run: RunFacts;
  /** ageMinutes → an upper bound of its rows */
  readonly counts: ReadonlyMap<number, number>;
  readonly fromCache: boolean;
  fill(arena: SharedArena): Promise<StateRows>;
  /** Puts rows that were built into the cache, for the next run; the run itself need not wait for it. */
  keep(rows: StateRows): Promise<void>;
};

export type OpenOptions = {
  readonly featureOrderFile?: string | undefined;
  readonly cache: CacheOptions | null;
  readonly onCacheProblem?: ((message: string) => void) | undefined;
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
  options: OpenOptions,
): Promise<StateRowsSource> {
  const { cache, featureOrderFile } = options;
  const inputs = cache === null ? null : await inputsHash(dataRoot, runId, featureOrderFile);
  const build = () => buildFromFiles(dataRoot, runId, agesMinutes, inputs, options);
  if (cache === null || inputs === null) return build();
  const cached = await readCachedStateRows(cache, inputs, agesMinutes);
  if (cached === null) return build();
  let rebuilt: StateRowsSource | undefined;
  return {
    run: cached.run,
    counts: cached.counts,
    fromCache: true,
    fill: async (arena) => {
      const rows = cached.fill(arena);
      if (rows !== null) return rows;
      // The same bytes have the same counts, so that what was planned for the cache's rows holds those that are built anew.
      rebuilt = await build();
      return rebuilt.fill(arena);
    },
    keep: async (rows) => rebuilt?.keep(rows),
    [Symbol.dispose]: () => cached[Symbol.dispose](),
  };
}

async function buildFromFiles(
  dataRoot: string,
  runId: string,
  agesMinutes: readonly number[],
  inputs: string | null,
  { cache, featureOrderFile, onCacheProblem }: OpenOptions,
): Promise<StateRowsSource> {
  // Loaded when there is something to read: parquet and ONNX readers take longer to load than a cache takes to read.
  const [{ readBaselineRun }, { buildStateRows, countStateRows, joinBaselineRun, readRunNumbers }] = await Promise.all([
    import('../baseline/baseline-run.ts'),
    import('./state-rows.ts'),
  ]);
  const run = await readBaselineRun(dataRoot, runId, featureOrderFile);
  const joins = joinBaselineRun(run);
  const counts = countStateRows(joins, agesMinutes);
  const keep = async (rows: StateRows): Promise<void> => {
    // Files that were replaced while they were read must not be taken for those that were hashed.
    if (cache === null || inputs === null || inputs !== (await inputsHash(dataRoot, runId, featureOrderFile))) return;
    try {
      await cacheStateRows(cache, inputs, rows, counts);
    } catch (error) {
      // The cache saves time and nothing else: without it the next run builds the rows again.
      onCacheProblem?.(`${cache.folder}: state rows could not be kept for the next run (${messageOf(error)})`);
    }
  };
  const fill = async (arena: SharedArena) => buildStateRows(joins, counts, await readRunNumbers(run, arena), arena);
  return { run: joins.run, counts, fromCache: false, fill, keep, [Symbol.dispose]: () => {} };
}
