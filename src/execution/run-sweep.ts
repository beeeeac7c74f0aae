import type { Conflict, Provenance } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';
import { type AnyPlan, sweepConfigurations } from '../sweep/shards.ts';
import { baselineData } from './baseline-data.ts';
import { Coordinator } from './coordinator.ts';
import { type HostOptions, openHost } from './host.ts';
import type { SweepObserver } from './observer.ts';
import { refuseOtherSweep, sweepStart } from './sweep-start.ts';

export type RunSweepOptions = HostOptions & {
  /** Judge everything again, whatever the store holds; a stored verdict stands. */
  readonly fresh: boolean;
  /** Take the place of a sweep of that name that has another definition. */
  readonly replace: boolean;
  /** Let a store take more than one shard of a sweep. */
  readonly mixShards: boolean;
  /** Judge again what could not be judged before. */
  readonly retryErrors: boolean;
  /** Seal the gates of what is judged, until somebody looks. */
  readonly seals: boolean;
  /** Called when the run has begun in the store, before anything is judged. */
  readonly begun?: ((store: VerdictStore) => Promise<void>) | undefined;
  /** Aborted when the user wants to stop: verdicts in hand are finished and stored. */
  readonly signal: AbortSignal;
};

/** Where a run's store is, and whether there was one when the run began. */
export type StorePlace = { readonly isThere: boolean; readonly open: () => Promise<VerdictStore> };

export type SweepRunSummary = {
  /** of the run: those of its shard, where it has one */
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
 * it is run again. A shard to which nothing falls is run, too: its store says so.
 *
 * @param place a store that is there is opened, and the sweep of this name in it looked at, before the baseline run is read;
 *   a new one is made when that has been read, so that a run that cannot begin leaves no store behind
 *
 * @throws UserError when the baseline run cannot be read or does not fit the memory; a dataset that cannot be built is a
 *   failed outcome of its configurations instead
 */
export async function runSweep(
  plan: AnyPlan,
  place: StorePlace,
  provenance: Promise<Provenance>,
  options: RunSweepOptions,
  observer: SweepObserver,
): Promise<SweepRunSummary> {
  const started = performance.now();
  const { name, baseline, configurations, datasets } = plan;
  const shard = 'shard' in plan ? { ...plan.shard, configurationCount: configurations.length } : null;
  const refuse = async (opened: VerdictStore) =>
    refuseOtherSweep(opened, name, { definition: (await provenance).definition, shard }, options);
  await using standing = place.isThere ? await place.open() : null;
  if (standing !== null) await refuse(standing);
  await using host = datasets.length === 0 ? null : await openHost(plan, options, observer);
  await using fresh = standing === null ? await place.open() : null;
  // Another run may have made it meanwhile.
  if (fresh !== null) await refuse(fresh);
  const store = standing ?? fresh!;
  using engine = host === null ? null : await host.start();

  const isFirst = (await store.lastSweep()) === null;
  const origin = await provenance;
  const data = await baselineData(baseline.dataRoot, baseline.runId, options.featureOrderFile, options);
  const { notices } = await sweepStart(store, name, { ...origin, data });
  for (const notice of notices) observer.notice?.(notice);
  const runId = await store.beginRun({
    ...origin,
    sweepName: name,
    replaces: options.replace,
    configurations: sweepConfigurations(plan).map(recordOf),
    data,
    evaluations: host?.evaluations,
    seals: options.seals,
    shard,
  });
  await options.begun?.(store);
  const coordinator = new Coordinator({ slices: datasets, store, runId, options, observer, isFirst });
  if (host !== null && engine !== null) {
    const { memoryPlan } = host;
    observer.started?.({ configurations: configurations.length, datasets: datasets.length, memoryPlan });
    await coordinator.run(engine);
  }
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
    configurations: configurations.length,
    interrupted,
    durationMs: performance.now() - started,
  };
}

function recordOf({ id, configuration }: PlannedConfiguration) {
  return { id, configuration, canonical: canonicalConfiguration(configuration) };
}
