import { Command, Option } from 'commander';
import { outcomeJson } from '../../report/outcome-json.ts';
import { outcomeText } from '../../report/outcome-text.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep show ID`: one verdict in full. */
export function showCommand(): Command {
  return new Command('show')
    .description('print one configuration in full: gates, metrics, certificates, provenance')
    .argument('<id>', "configuration's id, or any prefix that names one only")
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'its outcome in this sweep (default: the one made last)')
    .option('--json', 'print {configuration, status, verdict, result, provenance}', false)
    .action(async (id: string, options: { db: string; sweep?: string; json: boolean }) => {
      await using store = await openStore(options.db, { mode: 'read' });
      const outcome = await store.find(id, { sweep: options.sweep });
      print(options.json ? outcomeJson(outcome) : outcomeText(outcome, stdoutScreen()));
    });
}
