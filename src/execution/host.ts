import type { CacheOptions } from '../dataset/cache-folder.ts';
import { openStateRows, type StateRowsSource } from '../dataset/open-state-rows.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { createSharedMemory, SharedArena } from '../numerics/memory.ts';
import type { RowSelection } from '../store/records.ts';
import type { BaselineReference } from '../sweep/sweep-definition.ts';
import { evaluationsOf, type RunEvaluations } from './evaluations.ts';
import { HostEngine } from './host-engine.ts';
import { type MemoryLimit, type MemoryPlan, planMemory } from './memory-plan.ts';
import type { SweepObserver } from './observer.ts';
import { ThreadEngine, type ThreadEngineOptions, WorkerThreads } from './thread-engine.ts';

export type HostOptions = ThreadEngineOptions & {
  readonly barGaps: BarGaps;
  readonly featureOrderFile?: string | undefined;
  /** where built state rows are kept for the next run; null: nowhere */
  readonly cache: CacheOptions | null;
  readonly memoryLimit?: MemoryLimit | undefined;
};

/** This machine's threads, the baseline run that they are to work on, and a memory that is planned and not yet taken. */
export type Host = AsyncDisposable & {
  readonly memoryPlan: MemoryPlan;
  /** What its locked splits are of. */
  readonly evaluations: RunEvaluations;
  /** Builds the state rows in the shared memory. Once. */
  start(): Promise<HostEngine>;
};

/** What a host is opened for: a plan is one. */
export type HostWork = { readonly baseline: BaselineReference; readonly datasets: readonly RowSelection[] };

/**
 * Reads a plan's baseline run, starts threads meanwhile, and plans the memory for every dataset of the plan.
 *
 * @throws UserError when the baseline run cannot be read or does not fit the memory
 */
export async function openHost(plan: HostWork, options: HostOptions, observer: SweepObserver): Promise<Host> {
  const ages = [...new Set(plan.datasets.flatMap((dataset) => dataset.agesMinutes))].sort((a, b) => a - b);
  await using opened = new AsyncDisposableStack();
  observer.phase?.({ phase: 'reading' });
  // Threads take as long to start as a cache to be read.
  const threads = opened.use(new WorkerThreads(options));
  const source = opened.use(
    await openStateRows(plan.baseline.dataRoot, plan.baseline.runId, ages, {
      ...options,
      onCacheProblem: observer.cacheProblem,
    }),
  );
  const memoryPlan = planMemory(source.run, source.counts, plan.datasets, options.threads, options.memoryLimit);
  const arena = new SharedArena(createSharedMemory(memoryPlan.totalBytes));
  const kept = opened.move();
  return {
    memoryPlan,
    evaluations: evaluationsOf(source.run, options.barGaps),
    start: () => startEngine({ source, arena, memoryPlan, threads }, options, observer),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type HostParts = {
  readonly source: StateRowsSource;
  readonly arena: SharedArena;
  readonly memoryPlan: MemoryPlan;
  readonly threads: WorkerThreads;
};

/** The order in which the memory is taken is that of ARCHITECTURE's section on it. */
async function startEngine(
  { source, arena, memoryPlan, threads }: HostParts,
  options: HostOptions,
  observer: SweepObserver,
): Promise<HostEngine> {
  observer.phase?.({ phase: 'building rows' });
  const rows = await source.fill(arena);
  const engine = new ThreadEngine(threads, arena, memoryPlan, options);
  const places = Array.from({ length: memoryPlan.datasetPlaces }, () => arena.part(memoryPlan.datasetBytes));
  const keepRows = () => source.keep(rows);
  return new HostEngine({ rows, keepRows, engine, places, barGaps: options.barGaps, observer });
}
