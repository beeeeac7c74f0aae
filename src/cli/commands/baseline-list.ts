import { Command } from 'commander';
import { describeRun, type RunDescription } from '../../baseline/describe-run.ts';
import { listRuns } from '../../baseline/list-runs.ts';
import { runListJson, runListText } from '../../report/run-list.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep baseline list`: the baseline runs below a data root. */
export function baselineListCommand(): Command {
  return new Command('list')
    .description('list the baseline runs below a data root')
    .option('--data-root <dir>', 'folder that holds trader-v4/runs', 'data')
    .option('--json', 'print them as JSON', false)
    .action(async ({ dataRoot, json }: { dataRoot: string; json: boolean }) => {
      const runs: RunDescription[] = [];
      for (const run of listRuns(dataRoot)) runs.push(await describeRun(run));
      print(json ? runListJson(runs) : runListText(runs, dataRoot, stdoutScreen()));
    });
}
