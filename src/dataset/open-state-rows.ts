import type { SharedArena } from '../numerics/memory.ts';
import { systemWords } from '../system-words.ts';
import { CacheFolder, type CacheOptions, CacheProblem } from './cache-folder.ts';
import { type InputsKey, inputsKey } from './inputs-key.ts';
import type { AgeRows } from './row-counts.ts';
import type { RunFacts, StateRows } from './state-rows.ts';
import { type CachedStateRows, cacheCounts, cacheStateRows, readCachedStateRows } from './state-rows-cache.ts';

/** State rows that are ready to be put into shared memory, once somebody has planned it. */
export type StateRowsSource = Disposable & {
  readonly run: RunFacts;
  /** ageMinutes → an upper bound of its rows */
  readonly counts: ReadonlyMap<number, AgeRows>;
  readonly fromCache: boolean;
  fill(arena: SharedArena): Promise<StateRows>;
  /** Puts rows that were built into the cache, for the next run; the run itself need not wait for it. */
  keep(rows: StateRows): Promise<void>;
  /** Puts the counts into the cache, for who plans again and builds nothing. */
  keepCounts(): Promise<void>;
};

export type OpenOptions = {
  readonly featureOrderFile?: string | undefined;
  readonly cache: CacheOptions | null;
  /** Is told once why the cache costs time instead of saving it. */
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
  const cache = await openCache(dataRoot, runId, options);
  const build = () => buildFromFiles(dataRoot, runId, agesMinutes, cache, options.featureOrderFile);
  const cached = cache?.read(agesMinutes) ?? null;
  if (cached === null) return build();
  let rebuilt: StateRowsSource | undefined;
  return {
    run: cached.run,
    counts: cached.counts,
    fromCache: cached.fill !== undefined,
    fill: async (arena) => {
      const rows = cached.fill?.(arena) ?? null;
      if (rows !== null) return rows;
      if (cached.fill !== undefined) cache?.complain('a file in it is damaged');
      // The same bytes have the same counts, so that what was planned for the cache's rows holds those that are built anew.
      rebuilt = await build();
      return rebuilt.fill(arena);
    },
    keep: async (rows) => rebuilt?.keep(rows),
    keepCounts: async () => {},
    [Symbol.dispose]: () => cached[Symbol.dispose](),
  };
}

/** The cache as one baseline run sees it. Whatever is wrong with it is said once, and costs time only. */
class RunCache {
  readonly #folder: CacheFolder;
  readonly #name: string;
  readonly #key: InputsKey;
  #complain: ((message: string) => void) | undefined;

  constructor(options: CacheOptions, key: InputsKey, complain: ((message: string) => void) | undefined) {
    this.#folder = new CacheFolder(options);
    this.#name = options.folder;
    this.#key = key;
    this.#complain = complain;
  }

  complain(reason: string): void {
    this.#complain?.(`cache ${this.#name}: ${reason}; the state rows are built anew`);
    this.#complain = undefined;
  }

  read(agesMinutes: readonly number[]): CachedStateRows | null {
    try {
      return readCachedStateRows(this.#folder, this.#key.hash, this.#key.root, agesMinutes);
    } catch (error) {
      if (!(error instanceof CacheProblem)) throw error;
      this.complain(error.message);
      return null;
    }
  }

  /** @param filesRead what the rows were made of */
  async write(
    filesRead: readonly string[],
    write: (folder: CacheFolder, hash: string) => Promise<void>,
  ): Promise<void> {
    const uncovered = filesRead.find((path) => !this.#key.covers(path));
    if (uncovered !== undefined) throw new Error(`${uncovered} was read, and the cache's key does not depend on it`);
    // Files that were replaced while they were read must not be taken for those that were hashed.
    if (!this.#key.isCurrent()) return;
    try {
      await write(this.#folder, this.#key.hash);
    } catch (error) {
      // Full, read-only, no folder: without it the next run builds the rows again.
      this.complain(`cannot be written (${systemWords(error)})`);
    }
  }
}

async function openCache(
  dataRoot: string,
  runId: string,
  { cache, featureOrderFile, onCacheProblem }: OpenOptions,
): Promise<RunCache | null> {
  if (cache === null) return null;
  const key = await inputsKey(dataRoot, runId, featureOrderFile);
  return key === null ? null : new RunCache(cache, key, onCacheProblem);
}

async function buildFromFiles(
  dataRoot: string,
  runId: string,
  agesMinutes: readonly number[],
  cache: RunCache | null,
  featureOrderFile: string | undefined,
): Promise<StateRowsSource> {
  // Loaded when there is something to read: parquet and ONNX readers take longer to load than a cache takes to read.
  const [{ readBaselineRun }, { buildStateRows, countStateRows, joinBaselineRun, readRunNumbers }] = await Promise.all([
    import('../baseline/baseline-run.ts'),
    import('./state-rows.ts'),
  ]);
  const run = await readBaselineRun(dataRoot, runId, featureOrderFile);
  const joins = joinBaselineRun(run);
  const counts = countStateRows(joins, agesMinutes);
  return {
    run: joins.run,
    counts,
    fromCache: false,
    fill: async (arena) => buildStateRows(joins, counts, await readRunNumbers(run, arena), arena),
    keep: async (rows) => cache?.write(run.filesRead, (folder, hash) => cacheStateRows(folder, hash, rows, counts)),
    keepCounts: async () => cache?.write(run.filesRead, (folder, hash) => cacheCounts(folder, hash, joins.run, counts)),
    [Symbol.dispose]: () => {},
  };
}
