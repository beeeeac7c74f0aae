import type { CacheOptions } from '../dataset/cache-folder.ts';
import { openStateRows } from '../dataset/open-state-rows.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { createSharedMemory, SharedArena } from '../numerics/memory.ts';
import type { Conflict, Provenance } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { PlannedConfiguration, SweepPlan } from '../sweep/plan.ts';
import { baselineData } from './baseline-data.ts';
import { Coordinator } from './coordinator.ts';
import type { Engine } from './engine.ts';
import { type MemoryLimit, planMemory } from './memory-plan.ts';
import type { FaultInjection } from './messages.ts';
import type { SweepObserver } from './observer.ts';
import { outcomeOf } from './promise-outcome.ts';
import { sweepStart } from './sweep-start.ts';
import { ThreadEngine, WorkerThreads } from './thread-engine.ts';

export type RunSweepOptions = {
  readonly threads: number;
  readonly barGaps: BarGaps;
  readonly featureOrderFile?: string | undefined;
  /** where built state rows are kept for the next run; null: nowhere */
  readonly cache: CacheOptions | null;
  /** Judge everything again, whatever the store holds; a stored verdict stands. */
  readonly fresh: boolean;
  /** Take the place of a sweep of that name that has another definition. */
  readonly replace: boolean;
  /** Judge again what could not be judged before. */
  readonly retryErrors: boolean;
  /** A configuration whose worker does not answer for so long is given up. */
  readonly timeLimitMs: number;
  readonly memoryLimit?: MemoryLimit | undefined;
  readonly fault?: FaultInjection | undefined;
  /** Aborted when the user wants to stop: verdicts in hand are finished and stored. */
  readonly signal: AbortSignal;
};

export type SweepRunSummary = {
  readonly configurations: number;
  /** already in the store when the run began */
  readonly known: number;
  readonly completed: number;
  /** could not be judged */
  readonly error: number;
  /** of those that are known: could not be judged before, and were not tried again */
  readonly errorBefore: number;
  /** verdicts that came out otherwise than those that stand under their keys */
  readonly conflicts: readonly Conflict[];
  readonly interrupted: boolean;
  readonly durationMs: number;
};

/**
 * Runs a sweep: reads its baseline run, builds each dataset once into shared memory, has an engine judge what the store
 * does not know yet, and stores each verdict as it comes. Stopped or killed at any moment, it goes on where it was when
 * it is run again.
 *
 * @param openStore is called when the baseline run has been read, so that a run that cannot begin leaves no store behind
 * @throws UserError when the baseline run cannot be read or does not fit the memory; a dataset that cannot be built is a
 *   failed outcome of its configurations instead
 */
export async function runSweep(
  plan: SweepPlan,
  openStore: () => Promise<VerdictStore>,
  provenance: Promise<Provenance>,
  options: RunSweepOptions,
  observer: SweepObserver,
): Promise<SweepRunSummary> {
  const started = performance.now();
  const ages = [...new Set(plan.datasets.flatMap((dataset) => dataset.agesMinutes))].sort((a, b) => a - b);
  observer.phase?.({ phase: 'reading' });
  // Threads take as long to start as a cache to be read.
  await using threads = new WorkerThreads(options);
  using source = await openStateRows(plan.baseline.dataRoot, plan.baseline.runId, ages, {
    ...options,
    onCacheProblem: observer.cacheProblem,
  });
  const { run, counts } = source;
  const memoryPlan = planMemory(run, counts, plan.datasets, options.threads, options.memoryLimit);
  const arena = new SharedArena(createSharedMemory(memoryPlan.totalBytes));
  await using store = await openStore();
  observer.phase?.({ phase: 'building rows' });
  const rows = await source.fill(arena);
  using engine: Engine = new ThreadEngine(threads, arena, memoryPlan, options);
  const places = Array.from({ length: memoryPlan.datasetPlaces }, () => arena.part(memoryPlan.datasetBytes));

  const isFirst = (await store.lastSweep()) === null;
  const made = await provenance;
  const data = await baselineData(plan.baseline.dataRoot, run.runId, options.featureOrderFile, options);
  const { notices } = await sweepStart(store, plan.name, { ...made, data }, options);
  for (const notice of notices) observer.notice?.(notice);
  const runId = await store.beginRun({
    ...made,
    sweepName: plan.name,
    replaces: options.replace,
    configurations: plan.configurations.map(recordOf),
    data,
  });
  observer.started?.({ configurations: plan.configurations.length, datasets: plan.datasets.length, memoryPlan });
  const { datasets } = plan;
  const coordinator = new Coordinator({ datasets, store, runId, options, observer, engine, places, isFirst });
  const kept = outcomeOf(source.keep(rows));
  await coordinator.run(rows);
  const keeping = await kept;
  if (keeping.status === 'rejected') throw keeping.reason;
  const interrupted = options.signal.aborted;
  const end = interrupted
    ? ({ outcome: 'interrupted', reason: 'stopped by a signal' } as const)
    : ({ outcome: 'finished', reason: 'everything is judged' } as const);
  await store.finishRun(runId, { ...end, finishedAt: new Date().toISOString() }, coordinator.recorded);
  const { known, completed, failed } = coordinator.counts;
  return {
    known,
    completed,
    error: failed,
    errorBefore: coordinator.errorBefore,
    conflicts: coordinator.conflicts,
    configurations: plan.configurations.length,
    interrupted,
    durationMs: performance.now() - started,
  };
}

function recordOf({ id, configuration }: PlannedConfiguration) {
  return { id, configuration, canonical: canonicalConfiguration(configuration) };
}
