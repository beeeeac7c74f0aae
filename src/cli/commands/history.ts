import { Command, Option } from 'commander';
import { historyJson, historyText } from '../../report/history-text.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep history NAME`: the runs of a sweep. */
export function historyCommand(): Command {
  return new Command('history')
    .description('list the runs of a sweep: when, who, where, how many judged, why they ended')
    .argument('<sweep>', "the sweep's name")
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--json', 'print them as JSON', false)
    .action(async (sweep: string, options: { db: string; json: boolean }) => {
      await using store = await openStore(options.db, { mode: 'read' });
      const runs = await store.history(sweep);
      print(options.json ? historyJson(sweep, runs) : historyText(runs, stdoutScreen()));
    });
}
