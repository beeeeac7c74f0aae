import { UserError } from '../user-error.ts';
import type { PlannedConfiguration, PlannedDataset, SweepPlan } from './plan.ts';
import { judgingCost, preparationCost, type Slice, slicesOf } from './slices.ts';

/** One of several parts that a sweep is dealt to, each for a machine of its own: the third of sixteen is `3/16`. */
export type Shard = {
  /** From 1. */
  readonly number: number;
  readonly count: number;
};

/** More than any cluster that runs jobs in an array. */
export const MAX_SHARDS = 4096;

/** Small enough that shards end together, large enough that fits share what they pass. */
const SLICES_PER_SHARD = 8;

/** A plan of one shard's configurations, and what it is a part of. */
export type ShardPlan = SweepPlan & {
  readonly shard: Shard;
  /** All configurations of the sweep. */
  readonly sweepConfigurations: readonly PlannedConfiguration[];
};

/** A whole sweep's, or a shard's. */
export type AnyPlan = SweepPlan | ShardPlan;

/** All configurations of the sweep that a plan is of. */
export function sweepConfigurations(plan: AnyPlan): readonly PlannedConfiguration[] {
  return 'shard' in plan ? plan.sweepConfigurations : plan.configurations;
}

/**
 * What falls to a shard, possibly nothing: where a sweep has fewer slices than shards.
 *
 * @throws UserError when there is no such shard
 */
export function shardPlan(plan: SweepPlan, shard: Shard): ShardPlan {
  const { number, count } = checkedShard(shard);
  const datasets = datasetsOf(dealSlices(plan.datasets, count)[number - 1]!, plan.datasets);
  return {
    ...plan,
    datasets,
    configurations: datasets.flatMap(({ configurations }) => configurations),
    shard: { number, count },
    sweepConfigurations: plan.configurations,
  };
}

/** @throws UserError when the number is not one of the count */
export function checkedShard(shard: Shard): Shard {
  const { number, count } = shard;
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_SHARDS)) {
    throw new UserError(`shards: expected a whole number from 1 to ${MAX_SHARDS}, got ${count}`);
  }
  if (!(Number.isInteger(number) && number >= 1 && number <= count)) {
    throw new UserError(`shard: expected a whole number from 1 to ${count}, got ${number}`);
  }
  return shard;
}

export function shardText({ number, count }: Shard): string {
  return `${number}/${count}`;
}

/**
 * Deals the slices of a sweep to shards. A pure function of the plan and the count: no clock, no rates of this machine.
 *
 * Datasets stand in a row, the longest first, ties by place, each cut into slices; the row is cut into as many parts as
 * there are shards, so that the part that takes longest takes as short as it can. A dataset has to be prepared by every
 * shard that has a slice of it: since the parts are runs of one row, that are at most as many preparations as datasets and
 * shards together, and no shard prepares more than one dataset that another has begun.
 */
export function dealSlices(datasets: readonly PlannedDataset[], count: number): Slice[][] {
  const judging = datasets.reduce((sum, dataset) => sum + judgingCost(dataset), 0);
  const cost = (dataset: PlannedDataset) => preparationCost(dataset) + judgingCost(dataset);
  const longestFirst = datasets
    .map((dataset, place) => ({ dataset, place, cost: cost(dataset) }))
    .sort((a, b) => b.cost - a.cost || a.place - b.place)
    .map(({ dataset }) => dataset);
  const row = slicesOf(longestFirst, judging / (count * SLICES_PER_SHARD));
  const parts = partsWithin(row, shortestLongest(row, count));
  return Array.from({ length: count }, (_, i) => parts[i] ?? []);
}

/** The least cost that every part can keep to when the row is cut into at most so many. */
function shortestLongest(row: readonly Slice[], count: number): number {
  // Less than the longest slice by itself no part can be; and twice all of it holds them all, whatever is rounded.
  let low = row.reduce((most, slice) => Math.max(most, preparationCost(slice) + slice.cost), 0);
  let high = 2 * row.reduce((sum, slice) => sum + preparationCost(slice) + slice.cost, 0);
  // As far as float64 can tell two costs apart.
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (partsWithin(row, middle).length <= count) high = middle;
    else low = middle;
  }
  return high;
}

/** Cuts the row where the next slice would make a part longer than the limit. */
function partsWithin(row: readonly Slice[], limit: number): Slice[][] {
  const parts: Slice[][] = [];
  let load = Infinity;
  for (const slice of row) {
    const last = parts.at(-1);
    const isPrepared = last?.at(-1)?.key === slice.key;
    const added = slice.cost + (isPrepared ? 0 : preparationCost(slice));
    if (last !== undefined && load + added <= limit) {
      last.push(slice);
      load += added;
    } else {
      parts.push([slice]);
      load = slice.cost + preparationCost(slice);
    }
  }
  return parts;
}

/** Slices as datasets of the plan, in its order: what falls to a host it judges dataset by dataset. */
function datasetsOf(slices: readonly Slice[], datasets: readonly PlannedDataset[]): PlannedDataset[] {
  const byKey = Map.groupBy(slices, ({ key }) => key);
  return datasets.flatMap((dataset) => {
    const own = byKey.get(dataset.key);
    if (own === undefined) return [];
    const chosen = new Set(own.flatMap(({ configurations }) => configurations));
    return [{ ...dataset, configurations: dataset.configurations.filter((planned) => chosen.has(planned)) }];
  });
}
