import { Command } from 'commander';
import { describePlan, planCosts } from '../../execution/plan-costs.ts';
import { planText } from '../../report/plan-text.ts';
import { printableJson } from '../../report/printable.ts';
import { planFile, runSettings, type SharedSweepOptions, sharedSweepOptions } from '../sweep-options.ts';
import { note, print, stdoutScreen } from '../terminal.ts';

/** `sweep plan FILE`: what would run, before anything does. */
export function planCommand(): Command {
  const command = new Command('plan')
    .description('print what a sweep would run: configurations, datasets, batches, memory, time')
    .argument('<file>', 'sweep definition, YAML or JSON');
  return sharedSweepOptions(command)
    .option('--json', 'print the plan as JSON, every configuration with its id', false)
    .action(async (file: string, options: SharedSweepOptions & { json: boolean }) => {
      const plan = await planFile(file, options, 'look');
      const costs = await planCosts(plan, { ...runSettings(options), onCacheProblem: note });
      if (options.json) print(printableJson(describePlan(plan, costs)));
      else print(planText(plan, costs, stdoutScreen()));
    });
}
