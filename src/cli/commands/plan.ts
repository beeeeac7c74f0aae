import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { BENCH_RATES, learnRates, type Rates } from '../../execution/learned-rates.ts';
import { describePlan, planCosts } from '../../execution/plan-costs.ts';
import { planText } from '../../report/plan-text.ts';
import { printableJson } from '../../report/printable.ts';
import { emptyShardText, shardJson } from '../../report/shard-text.ts';
import { changedDataText } from '../changed-data.ts';
import { openStore } from '../open-store.ts';
import { inShard, type ShardOptions, shardOptions } from '../shard-options.ts';
import { DEFAULT_STORE, planFile, runSettings, type SharedSweepOptions, sharedSweepOptions } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

/** `sweep plan FILE`: what would run, before anything does. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('print what a sweep would run: configurations, datasets, batches, memory, time')
    .argument('<file>', 'sweep definition, YAML or JSON')
    .addOption(new Option('--db <file>', 'store whose durations the time is estimated by').default(DEFAULT_STORE));
  return shardOptions(sharedSweepOptions(command))
    .option('--json', 'print the plan as JSON, every configuration with its id', false)
    .action(async (file: string, options: SharedSweepOptions & ShardOptions & { db: string; json: boolean }) => {
      const { definition: _, ...whole } = await planFile(file, options, 'look');
      const plan = inShard(whole, options);
      if (plan.datasets.length === 0) {
        const { name, baseline } = plan;
        const nothing = { name, baseline, ...shardJson(plan), configurationCount: 0, datasets: [], configurations: [] };
        print(options.json ? printableJson(nothing) : emptyShardText(plan));
        return;
      }
      const rates = await askStore(options.db, plan.name);
      const costs = await planCosts(plan, { ...runSettings(options), rates, onCacheProblem: note });
      if (options.json) print(printableJson({ ...describePlan(plan, costs), ...shardJson(plan) }));
      else print(planText(plan, costs, stdoutScreen()));
    });
}

/** How long it takes here, and whether what the sweep was judged on is still what it was. A store that is not there yet says nothing; one that cannot be read is an error here as everywhere. */
async function askStore(db: string, sweep: string): Promise<Rates> {
  if (!existsSync(db)) return BENCH_RATES;
  await using store = await openStore(db, { mode: 'read' });
  const changed = await changedDataText(store, sweep);
  if (changed !== null) note(changed);
  return await learnRates(store);
}
