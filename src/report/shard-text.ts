import { countOf, countText, wordFor } from '../counts.ts';
import type { RunShard } from '../store/records.ts';
import { type AnyPlan, shardText } from '../sweep/shards.ts';

/** `grid`, or `grid, shard 3/16 (19 of 300 configurations)`. */
export function planTitle(plan: AnyPlan): string {
  return 'shard' in plan ? `${nameOf(plan)} (${configurationsText(plan)})` : nameOf(plan);
}

/** `grid, shard 3/16: 19 of 300 configurations`. */
export function planSentence(plan: AnyPlan): string {
  return `${nameOf(plan)}: ${configurationsText(plan)}`;
}

function nameOf(plan: AnyPlan): string {
  return 'shard' in plan ? `${plan.name}, shard ${shardText(plan.shard)}` : plan.name;
}

function configurationsText(plan: AnyPlan): string {
  const own = plan.configurations.length;
  return 'shard' in plan ? partText(own, plan.sweepConfigurations.length) : countOf(own, 'configuration');
}

/** What `sweep run` and `sweep plan` say of a shard to which nothing falls. */
export function emptyShardText(plan: AnyPlan): string {
  return `${planTitle(plan)}: nothing falls to it, there is less to deal than shards`;
}

/** For programs: `{ shard: '3/16', sweepConfigurations: 300 }`; nothing of a whole sweep. */
export function shardJson(plan: AnyPlan) {
  if (!('shard' in plan)) return {};
  return { shard: shardText(plan.shard), sweepConfigurations: plan.sweepConfigurations.length };
}

/** `3/16`, or `1-3,5 of 16`; empty where a sweep was not dealt. */
export function shardsText(shards: readonly RunShard[]): string {
  const byCount = [...Map.groupBy(shards, ({ count }) => count)];
  return byCount
    .map(([count, group]) => {
      const [first, ...others] = group;
      return others.length === 0 ? shardText(first!) : `${rangesText(group.map(({ number }) => number))} of ${count}`;
    })
    .join('; ');
}

/** `shard 3/16: 19 of 300 configurations`. */
export function shardsSentence(shards: readonly RunShard[], sweepCount: number): string {
  const own = shards.reduce((sum, { configurationCount }) => sum + configurationCount, 0);
  const what = wordFor(shards.length, 'shard');
  return `${what} ${shardsText(shards)}: ${partText(own, sweepCount)}`;
}

function partText(own: number, all: number): string {
  return `${countText(own)} of ${countOf(all, 'configuration')}`;
}

/** Ascending numbers: `1-3,5`. */
function rangesText(numbers: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join();
}
