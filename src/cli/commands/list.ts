import { Command, Option } from 'commander';
import { sweepListJson, sweepListText } from '../../report/sweep-list.ts';
import { openStore } from '../open-store.ts';
import { DEFAULT_STORE, storeWords } from '../sweep-options.ts';
import { print, stdoutScreen } from '../terminal.ts';

/** `sweep list`: the sweeps of a store. */
export function listCommand(): Command {
  return new Command('list')
    .description('list the sweeps in the store')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--json', 'print them as JSON', false)
    .action(async (options: { db: string; json: boolean }) => {
      await using store = await openStore(options.db, { mode: 'read' });
      const sweeps = await store.sweeps();
      print(
        options.json
          ? sweepListJson(sweeps)
          : sweepListText(sweeps, { ...stdoutScreen(), store: storeWords(options.db) }),
      );
    });
}
