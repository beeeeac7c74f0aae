import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumberFrom, wholeNumberWithin } from '../sweep/parameter-rules.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import { show } from '../sweep/problems.ts';
import { type AnyPlan, checkedShard, MAX_SHARDS, type Shard, shardPlan } from '../sweep/shards.ts';
import { messageOf, UserError } from '../user-error.ts';
import { numberBy } from './arguments.ts';

export type ShardOptions = {
  shard?: Shard;
  shardIndex?: number;
  shards?: number;
};

/** Which part of a sweep a command is about, in the words of those who count from 1 and from 0. */
export function shardOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--shard <i/n>',
        'only the i-th of n parts of the sweep, such as 3/16; sweep merge brings their stores together',
      )
        .argParser(parseShard)
        .conflicts(['shardIndex', 'shards']),
    )
    .option('--shard-index <i>', 'the same, counted from 0: with --shards', numberBy(wholeNumberFrom(0)))
    .option('--shards <n>', 'how many parts, with --shard-index', numberBy(wholeNumberWithin(1, MAX_SHARDS)));
}

/** @throws UserError when one of the two numbers is missing, or there is no such shard */
export function inShard(plan: SweepPlan, options: ShardOptions): AnyPlan {
  const shard = options.shard ?? countedFromZero(options);
  return shard === null ? plan : shardPlan(plan, shard);
}

function countedFromZero({ shardIndex, shards }: ShardOptions): Shard | null {
  if (shardIndex === undefined && shards === undefined) return null;
  if (shards === undefined) throw new UserError('--shard-index: expected --shards beside it, the number of all shards');
  if (shardIndex === undefined) throw new UserError('--shards: expected --shard-index beside it, from 0');
  if (shardIndex >= shards) {
    throw new UserError(`--shard-index: expected a whole number from 0 to ${shards - 1}, got ${shardIndex}`);
  }
  return { number: shardIndex + 1, count: shards };
}

function parseShard(text: string): Shard {
  const [, number, count] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (number === undefined)
    throw new InvalidArgumentError(`expected one of how many, such as 3/16, got ${show(text)}.`);
  try {
    return checkedShard({ number: Number(number), count: Number(count) });
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error).replace(/^shards?: /, '')} in ${show(text)}`);
  }
}
